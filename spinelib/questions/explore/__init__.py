"""What is in the data, and what is wrong with it."""

from spinelib.questions.explore.film_figures import fact_histograms, mixed_sheet
from spinelib.questions.explore.patients import facts_within_patients
from spinelib.questions.explore.volume_figures import mixed_slices, structure_strips
from spinelib.questions.explore.volume_table import grid_of, labelled_table, structure_facts, volume_facts

__all__ = [
    "fact_histograms",
    "facts_within_patients",
    "grid_of",
    "labelled_table",
    "mixed_sheet",
    "mixed_slices",
    "structure_facts",
    "structure_strips",
    "volume_facts",
]
