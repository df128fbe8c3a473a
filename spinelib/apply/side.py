"""One film from the side, read vertebra by vertebra: a number for each in one mask, its level and its corners.

(A) Numbers are those of VerSe (Sekuboyina et al., Med Image Anal 73:102166, 2021): C1 to C7 are 1 to 7, T1 to T12 8 to
19, L1 to L5 20 to 24, the sacrum 26. (C) Vertebrae whose level is not known, since neither C2 nor S1 was met, are 101,
102 and so on from the top. A pixel that two vertebrae claim goes to the lower one.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.native import native_map
from spinelib.cases.frame import Frame
from spinelib.cases.readers.film import Film
from spinelib.measures.cobb.masks import from_labels
from spinelib.spinefm.instances import LOWER, ORDER
from spinelib.spinefm.read import SURE, FilmReading, read_films

if TYPE_CHECKING:
    from spinelib.prediction.card import Card
    from spinelib.prediction.predictor import Predictor

NUMBERS = {level: 26 if level == LOWER else k for k, level in enumerate(ORDER, 1)}
UNKNOWN = 101


@dataclass(frozen=True)
class SideVertebra:
    """One vertebra of a film from the side: its level ("" where unknown), its number in the mask, corners [4, 2] px."""

    level: str
    number: int
    corners: NDArray[np.floating]


@dataclass(frozen=True)
class SideOutline:
    """What is read on a film from the side.

    labels: numbers uint8 [H, W] in px of the file; on_grid: the same on the network's grid; names: of the numbers;
    vertebrae: from above, corners in px of the file; walked: what the pipeline read, on the network's grid.
    """

    labels: NDArray[np.uint8]
    on_grid: NDArray[np.uint8]
    names: dict[int, str]
    vertebrae: tuple[SideVertebra, ...]
    walked: FilmReading


def outline_side(predictor: Predictor, film: Film, image: NDArray[np.uint8], frame: Frame) -> SideOutline:
    """What the pipeline of `predictor` reads on a film, uint8 [C, h, w] on its input grid with its frame."""
    (read,) = read_films(predictor.network, image[None].copy())
    inside = frame.inside()
    found = [(one.level, one.mask & inside) for one in read.vertebrae if (one.mask & inside).any()]
    numbers = numbered_levels([level for level, _ in found])
    labels, on_grid = np.zeros(film.place.film, np.uint8), np.zeros(image.shape[1:], np.uint8)
    side = []
    for (level, mask), number in zip(found, numbers, strict=True):
        labels[native_map(np.where(mask, SURE, -SURE)[None].astype(np.float32), frame) > 0] = number
        on_grid[mask] = number
        corners = from_labels(mask.astype(np.uint8), count=None).corners
        if len(corners):
            in_file = film.place.to_file(frame.to_native(corners[0]))
            side.append(SideVertebra(level, number, np.asarray(in_file, float)))
    names = {number: level or str(number) for (level, _), number in zip(found, numbers, strict=True)}
    return SideOutline(film.place.back(labels), on_grid, names, tuple(side), read)


def mask_names(card: Card) -> tuple[str, ...]:
    """What the numbers 1, 2, ... in the masks of a network mean: its structures, or levels on films from the side."""
    if not card.pipeline.get("named"):
        return card.classes
    named = {number: level for level, number in NUMBERS.items()}
    return tuple(named.get(number, f"number {number}") for number in range(1, max(named) + 1))


def numbered_levels(levels: list[str]) -> list[int]:
    """A number for each of the vertebrae from the top: that of its level, or UNKNOWN and on; none twice."""
    out: list[int] = []
    for level in levels:
        number = NUMBERS.get(level, 0)
        out.append(number if number and number not in out else UNKNOWN + sum(one >= UNKNOWN for one in out))
    return out
