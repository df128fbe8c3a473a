"""Cobb errors of a data set's predicted masks as rows of the case table, and the readings behind them.

Penalty: a film without a reading counts as a straight spine, its three angles 0. Its errors then are the true angles,
its SMAPE 100 %, and its status says why: ``empty_prediction``, ``few_vertebrae`` or ``out_of_range``. Every other
film has status ``ok``, also where vertebrae are missing or merged and the centreline was read; `readings` tells these
apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.cases import CaseArrays
from spinelib.cases.frame import letterbox
from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.cobb.masks import from_labels, from_mask
from spinelib.measures.cobb.reading import LIMIT, FilmSize, Reading, from_corners
from spinelib.measures.cobb.rules import Floats, aasce_angles
from spinelib.measures.metric import Kind
from spinelib.measures.registry import of_kind
from spinelib.measures.tables import COLUMNS

Map = NDArray[np.uint8]
ERROR_UNITS = {metric.name: metric.unit for metric in of_kind(Kind.ANGLES)}
# What the angles were read from: the outline of the spine, nothing, where a network answers them itself, or corners.
STRUCTURE, ANSWERS, CORNERS = "spine", "angles", "corners"
ANGLES = ("an1", "an2", "an3")
# The case table's own word for a mask without a pixel.
NAMES = {"empty": "empty_prediction"}


def cobb_rows(
    predictions: Map, data: CaseArrays, *, condition: str = "none", severity: int = 0, **facts: Any
) -> pd.DataFrame:
    """Rows of ERROR_UNITS for every film of `data` with known corners, from predicted class maps [N, H, W].

    The columns are those of `spinelib.measures.score_maps`; unit "deg" or "%". The truth is the AASCE rule on the
    film's own corners. With one class the map is a mask of the spine, with several each class is a vertebra. Raises
    ValueError when predictions and data differ in length or grid.
    """
    frame = _reading_rows(data, *_read(predictions, data), STRUCTURE).assign(condition=condition, severity=severity)
    return pd.concat([pd.DataFrame(facts, index=frame.index), frame], axis=1) if facts else frame


def answer_rows(angles: ArrayLike, data: CaseArrays) -> pd.DataFrame:
    """Rows of ERROR_UNITS, structure ANSWERS, for every film of `data` with known corners, from angles [N, 3], degrees.

    For networks that answer the angles themselves. An answer that is not finite or beyond LIMIT counts as a straight
    spine, status ``out_of_range``. Raises ValueError for another shape.
    """
    given = np.asarray(angles, float)
    if given.shape != (len(data), 3):
        raise ValueError(f"angles must be [{len(data)}, 3], not {list(given.shape)}")
    index = _known(data)
    good = (np.isfinite(given) & (given >= 0) & (given <= LIMIT)).all(1)[index]
    status = np.where(good, "ok", "out_of_range").tolist()
    return _rows(data, index, np.where(good[:, None], given[index], 0.0), status, ANSWERS)


def corner_rows(corners: ArrayLike, data: CaseArrays) -> pd.DataFrame:
    """Rows of ERROR_UNITS, structure CORNERS, for every film of `data` with known corners, from corners [N,V,4,2] px.

    For methods that find vertebrae one by one; V need not be that of `data`, NaN stands for no vertebra.
    """
    return _reading_rows(data, *_read_corners(corners, data), CORNERS)


def _reading_rows(data: CaseArrays, index: list[int], found: list[Reading], structure: str) -> pd.DataFrame:
    angles = np.array([r.angles if r.known else np.zeros(3) for r in found]).reshape(-1, 3)
    status = ["ok" if r.known else NAMES.get(r.status, r.status) for r in found]
    return _rows(data, index, angles, status, structure)


def _rows(data: CaseArrays, index: list[int], angles: Floats, status: list[str], structure: str) -> pd.DataFrame:
    errors = image_errors(angles, true_angles(data)[index])
    rows = [
        {**_about(data, i), "structure": structure, "metric": name, "value": errors[name][k], "unit": unit}
        | {"status": status[k]}
        for k, i in enumerate(index)
        for name, unit in ERROR_UNITS.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def readings(predictions: Map, data: CaseArrays) -> pd.DataFrame:
    """The readings behind `cobb_rows`: one row per film with known corners.

    Its angles (an1..an3) and the true ones (true_an1..), degrees; the number of vertebrae and the positions of the end
    vertebrae; method, confidence, status and reason. Raises ValueError as `cobb_rows` does.
    """
    return _reading_table(data, *_read(predictions, data))


def corner_readings(corners: ArrayLike, data: CaseArrays) -> pd.DataFrame:
    """The readings behind `corner_rows`, as `readings` has them."""
    return _reading_table(data, *_read_corners(corners, data))


def _reading_table(data: CaseArrays, index: list[int], found: list[Reading]) -> pd.DataFrame:
    truth = true_angles(data)[index]
    rows = [
        {**_about(data, i), **dict(zip(ANGLES, reading.angles, strict=True))}
        | {f"true_{name}": value for name, value in zip(ANGLES, truth[k], strict=True)}
        | {"vertebrae": len(reading.corners), "upper": reading.ends[0], "lower": reading.ends[1]}
        | {"method": reading.method, "confidence": reading.confidence}
        | {"status": reading.status, "reason": reading.reason}
        for k, (i, reading) in enumerate(zip(index, found, strict=True))
    ]
    return pd.DataFrame(rows)


def read_maps(maps: Map, films: CaseArrays) -> list[Reading]:
    """The reading of each map [n,H,W] of `films`, corners in px of the grid. Raises ValueError for other lengths."""
    read = from_mask if len(films.classes) == 1 else from_labels
    count, found = films.landmarks.shape[1] or None, []
    for plane, frame in zip(maps, films.frames, strict=True):
        # What lies outside the film is no spine.
        shown = letterbox((int(frame[3]), int(frame[4])), films.grid).inside()
        found.append(read(np.where(shown, plane, 0), film_place(frame), count=count))
    return found


def film_place(frame: NDArray[np.float32]) -> FilmSize:
    """First row and height of a film on the grid, px, from its row of `CaseArrays.frames`."""
    scale, offset_y, _, height, _ = (float(value) for value in frame)
    return offset_y, height * scale


def true_angles(data: CaseArrays) -> Floats:
    """Angles [N, 3] in degrees from the corners of each film; NaN without all of them."""
    if data.landmarks.shape[1] < 2:
        return np.full((len(data), 3), np.nan)
    return aasce_angles(data.native_landmarks(), data.frames[:, 3])


def _read(predictions: Map, data: CaseArrays) -> tuple[list[int], list[Reading]]:
    """Positions of the films with known angles, and the reading of each one's predicted map."""
    if predictions.shape != data.labels.shape:
        raise ValueError(f"predictions {predictions.shape} do not match the labels {data.labels.shape}")
    index = _known(data)
    return index, read_maps(predictions[index], data.subset(index))


def _read_corners(corners: ArrayLike, data: CaseArrays) -> tuple[list[int], list[Reading]]:
    """Positions of the films with known angles, and the reading of each one's corners."""
    given, index, found = np.asarray(corners, float), _known(data), []
    for i in index:
        there = given[i][np.isfinite(given[i]).all((1, 2))]
        found.append(from_corners(there, film_place(data.frames[i]), count=data.landmarks.shape[1]))
    return index, found


def _known(data: CaseArrays) -> list[int]:
    return np.flatnonzero(np.isfinite(true_angles(data)).all(1)).tolist()


def _about(data: CaseArrays, i: int) -> dict[str, Any]:
    entry = data.table.iloc[i]
    return {name: entry[name] for name in ("split", "case", "patient", "view", "near_duplicate")}
