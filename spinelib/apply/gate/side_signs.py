"""Signs of an answer to a film from the side: a row of vertebrae, walked from one to the next, or anything else.

(C, our choice) Lengths are relative to the film or to the row itself. The mirrored film is read as well: neck and loin
are filmed from either side, so that its vertebrae and their names are to be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.apply.gate.along import chain_lean, chain_steps, chain_winding, log_sizes, log_trend
from spinelib.apply.gate.looks import likeness
from spinelib.cases.frame import letterbox
from spinelib.spinefm.ends import CLASSES, LOWER_END, UPPER_END
from spinelib.spinefm.instances import ORDER, Instance
from spinelib.spinefm.read import FilmReading, read_films
from spinelib.spinefm.walk import DOWN, UP, Walk

if TYPE_CHECKING:
    from spinelib.apply.film import OutlinedFilm
    from spinelib.prediction.predictor import Predictor

# Sign by sign: what is said of a film that it speaks against; {} is the sign's value.
SIDE_SIGNS = {
    "found": "{:.0f} vertebrae found, which is not what a film of the neck or the loin shows",
    "unnamed": "neither C2 nor the sacrum was met, so that vertebrae have no names",
    "broken": "names of vertebrae do not follow upon each other",
    "loose": "the row of vertebrae ends amid the film, neither at C2 nor at the sacrum",
    "misplaced": "an end of the spine was seen amid the row of vertebrae",
    "score": "vertebrae were found with little certainty",
    "unread": "much was taken for vertebrae that does not lie in their row",
    "spacing": "vertebrae are unevenly spaced",
    "areas": "sizes of vertebrae jump from one to the next",
    "growth": "vertebrae do not grow from top to bottom as those of a spine do",
    "packing": "vertebrae have not the size that goes with their distance",
    "winding": "the row of vertebrae winds more than a spine does",
    "lean": "the row of vertebrae does not run from top to bottom",
    "reach": "the row does not take the part of the film's height that a neck or a loin takes",
    "above": "the row of vertebrae does not begin where it does on a film of the neck or the loin",
    "aside": "the row of vertebrae does not lie in the middle of the film",
    "aspect": "the picture has not the proportions of a film of the neck or the loin",
    "mirrored": "other vertebrae are found on the mirrored film",
    "renamed": "vertebrae have other names on the mirrored film",
}
# Those that say whether all vertebrae are found and rightly named. Where the row lies says what was filmed.
SIDE_SURE = (
    *("found", "unnamed", "broken", "loose", "misplaced", "score", "unread", "spacing", "areas", "winding"),
    *("mirrored", "renamed"),
)
# Fewer vertebrae than these are no row.
FEWEST_IN_ROW = 3
# Stops of a walk that say where the row ends: at an end of the spine, or at the border of the picture.
GOOD_STOPS = (CLASSES[UPPER_END], CLASSES[LOWER_END], "outside")


@dataclass(frozen=True)
class _Row:
    """Vertebrae from above: numbers 1, 2, ... in a map [h, w], centres [V, 2] (x, y) px, areas [V] px, levels [V]."""

    numbers: NDArray[np.intp]
    centres: NDArray[np.float64]
    areas: NDArray[np.float64]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, vertebrae: list[Instance], inside: NDArray[np.bool_]) -> _Row:
        """From masks [h, w], each cut to what is `inside` the film; those of which nothing is left do not count."""
        numbers, levels = np.zeros(inside.shape, np.intp), []
        for one in vertebrae:
            if (one.mask & inside).any():
                levels.append(one.level)
                numbers[one.mask & inside] = len(levels)
        # One that lies wholly below another has no pixel of its own.
        kept = np.bincount(numbers.ravel(), minlength=len(levels) + 1)[1:] > 0
        numbers = np.concatenate([[0], np.cumsum(kept)])[numbers]
        index = np.arange(1, int(kept.sum()) + 1)
        at = np.array(ndimage.center_of_mass(numbers > 0, numbers, index), np.float64).reshape(-1, 2)[:, ::-1]
        areas = np.bincount(numbers.ravel(), minlength=len(index) + 1)[1:].astype(float)
        return cls(numbers, at, areas, tuple(level for level, there in zip(levels, kept, strict=True) if there))


def count_row(found: OutlinedFilm) -> int:
    """Vertebrae on a film from the side."""
    return len(found.side)


def measure_side(predictor: Predictor, found: OutlinedFilm) -> dict[str, float] | None:
    """The signs of a film from the side by name, as in SIDE_SIGNS; None where fewer than three vertebrae were found."""
    if found.walked is None:
        return None
    high, wide = found.film.place.film
    frame = letterbox((high, wide), (found.image.shape[1], found.image.shape[2]))
    row = _Row.of(found.walked.vertebrae, frame.inside())
    if len(row.areas) < FEWEST_IN_ROW:
        return None
    top, left, down, across = frame.place
    signs = _names(row) | _walk_signs(found.walked, predictor.network.pipeline.score) | _shape(row)
    signs |= _place(row, (float(top), float(left)), (float(down), float(across)))
    signs |= {"aspect": float(np.log(high / wide))} | _mirrored(predictor, found, row, frame.inside())
    return {name: float(signs[name]) for name in SIDE_SIGNS}


def _names(row: _Row) -> dict[str, float]:
    """How many vertebrae there are, and whether they are called what neighbours are called."""
    places = [ORDER.index(level) for level in row.levels if level]
    broken = sum(after - before != 1 for before, after in pairwise(places))
    return {"found": len(row.levels), "unnamed": 1 - len(places) / len(row.levels), "broken": broken}


def _walk_signs(read: FilmReading, least: float) -> dict[str, float]:
    """How sure the detector was, how the walk ended and what it passed by; least: score of a detection that counts."""
    walk = read.reading.walk
    sure = [one for one in read.reading.detections if one.score > least]
    outline = np.any([one.mask for one in read.vertebrae], axis=0)
    passed = [one for one in sure if not outline[_pixel(one.centre, outline.shape)]]
    chain = [step.category for step in walk.chain]
    misplaced = chain[1:].count(CLASSES[UPPER_END]) + chain[:-1].count(CLASSES[LOWER_END])
    return {
        "loose": _loose(walk),
        "misplaced": misplaced,
        "score": float(np.mean([one.score for one in sure])) if sure else 0.0,
        "unread": len(passed) / max(len(sure), 1),
    }


def _loose(walk: Walk) -> int:
    """Ends of the row, 0 to 2, that are neither an end of the spine nor at the border of the picture."""
    stops = {step.direction: step.stop for step in walk.steps if step.stop}
    ended = {UP: walk.upper, DOWN: walk.lower}
    return sum(not met and stops.get(direction, "") not in GOOD_STOPS for direction, met in ended.items())


def _pixel(centre: tuple[float, float], shape: tuple[int, ...]) -> tuple[int, int]:
    row, column = (int(np.clip(round(at), 0, size - 1)) for at, size in zip(centre[::-1], shape, strict=True))
    return row, column


def _shape(row: _Row) -> dict[str, float]:
    """How the vertebrae follow upon each other."""
    pitch, (growth, areas) = chain_steps(row.centres), log_trend(row.areas)
    aside, down = row.centres[-1] - row.centres[0]
    return {
        "spacing": log_trend(pitch)[1],
        "areas": areas,
        "growth": growth,
        "packing": float(np.median(log_sizes(row.areas)) - 2 * np.median(log_sizes(pitch))),
        "winding": chain_winding(row.centres),
        "lean": chain_lean(float(down), float(aside)),
    }


def _place(row: _Row, corner: tuple[float, float], size: tuple[float, float]) -> dict[str, float]:
    """Where the row lies on the film, whose upper left corner and size are (y, x) px of the grid."""
    x, y = row.centres.T
    return {
        "reach": float(np.ptp(y)) / size[0],
        "above": (float(y.min()) - corner[0]) / size[0],
        "aside": abs((float(x.mean()) - corner[1]) / size[1] - 0.5),
    }


def _mirrored(predictor: Predictor, found: OutlinedFilm, row: _Row, inside: NDArray[np.bool_]) -> dict[str, float]:
    """How far the mirrored film is read alike: outlines, and names of those vertebrae that lie in both."""
    (read,) = read_films(predictor.network, found.image[None, ..., ::-1].copy())
    turned = [Instance(one.level, one.mask[:, ::-1]) for one in read.vertebrae]
    other = _Row.of(turned, inside)
    same = 0
    for (x, y), level in zip(row.centres, row.levels, strict=True):
        number = int(other.numbers[_pixel((x, y), inside.shape)])
        same += number > 0 and level != "" and other.levels[number - 1] == level
    return {"mirrored": likeness(row.numbers > 0, other.numbers > 0), "renamed": 1 - same / len(row.levels)}
