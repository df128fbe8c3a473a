"""What the parts of a method do: contrasts of its variants, with intervals and the verdict in words."""

from spinelib.questions.ablation.part_effects import effects, sweeps
from spinelib.questions.ablation.records import run_facts
from spinelib.questions.ablation.views import view_effects
from spinelib.questions.ablation.words import PART_WORDS, parts_by_verdict, sentence

__all__ = [
    "PART_WORDS",
    "effects",
    "parts_by_verdict",
    "run_facts",
    "sentence",
    "sweeps",
    "view_effects",
]
