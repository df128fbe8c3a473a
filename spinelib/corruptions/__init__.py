"""Corruptions that a film or a volume really meets, five severities each, for whole batches on any device."""

from spinelib.corruptions.corruption import SEVERITIES, Corrupted, Corruption, Scene, corrupt
from spinelib.corruptions.draws import Draws, case_seeds
from spinelib.corruptions.table import CORRUPTIONS, chosen

__all__ = [
    "CORRUPTIONS",
    "SEVERITIES",
    "Corrupted",
    "Corruption",
    "Draws",
    "Scene",
    "case_seeds",
    "chosen",
    "corrupt",
]
