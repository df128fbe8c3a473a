"""A network's answers to many pictures, measured: one row each, from which a gate is made and by which it is tested."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.film import OutlinedFilm, outline_film
from spinelib.apply.gate.made import MadePicture
from spinelib.apply.gate.signs import SIGNS, measure_signs
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Columns of what a row says of its picture, before its signs.
FACTS = ("kind", "patient", "severity", "readable", "unseen", "answered", "angle", "error", "dice")


def measure_pictures(predictor: Predictor, pictures: Iterable[MadePicture]) -> pd.DataFrame:
    """A row for every picture, columns FACTS and SIGNS.

    answered: whether the reading has angles; signs, error (of the largest angle, degrees) and dice are NaN without.
    A picture goes through a file, as a user's does.
    """
    with TemporaryDirectory() as folder:
        rows = [_made_row(predictor, each, Path(folder) / "film.png") for each in pictures]
    return pd.DataFrame(rows, columns=[*FACTS, *SIGNS])


def _made_row(predictor: Predictor, picture: MadePicture, path: Path) -> dict[str, Any]:
    Image.fromarray(picture.pixels).save(path, compress_level=1)
    row = picture_row(predictor, path, picture.angle)
    found = row.pop("found")
    spine = picture.spine
    overlap = float("nan") if spine is None or found is None else _overlap(found.labels > 0, spine > 0)
    facts = {name: getattr(picture, name) for name in ("kind", "patient", "severity", "readable", "unseen", "angle")}
    return {**row, **facts, "dice": overlap}


def picture_row(predictor: Predictor, path: Path, angle: float = float("nan")) -> dict[str, Any]:
    """What is measured of the picture in one file: answered, error against `angle`, signs; and `found`, its outline.

    `found` is None for a picture that the reader of films refuses, as one of a single grey.
    """
    try:
        found: OutlinedFilm | None = outline_film(predictor, path)
    except BadInput:
        found = None
    signs = measure_signs(predictor, found) if found is not None else None
    error = float("nan")
    if found is not None and signs is not None and found.reading is not None:
        error = abs(float(found.reading.angles[0]) - angle)
    return {"answered": signs is not None, "error": error, "found": found, **(signs or {})}


def _overlap(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> float:
    return float(2 * (one & two).sum() / max(one.sum() + two.sum(), 1))
