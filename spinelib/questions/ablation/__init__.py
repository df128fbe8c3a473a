"""Which parts of a method pay: paired differences between its variants, with intervals and a verdict in words."""

from spinelib.questions.ablation.part_effects import effects, sweeps
from spinelib.questions.ablation.records import run_facts
from spinelib.questions.ablation.views import view_effects
from spinelib.questions.ablation.words import HURTS, OPEN, PAYS, parts_by_verdict, sentence

__all__ = [
    "HURTS",
    "OPEN",
    "PAYS",
    "effects",
    "parts_by_verdict",
    "run_facts",
    "sentence",
    "sweeps",
    "view_effects",
]
