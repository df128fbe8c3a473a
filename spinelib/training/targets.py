"""Targets of a training: class maps, which structures they label, Cobb angles; one row per case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.measures.cobb.rules import aasce_angles
from spinelib.models.objective import FULL_ANGLE

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


def targets_of(data: CaseArrays, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The targets called `names` of all cases, by name.

    "labels" uint8 [N,*S] class map, "known" bool [N,K] structures that a case labels, "angles" float32 [N,3] as below.
    Raises KeyError for another name.
    """
    return {name: _MAKERS[name](data) for name in names}


def angle_fractions(data: CaseArrays) -> NDArray[np.float32]:
    """The three AASCE angles of every film's native corners as fractions of 90 degrees [N,3]; NaN where unknown."""
    if data.landmarks.shape[1] < 2:
        return np.full((len(data), 3), np.nan, np.float32)
    degrees = aasce_angles(data.native_landmarks(), data.frames[:, 3])
    return np.minimum(degrees / FULL_ANGLE, 1.0).astype(np.float32)


_MAKERS: Mapping[str, Callable[[CaseArrays], np.ndarray]] = {
    "labels": lambda data: data.labels,
    "known": lambda data: data.known,
    "angles": angle_fractions,
}
