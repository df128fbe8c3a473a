"""What the stages of SpineFM learn from: films with a numbered mask and a centre for every vertebra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.arrays import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.spinefm.instances import Instance, ends_of, instances_of

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """N films with their vertebrae.

    films: uint8 [N,1,H,W]. numbers: uint8 [N,H,W], 0 background, k the k-th vertebra of the film from above.
    centres: per film float [K,2] (x, y) px, NaN for a vertebra without label. ends: float [N,2,2], centres of the
    upper and the lower end, NaN where the chain ends elsewhere. closed: bool [N,2], whether beyond that end there is
    no other vertebra (C2 and S1, not ends that were extrapolated). digest: of all that.
    """

    films: NDArray[np.uint8]
    numbers: NDArray[np.uint8]
    centres: tuple[Points, ...]
    ends: Points
    closed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.films)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width, px."""
        return self.numbers.shape[1], self.numbers.shape[2]

    @cached_property
    def digest(self) -> str:
        """16 hex digits over everything here."""
        parts = (self.films, self.numbers, *self.centres, self.ends, self.closed)
        return digest(*(np.ascontiguousarray(part).tobytes() for part in parts))

    @cached_property
    def areas(self) -> tuple[NDArray[np.int64], ...]:
        """Per film the pixels [K] of every vertebra."""
        pairs = zip(self.numbers, self.centres, strict=True)
        return tuple(np.bincount(film.ravel(), minlength=len(c) + 1)[1 : len(c) + 1] for film, c in pairs)

    def items(self, index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs [M,2] (film, vertebra from 0) of all vertebrae with a mask on the films `index`."""
        rows = [(int(i), int(k)) for i in index for k in np.flatnonzero(self.areas[i])]
        return np.array(rows, np.int64).reshape(-1, 2)

    def side(self, index: NDArray[np.int64]) -> float:
        """Median side of a vertebra on the films `index`: the root of its area, px. Raises BadInput without any."""
        areas = np.concatenate([self.areas[i] for i in index]) if len(index) else np.zeros(0)
        if not (areas > 0).any():
            raise BadInput("films", "have no labelled vertebra", "Use films with corners or masks of single vertebrae.")
        return float(np.sqrt(np.median(areas[areas > 0])))


def labelled(data: CaseArrays) -> Labelled:
    """All films of `data` with their vertebrae. Raises BadInput when it marks no single ones."""
    found = [instances_of(data, i) for i in range(len(data))]
    ends = [ends_of(chain) for chain in found]
    return Labelled(
        films=np.asarray(data.images).mean(1, keepdims=True).round().astype(np.uint8),
        numbers=np.stack([_numbered(chain, data.grid) for chain in found]),
        centres=tuple(_centres(chain) for chain in found),
        ends=np.array([[np.full(2, np.nan) if e is None else e.centroid for e in pair] for pair in ends]),
        closed=np.array([[e is not None and e.known for e in pair] for pair in ends]).reshape(-1, 2),
    )


def _numbered(chain: Sequence[Instance], grid: tuple[int, int]) -> NDArray[np.uint8]:
    """Vertebra numbers [H,W]; a pixel that two claim goes to the lower one."""
    out = np.zeros(grid, np.uint8)
    for number, instance in enumerate(chain, 1):
        out[instance.mask] = number
    return out


def _centres(chain: Sequence[Instance]) -> Points:
    return np.array([instance.centroid for instance in chain], np.float64).reshape(-1, 2)
