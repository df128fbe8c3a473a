"""Scores of one volume in its own voxels: every labelled structure, their means by group, and shifts by a level.

(B) The lineage of MRSpineSeg (networks/utils.py of pangshumao/SpineParseNet): a structure that neither prediction nor
reference has does not count; a case's score is the mean over the others, vertebrae and discs apart. (C) A structure
that the case does not label is neither hit nor error. A chain that is right but named one level off is a mistake of
another kind than a bad outline: which shift of the predicted levels fits best, and the Dice then, stand apart.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.measures import overlap
from spinelib.measures.scoring import Row, measure

ALL = "all"
GROUPS = {"vertebrae": VERTEBRAE, "discs": DISCS}
SHIFTS = (0, 1, -1, 2, -2)
Labels = NDArray[np.uint8]


def volume_rows(
    prediction: Labels,
    reference: Labels,
    classes: Sequence[str],
    spacing: Sequence[float],
    known: NDArray[np.bool_] | None = None,
) -> list[Row]:
    """Rows of structure, metric, value, unit and status of one case; class maps [D,H,W], k is classes[k-1].

    spacing: mm along (D, H, W). known: bool [K], which structures the case labels (None: all); only these have rows,
    and voxels predicted as another are predicted as nothing. Metrics, statuses and penalties are those of `measure`;
    structures "vertebrae", "discs" and "all" hold the means over those present in reference or prediction. With the
    structures of MRSpineSeg also metric level_shift, in levels (1: everything was named a level too low), and
    dice_unshifted, the mean Dice without it. A case with nothing of it has neither means nor a shift. Raises ValueError
    as `measure` does.
    """
    labelled = np.ones(len(classes), bool) if known is None else np.asarray(known, bool)
    actual = _only(reference, labelled)
    names = {name for name, yes in zip(classes, labelled, strict=True) if yes}
    found = measure(_only(prediction, labelled), actual, classes, spacing)
    rows = [row for row in found if row["structure"] in names]
    groups = _group_rows(rows)
    levels = _shift_rows(prediction, actual, labelled) if groups and tuple(classes) == STRUCTURES else []
    return rows + groups + levels


def _only(labels: Labels, labelled: NDArray[np.bool_]) -> Labels:
    """The labelled structures; all others become background."""
    if labelled.all():
        return labels
    if labels.size and labels.max() > len(labelled):
        raise ValueError(f"class {labels.max()} in a map of {len(labelled)} structures")
    return np.concatenate([[0], np.where(labelled, np.arange(1, len(labelled) + 1), 0)]).astype(np.uint8)[labels]


def _group_rows(rows: Sequence[Row]) -> list[Row]:
    table = pd.DataFrame([row for row in rows if row["status"] != "absent"])
    if table.empty:
        return []
    found = []
    for group, members in {**GROUPS, ALL: None}.items():
        own = table if members is None else table[table["structure"].isin(members)]
        means = own.groupby(["metric", "unit"], sort=False)["value"].mean().reset_index()
        for metric, unit, value in means.itertuples(index=False):
            found.append({"structure": group, "metric": metric, "value": float(value), "unit": unit, "status": "ok"})
    return found


def _shift_rows(prediction: Labels, reference: Labels, labelled: NDArray[np.bool_]) -> list[Row]:
    box = overlap.crop_to_structures(prediction, reference)
    scores = {shift: _shifted_dice(*box, shift, labelled) for shift in SHIFTS}
    # The smaller of two equal shifts: a prediction of nothing is not shifted.
    best = max(scores, key=lambda shift: (round(scores[shift], 9), -abs(shift)))
    about = {"structure": ALL, "status": "ok"}
    return [
        {**about, "metric": "level_shift", "value": float(best), "unit": "levels"},
        {**about, "metric": "dice_unshifted", "value": scores[best], "unit": "1"},
    ]


def _shifted_dice(
    prediction: overlap.Labels, reference: overlap.Labels, shift: int, labelled: NDArray[np.bool_]
) -> float:
    """Mean Dice over the structures present once every predicted level is moved up by `shift`."""
    # Moved first: what is predicted as an unlabelled neighbour may be a labelled structure once it is named right.
    counts = overlap.count(_only(moved_up(shift)[prediction], labelled), reference, len(STRUCTURES))
    present = (counts[:, :3].sum(1) > 0) & labelled
    return float(overlap.scores(counts)["dice"][present].mean()) if present.any() else 0.0


def moved_up(shift: int) -> Labels:
    """What each label becomes when vertebrae and discs are called `shift` levels higher, uint8 [20]; 0 past the ends.

    The sacrum is the lowest vertebra: a predicted L5 that is one level off may be the sacrum.
    """
    table = np.zeros(len(STRUCTURES) + 1, np.uint8)
    for first, count in ((1, len(VERTEBRAE)), (1 + len(VERTEBRAE), len(DISCS))):
        for k in range(count):
            if 0 <= k + shift < count:
                table[first + k] = first + k + shift
    return table
