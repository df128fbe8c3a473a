"""What networks lose on images that are worse than those they learned from, and on views and sources they never saw."""

from spinelib.questions.robustness.degradation import (
    breaking,
    loss_words,
    losses,
    rank_stability,
    severity_means,
    worst_cases,
)
from spinelib.questions.robustness.gallery import Shown, sheet, worst_shown
from spinelib.questions.robustness.predict import chosen_cases, corrupted_films, measure_robustness
from spinelib.questions.robustness.quality import MEASURES, by_stratum, image_quality, quality_table
from spinelib.questions.robustness.subject_selection import Subject, clean_dice, subjects
from spinelib.questions.robustness.unseen import unseen_sources, unseen_views
from spinelib.questions.robustness.words import costliest, leader_kept

__all__ = [
    "MEASURES",
    "Shown",
    "Subject",
    "breaking",
    "by_stratum",
    "chosen_cases",
    "clean_dice",
    "corrupted_films",
    "costliest",
    "image_quality",
    "leader_kept",
    "loss_words",
    "losses",
    "measure_robustness",
    "quality_table",
    "rank_stability",
    "severity_means",
    "sheet",
    "subjects",
    "unseen_sources",
    "unseen_views",
    "worst_cases",
    "worst_shown",
]
