"""Scores of a segmentation against its reference: overlap, surface distances, and tables of them.

Needs numpy, scipy and pandas only. Every metric of the library has one entry in `registry`.
"""

from spinelib.measures.metric import Metric
from spinelib.measures.registry import METRICS, higher_is_better
from spinelib.measures.scoring import measure
from spinelib.measures.tables import score_maps

__all__ = ["METRICS", "Metric", "higher_is_better", "measure", "score_maps"]
