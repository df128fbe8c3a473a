"""Signs of an answer to a film from the front: they tell a column from anything else, and a sure answer from a guess.

(C, our choice) All lengths are relative to the film or to the column itself, so that neither grid nor pixel size
matters. Signs are measured where a reading has angles; a film without them is refused without any sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.gate.along import TINY_SHARE, chain_steps, chain_winding, log_sizes, log_trend
from spinelib.apply.gate.looks import Looks, likeness, take_looks
from spinelib.cases.frame import letterbox
from spinelib.measures.cobb.column import clean_mask, trace_centreline
from spinelib.measures.cobb.masks import from_mask
from spinelib.measures.cobb.rules import Floats

if TYPE_CHECKING:
    from spinelib.apply.film import OutlinedFilm
    from spinelib.prediction.predictor import Predictor

# Sign by sign: what is said of a film that it speaks against; {} is the sign's value.
SIGNS = {
    "bodies": "{:.0f} vertebral bodies found, where a whole spine has 17",
    "alone": "vertebral bodies run into each other or have rough outlines",
    "spacing": "vertebral bodies are unevenly spaced",
    "heights": "heights of vertebral bodies jump from one to the next",
    "widths": "widths of vertebral bodies jump from one to the next",
    "taper": "vertebral bodies do not grow wider from top to bottom as those of a spine do",
    "growth": "vertebral bodies do not grow higher from top to bottom as those of a spine do",
    "flatness": "vertebral bodies have not the proportions of a spine's",
    "share": "what was outlined is too large or too small for the spine on a film",
    "reach": "the column does not take the part of the film's height that a whole spine takes",
    "above": "the column does not begin where a spine does on a film",
    "below": "the column does not end where a spine does on a film",
    "aspect": "the picture has not the proportions of a film of the whole spine",
    "aside": "the column does not lie in the middle of the film",
    "winding": "the column winds more than a spine does",
    "margin": "the network is unsure inside the outline",
    "edges": "the outline is blurred",
    "stray": "much was taken for spine that lies outside the column",
    "mirrored": "the mirrored film is outlined differently",
    "shift": "the mirrored film has another largest angle",
    "turned": "the film turned by 180 degrees is outlined differently than spines are",
    "lead": "upside down: turned by 180 degrees it looks more like a spine",
    "bend": "the curve is larger than most",
}
# Signs that say whether an angle is right: of the column and of how far looks agree. Where the column lies on its film
# says what was filmed, and differs from one series of films to the next.
SURE_SIGNS = ("bodies", "alone", "spacing", "widths", "reach", "winding", "stray", "mirrored", "shift")
# Probabilities between which an outline is blurred; difference of angles where a look has none, degrees.
BLURRED, NO_ANGLE = (0.1, 0.9), 90.0


@dataclass(frozen=True)
class _Column:
    """The bodies of a reading from the top: centres [V, 2], widths and heights [V], px of the film."""

    centre: Floats
    width: Floats
    height: Floats

    @classmethod
    def of(cls, corners: NDArray[np.floating]) -> _Column:
        """From corners [V, 4, 2] px of the film."""
        tl, tr, bl, br = np.moveaxis(np.asarray(corners, float), 1, 0)
        return cls(corners.mean(1), _length(tr - tl + br - bl) / 2, _length(bl - tl + br - tr) / 2)


def measure_signs(predictor: Predictor, found: OutlinedFilm) -> dict[str, float] | None:
    """The signs of one film by name, as in SIGNS; None where its reading has no angles."""
    if found.reading is None or found.logits is None or not found.reading.known:
        return None
    looks = take_looks(predictor, found.image, found.logits)
    place = found.film.place
    size, grid = place.film, (looks.first.shape[0], looks.first.shape[1])
    column = _Column.of(place.to_film(found.reading.corners))
    signs = {"alone": found.reading.confidence, "bend": np.log1p(found.reading.angles[0])}
    signs |= _shape(column) | _place(column, size) | _outline(looks) | _agreement(looks)
    again = from_mask(looks.mirrored >= 0.5, _rows(size, grid))
    shift = abs(again.angles[0] - found.reading.angles[0]) if again.known else NO_ANGLE
    signs["shift"] = np.log1p(shift)
    return {name: float(signs[name]) for name in SIGNS}


def _shape(column: _Column) -> dict[str, float]:
    """How the bodies follow upon each other."""
    taper, widths = log_trend(column.width)
    growth, heights = log_trend(column.height)
    return {
        "bodies": len(column.width),
        "spacing": log_trend(chain_steps(column.centre))[1],
        "taper": taper,
        "widths": widths,
        "growth": growth,
        "heights": heights,
        "flatness": float(np.median(log_sizes(column.width) - log_sizes(column.height))),
        "winding": chain_winding(column.centre),
    }


def _place(column: _Column, size: tuple[int, int]) -> dict[str, float]:
    """Where the column lies on a film of `size` (height, width) px."""
    top, bottom = column.centre[0, 1] - column.height[0] / 2, column.centre[-1, 1] + column.height[-1] / 2
    return {
        "reach": (bottom - top) / size[0],
        "above": top / size[0],
        "below": 1 - bottom / size[0],
        "aspect": float(np.log(size[0] / size[1])),
        "aside": abs(float(column.centre[:, 0].mean()) / size[1] - 0.5),
    }


def _outline(looks: Looks) -> dict[str, float]:
    """How large and how sharp the outline is."""
    mask = looks.first >= 0.5
    column = clean_mask(mask)
    area = int(mask.sum())
    blurred = int(((looks.first > BLURRED[0]) & (looks.first < BLURRED[1])).sum())
    near = _near(column)
    return {
        "share": float(np.log(area / mask.size)),
        "margin": float(np.abs(2 * looks.first[mask] - 1).mean()),
        "edges": float(np.log(max(blurred, 1) / area)),
        "stray": float(np.log(TINY_SHARE + looks.first[~near].sum() / looks.first.sum())),
    }


def _near(column: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows of a column [h, w] between its ends, a width of it to either side of its centreline."""
    line = trace_centreline(column)
    rows, across = np.arange(column.shape[0]), np.arange(column.shape[1])
    x = np.interp(rows, line.points[:, 1], line.points[:, 0])
    wide = np.interp(rows, line.points[:, 1], line.widths, 0, 0)
    return np.abs(across - x[:, None]) < wide[:, None]


def _agreement(looks: Looks) -> dict[str, float]:
    """How far the looks agree."""
    lead = np.log((looks.turned.sum() + 1) / (looks.mirrored.sum() + 1))
    return {
        "mirrored": likeness(looks.first, looks.mirrored),
        "turned": likeness(looks.first, looks.turned),
        "lead": float(lead),
    }


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]))


def _rows(size: tuple[int, int], grid: tuple[int, int]) -> tuple[float, float]:
    """The first row and the height of a film of `size` px on the grid."""
    place = letterbox(size, grid).place
    return float(place[0]), float(place[2])
