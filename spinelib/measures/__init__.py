"""Scores of a segmentation against its reference: overlap, surface distances, and tables of them.

Needs numpy, scipy and pandas only. Every metric is defined in one place and computed for all structures in
one pass.
"""

from spinelib.measures.measure import measure
from spinelib.measures.registry import METRICS, Metric, higher_is_better
from spinelib.measures.tables import table

__all__ = ["METRICS", "Metric", "higher_is_better", "measure", "table"]
