"""Checks before a training: both sides of the split have cases, share none, and label what is to be learnt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput


def check_split(train: np.ndarray, validation: np.ndarray, count: int) -> None:
    """Raise BadInput unless both sides have cases, share none and lie within the `count` cases."""
    for name, side in (("training", train), ("validation", validation)):
        if len(side) == 0:
            raise BadInput(f"{name} cases", "there are none", "Use more cases or a smaller number of folds.")
        if side.min() < 0 or side.max() >= count:
            raise BadInput(f"{name} cases", f"lie outside 0..{count - 1}", "Split the data given here.")
    shared = np.intersect1d(train, validation)
    if len(shared):
        raise BadInput("validation cases", f"{len(shared)} also serve for training", "Split them by patient.")


def check_known(
    known: NDArray[np.bool_], train: np.ndarray, validation: np.ndarray, classes: Sequence[str], knows_all: bool
) -> None:
    """Raise BadInput for a case in use that labels no structure, and for a structure that no training case labels.

    known: structures that each case labels [N,K], of the names `classes`. knows_all: the network learnt every
    structure earlier, so that the second is allowed.
    """
    used = known[np.concatenate([train, validation])]
    if not used.any(1).all():
        reason = f"{int((~used.any(1)).sum())} of them label no structure"
        raise BadInput("training and validation cases", reason, "Leave them out, or correct labelled.csv.")
    learnt = known[train].any(0)
    if not (learnt.all() or knows_all):
        names = ", ".join(name for name, yes in zip(classes, learnt, strict=True) if not yes)
        remedy = "Add cases that do, or start from the weights of a network that has learnt it."
        raise BadInput("training cases", f"none labels {names}", remedy)


def check_angles(angles: np.ndarray, train: np.ndarray, validation: np.ndarray, shear: float) -> None:
    """Raise BadInput when films are sheared, or one side has no film with a known angle of `angles` [N,3]."""
    if shear:
        raise BadInput("recipe geometry", "shear changes the angles that are learnt", "Set shear to 0.")
    for name, side in (("training", train), ("validation", validation)):
        if not np.isfinite(angles[side]).any():
            remedy = "Use films with the corners of all vertebrae, or a method that learns from masks alone."
            raise BadInput(f"{name} cases", "have no Cobb angles to learn", remedy)
