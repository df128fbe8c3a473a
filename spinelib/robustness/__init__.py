"""What networks lose on images that are worse than those they learned from, and on views and sources they never saw."""

from spinelib.robustness.degradation import breaking, curves, loss_words, losses, rank_stability, worst_cases
from spinelib.robustness.gallery import Shown, sheet, worst_shown
from spinelib.robustness.predict import chosen_cases, corrupted_films, measure
from spinelib.robustness.quality import MEASURES, by_stratum, image_quality, quality_table
from spinelib.robustness.subjects import Subject, clean_dice, subjects
from spinelib.robustness.unseen import unseen_sources, unseen_views

__all__ = [
    "MEASURES",
    "Shown",
    "Subject",
    "breaking",
    "by_stratum",
    "chosen_cases",
    "clean_dice",
    "corrupted_films",
    "curves",
    "image_quality",
    "loss_words",
    "losses",
    "measure",
    "quality_table",
    "rank_stability",
    "sheet",
    "subjects",
    "unseen_sources",
    "unseen_views",
    "worst_cases",
    "worst_shown",
]
