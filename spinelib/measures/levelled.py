"""Single vertebrae of films, found or not whatever their name: what a walk and a class map of levels are compared by.

(B) From SpineFM's program: a vertebra is identified where any predicted mask has a Dice above 0.4 with it. (C) Of a
class map every predicted level is such a mask; what is not identified has a Dice of 0.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.spine_names import level_of
from spinelib.measures.registry import find

IDENTIFIED = 0.4  # Dice above which a reference counts as identified
VERTEBRAE = "vertebrae"  # structure of the rows of a whole film
SACRUM = "S"


def are_levels(classes: Sequence[str]) -> bool:
    """Whether the classes of films are single vertebrae, each with a name of its own."""
    return len(classes) > 1 and all(name == SACRUM or level_of(name) for name in classes)


def best_dice(prediction: NDArray[np.integer], reference: NDArray[np.integer], structures: int) -> NDArray[np.float64]:
    """Of each class that the reference has, its best Dice [R] with any predicted class; class maps [H,W]."""
    count = structures + 1
    pairs = np.bincount(reference.ravel().astype(np.intp) * count + prediction.ravel(), minlength=count**2)
    shared = pairs.reshape(count, count)
    labelled, found = shared.sum(1)[1:], shared.sum(0)[1:]
    dice = 2 * shared[1:, 1:] / np.maximum(labelled[:, None] + found, 1)
    return np.asarray(dice.max(1)[labelled > 0], np.float64)


def found_rows(dice: NDArray[np.float64], suffix: str = "") -> list[dict[str, Any]]:
    """Rows of structure "vertebrae" from the best Dice [R] of labelled vertebrae: of a film, or of several pooled.

    Metrics identified, dice_identified and, of one film, dice with misses as zero. suffix: "_pooled" of several.
    """
    found = dice > IDENTIFIED
    status = "ok" if found.any() else "empty_prediction" if len(found) else "absent"
    values = {"identified": found.mean() if len(found) else np.nan}
    values["dice_identified"] = dice[found].mean() if found.any() else np.nan
    # With the suffix it would be taken for the Dice of pooled pixels.
    values |= {} if suffix else {"dice": np.where(found, dice, 0.0).mean() if len(found) else np.nan}
    states = {"dice_identified": "ok" if found.any() else "absent"}
    return [
        {"structure": VERTEBRAE, "metric": name + suffix, "value": float(value), "unit": find(name).unit}
        | {"status": states.get(name, status)}
        for name, value in values.items()
    ]
