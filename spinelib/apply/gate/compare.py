"""How far an answer is from the truth: the error by which it counts as right, and the mean Dice.

(C, our choice) Of a film from the front the error is that of the largest angle; from the side the share of the labelled
vertebrae that are not both found (Dice above 0.4, one to one) and rightly named; of a volume what its mean Dice lacks
to 1. Structures without a label are not scored: a data set may label a part of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.gate.looks import likeness
from spinelib.apply.side import NUMBERS

if TYPE_CHECKING:
    from spinelib.apply.film import OutlinedFilm
    from spinelib.apply.gate.made import MadePicture
    from spinelib.apply.volume import OutlinedVolume
    from spinelib.spinefm.instances import Instance

UNKNOWN_ERROR = float("nan")
# Share of the median vertebra's pixels below which one is a sliver at the film's border, that nobody has to find.
SLIVER = 0.2


def compare_film(found: OutlinedFilm, picture: MadePicture) -> tuple[float, float]:
    """Error of the largest angle in degrees and Dice of the spine; NaN for what is not known."""
    dice = UNKNOWN_ERROR if picture.labels is None else likeness(found.labels > 0, picture.labels > 0)
    if found.reading is None or not found.reading.known:
        return UNKNOWN_ERROR, dice
    return abs(float(found.reading.angles[0]) - picture.angle), dice


def compare_side(found: OutlinedFilm, picture: MadePicture) -> tuple[float, float]:
    """Share of the labelled vertebrae that are missed or misnamed, and their mean Dice; NaN without labels.

    Labels and answer are maps of VerSe's numbers (`apply.side`).
    """
    from spinelib.spinefm.score import score_film

    if picture.labels is None or not picture.labels.any():
        return UNKNOWN_ERROR, UNKNOWN_ERROR
    score = score_film(_vertebrae(picture.labels, SLIVER), _vertebrae(found.labels, 0.0), named=True)
    right = [shift == 0 for shift in score.shifts]
    return 1 - float(np.mean(right)), float(np.where(score.identified, score.dice, 0.0).mean())


def compare_volume(found: OutlinedVolume, picture: MadePicture) -> tuple[float, float]:
    """1 - mean Dice over the labelled structures, and that mean; NaN without labels."""
    if picture.labels is None or not picture.labels.any():
        return UNKNOWN_ERROR, UNKNOWN_ERROR
    numbers = [int(k) for k in np.unique(picture.labels) if k]
    dice = float(np.mean([likeness(found.labels == k, picture.labels == k) for k in numbers]))
    return 1 - dice, dice


def _vertebrae(labels: NDArray[np.uint8], least: float) -> list[Instance]:
    """The vertebrae in a map of VerSe's numbers from above, none below the share `least` of the median one's pixels."""
    from spinelib.spinefm.instances import Instance

    levels = {number: level for level, number in NUMBERS.items()}
    counts = {int(k): int((labels == k).sum()) for k in np.unique(labels) if k}
    enough = least * float(np.median(list(counts.values()))) if counts else 0.0
    return [Instance(levels.get(k, ""), labels == k) for k, count in counts.items() if count > enough]
