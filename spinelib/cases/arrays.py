"""All cases of a data set, films or volumes, as arrays on one grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.core.files import digest


@dataclass(frozen=True)
class CaseArrays:
    """N cases on one grid [H, W], letterboxed: grid = native * scale + offset, aspect kept, centred.

    table: manifest rows aligned with axis 0, text columns, RangeIndex.
    images: uint8 [N, C, H, W] (in memory or memory-mapped); each film's greys stretched to 1..255, 0 outside the film.
    labels: uint8 [N, H, W] class map; 0 background, k is classes[k - 1].
    classes: names of the labels, ("spine",) for radiographs.
    extra: other structures, scored by no metric, uint8 [N, H, W] in {0, 1}; "spine_column" where landmarks exist.
    landmarks: float32 [N, V, 4, 2] corners in grid pixels (x, y), NaN where unknown; V is 17 (T1..L5) or 0.
    frames: float32 [N, 5]: scale, offset_y, offset_x, native_h, native_w.
    spacing: float32 [N, 2] mm per grid pixel (row, column), NaN where unknown.
    digest: 16 hex digits over everything above and below.
    places: float32 [N, 9] where each film lies in its file (`spinelib.cases.film_place.FilmPlace`); zeros for volumes.
        What is called native is the film, in square pixels; masks and corners in files count in pixels of the file.
    known: bool [N, K]: whether structure k is labelled in case i; where it is not, its voxels may hold it all the same.
        All True by default, for films and for fully labelled volumes.

    Volumes have grid [D, H, W] (slices from right to left, downwards, to the back): images [N, 1, D, H, W], labels
    [N, D, H, W], landmarks [N, 0, 4, 2], frames [N, 9] (scale, offset, native size, each along D, H, W: grid = native *
    scale + offset) and spacing [N, 3] mm per grid voxel; see `spinelib.cases.volume_frame`.
    """

    table: pd.DataFrame
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    extra: dict[str, NDArray[np.uint8]]
    landmarks: NDArray[np.float32]
    frames: NDArray[np.float32]
    spacing: NDArray[np.float32]
    digest: str
    known: NDArray[np.bool_] = field(default_factory=lambda: np.ones((0, 0), bool))
    places: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 9), np.float32))

    def __post_init__(self) -> None:
        """Fill in `known` and `places`; raise ValueError when one has another shape."""
        shape = (len(self.table), len(self.classes))
        if self.known.size == 0:
            object.__setattr__(self, "known", np.ones(shape, bool))
        if self.known.shape != shape:
            raise ValueError(f"known is {list(self.known.shape)}, not {list(shape)}")
        if self.places.size == 0:
            object.__setattr__(self, "places", np.zeros((len(self.table), 9), np.float32))
        if self.places.shape != (len(self.table), 9):
            raise ValueError(f"places is {list(self.places.shape)}, not {[len(self.table), 9]}")

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.table)

    @property
    def grid(self) -> tuple[Any, ...]:
        """Height and width of the grid, px; slices, height and width for volumes."""
        return self.labels.shape[1:]

    def subset(self, index: ArrayLike) -> CaseArrays:
        """The cases at `index` (positions or a boolean mask [N]), in that order; slices stay views."""
        index = np.asarray(index)
        where = np.flatnonzero(index) if index.dtype == bool else index.astype(np.intp).reshape(-1)
        return CaseArrays(
            table=self.table.iloc[where].reset_index(drop=True),
            images=self.images[where],
            labels=self.labels[where],
            classes=self.classes,
            extra={name: array[where] for name, array in self.extra.items()},
            landmarks=self.landmarks[where],
            frames=self.frames[where],
            spacing=self.spacing[where],
            digest=digest(self.digest, where.astype(np.int64).tobytes()),
            known=self.known[where],
            places=self.places[where],
        )

    def native_landmarks(self) -> NDArray[np.float64]:
        """Corners [N, V, 4, 2] in native pixels: square ones of the film, in which angles are what they are."""
        scale, shift = self.frames[:, :1], self.frames[:, [2, 1]]
        return np.asarray((self.landmarks - shift[:, None, None]) / scale[:, None, None], np.float64)
