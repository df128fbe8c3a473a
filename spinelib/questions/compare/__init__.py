"""Which method outlines best, by how much, and how sure that is."""

from spinelib.questions.compare.boards import (
    board,
    board_metrics,
    board_structures,
    film_scores,
    first_structure,
    full_board,
    gallery,
    holds_volumes,
    mean_scores,
    recipes,
    run_table,
    study_cases,
    study_summary,
    text_structures,
    view_scores,
)
from spinelib.questions.compare.confusion import confusion_figure, level_confusion
from spinelib.questions.compare.contrasts import (
    Asked,
    contrasts_of,
    pair_contrasts,
    patient_differences,
    study_contrasts,
    study_family,
)
from spinelib.questions.compare.patients import effective_numbers
from spinelib.questions.compare.repeats import repeat_summary, repeat_tables
from spinelib.questions.compare.structure_figures import structure_dots
from spinelib.questions.compare.text import leaderboards
from spinelib.questions.compare.volume_tables import (
    group_counts,
    published_volumes,
    shift_table,
    structure_scores,
    structure_table,
)
from spinelib.questions.compare.words import SHOWN, compared, leader, released_beside

__all__ = [
    "SHOWN",
    "Asked",
    "board",
    "board_metrics",
    "board_structures",
    "compared",
    "confusion_figure",
    "contrasts_of",
    "effective_numbers",
    "film_scores",
    "first_structure",
    "full_board",
    "gallery",
    "group_counts",
    "holds_volumes",
    "leader",
    "leaderboards",
    "level_confusion",
    "mean_scores",
    "pair_contrasts",
    "patient_differences",
    "published_volumes",
    "recipes",
    "released_beside",
    "repeat_summary",
    "repeat_tables",
    "run_table",
    "shift_table",
    "structure_dots",
    "structure_scores",
    "structure_table",
    "study_cases",
    "study_contrasts",
    "study_family",
    "study_summary",
    "text_structures",
    "view_scores",
]
