"""Labelme JSON: polygons, rectangles and circles drawn as a mask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.drawing import fill_polygon
from spinelib.core.errors import BadInput

REMEDY = "Save it again in Labelme with polygons."
MAX_BYTES = 200_000_000
MAX_POINTS = 1_000_000


def draw(path: Path, shape: tuple[int, int], classes: tuple[str, ...]) -> NDArray[np.uint8]:
    """Mask [H, W] of the shapes in a Labelme file; with several classes a shape's label must name one of them.

    Only points are read: image data and paths inside the file are ignored. Labelme counts from pixel edges, masks
    from pixel centres, hence the shift by half a pixel. Raises BadInput for anything else than such a file.
    """
    content = _load(path)
    stated = content.get("imageHeight"), content.get("imageWidth")
    if all(isinstance(n, int) for n in stated) and stated != tuple(shape):
        reason = f"was drawn on a film of {stated[1]} x {stated[0]} pixels, this one has {shape[1]} x {shape[0]}"
        raise BadInput(path, reason, "Draw it on the film itself.")
    out = np.zeros(shape, np.uint8)
    for number, item in enumerate(content["shapes"], 1):
        ring = _ring(path, number, item)
        if ring is not None:
            fill_polygon(out, ring - 0.5, _label(path, number, item, classes))
    return out


def _load(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(path, f"has more than {MAX_BYTES // 10**6} MB", REMEDY)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(path, "is not valid JSON", REMEDY) from error
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise BadInput(path, "has no list of shapes", REMEDY)
    return content


def _ring(path: Path, number: int, item: Any) -> NDArray[np.float64] | None:
    kind = item.get("shape_type") or "polygon" if isinstance(item, dict) else None
    if kind in ("point", "line", "linestrip", "points"):
        return None
    try:
        if len(item["points"]) > MAX_POINTS:
            raise ValueError("too many points")
        points = np.array(item["points"], dtype=float)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise BadInput(path, f"shape {number} has no usable points", REMEDY) from error
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all() or np.abs(points).max() > 1e6:
        raise BadInput(path, f"shape {number} has no usable points", REMEDY)
    if kind == "rectangle" and len(points) == 2:
        (x0, y0), (x1, y1) = points
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    if kind == "circle" and len(points) == 2:
        turn = np.linspace(0, 2 * np.pi, 128, endpoint=False)[:, None]
        return points[0] + np.linalg.norm(points[1] - points[0]) * np.hstack([np.cos(turn), np.sin(turn)])
    if kind != "polygon" or len(points) < 3:
        raise BadInput(path, f"shape {number} is a {kind} with {len(points)} points", REMEDY)
    return points


def _label(path: Path, number: int, item: dict[str, Any], classes: tuple[str, ...]) -> int:
    if len(classes) == 1:
        return 1
    if item.get("label") not in classes:
        reason = f"shape {number} is called {item.get('label')!r}"
        raise BadInput(path, reason, f"Name the shapes {', '.join(classes)}.")
    return classes.index(item["label"]) + 1
