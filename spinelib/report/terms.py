"""The words of a study's pages that a reader may not know, each told once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from spinelib.report.publish.origin import DATASET

MADE = "phantom"  # how the names of data sets of the digital patient begin
DIGITAL: Final = (
    "digital patient",
    "a body that the computer draws from a number, with the true outline and angle of everything in it. Its data sets "
    "are called phantom (films), phantom_lateral (films from the side) and phantom_mr (MR volumes).",
)
TERMS: Final = (
    ("case", "one film or one MR volume. A patient may have several; all of them lie on one side of the split."),
    ("training", "one network, taught once from one seed. Taught again from another seed it scores otherwise."),
    ("from scratch", "taught on the study's own training cases alone."),
    ("released network", "a network whose weights come with the project. It was taught elsewhere, and longer."),
    ("width", "the share of the channels that the paper's network has; a narrow one is cheaper."),
    ("recipe", "how a network is taught. The common recipe is the same for all; a published one is its paper's."),
    ("variant", "a method without one of its parts, or with one changed."),
    ("GMAC", "billions of multiply-adds for one image: what a prediction costs, on any machine."),
    ("interval", "95 % interval over patients, written [low, high]: where the mean may lie for other patients."),
    ("named beforehand", "written into the study's file before the first training, so that no result chose it."),
    ("Holm", "a correction for asking several questions at once: 5 % chance of any false verdict in all."),
    ("cannot be told", "the study's own numbers do not decide it. This is a result, not a gap."),
)


def study_terms(study: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Terms with their meanings for a study's facts (``study.json``): the digital patient where it is in the data."""
    texts = map(str, (study.get("data") or {}).values())
    made = any(name.startswith(MADE) for text in texts for name in DATASET.findall(text))
    return [*([DIGITAL] if made else []), *TERMS]
