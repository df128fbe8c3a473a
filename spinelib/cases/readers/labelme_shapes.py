"""One shape of a Labelme file as an area: polygons, rectangles in three spellings, circles, masks."""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.core.errors import BadInput

Ring = NDArray[np.float64]

REMEDY = "Save it again in Labelme with polygons."
MAX_POINTS = 1_000_000
# Shapes that have no area: clicks and strokes.
LINES = ("point", "points", "line", "linestrip")
# Rectangles that are turned: X-AnyLabeling's, Labelme's, and those of their kin.
TURNED = ("rotation", "rotated_rectangle", "rotatedrectangle", "oriented_rectangle", "quadrilateral")
RECTANGLE, CIRCLE, POLYGON, MASK = "rectangle", "circle", "polygon", "mask"
# A shape with fewer points than this is a click that was never finished.
LEAST = {RECTANGLE: 2, CIRCLE: 2, POLYGON: 3, **dict.fromkeys(TURNED, 3)}


def shape_kind(path: Path, number: int, item: Any) -> str:
    """The shape_type of a shape, polygon where it is not stated. Raises BadInput for one that is unknown."""
    kind = (item.get("shape_type") or POLYGON) if isinstance(item, dict) else None
    known = (*LINES, *LEAST, MASK)
    if not isinstance(kind, str) or kind.lower() not in known:
        what = f"is of the kind {kind!r}" if isinstance(item, dict) else "is no shape"
        raise BadInput(path, f"shape {number} {what}", f"Known kinds: {', '.join(known)}.")
    return kind.lower()


def shape_points(path: Path, number: int, item: dict[str, Any]) -> Ring:
    """The points of a shape, [P, 2] (x, y), as written. Raises BadInput for what is no list of pairs of numbers."""
    try:
        if len(item["points"]) > MAX_POINTS:
            raise ValueError("too many points")
        points = (
            np.array(item["points"], dtype=float).reshape(-1, 2) if item["points"] == [] else _pairs(item["points"])
        )
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise BadInput(path, f"shape {number} has no usable points", REMEDY) from error
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all() or np.abs(points).max(initial=0) > 1e6:
        raise BadInput(path, f"shape {number} has no usable points", REMEDY)
    return points


def is_click(kind: str, points: Ring) -> bool:
    """Whether a shape was begun by a stray click: too few points, or all of them in one place or line."""
    if kind == MASK:
        return False
    flat = np.linalg.matrix_rank(points - points[0], tol=1e-6) < 2 if len(points) else True
    if kind == CIRCLE and len(points) >= 2:
        return bool((points[0] == points[1]).all())
    if kind == RECTANGLE and len(points) == 2:
        return bool((points[0] == points[1]).any())
    return bool(len(points) < LEAST[kind] or flat)


def shape_ring(path: Path, number: int, kind: str, points: Ring) -> Ring:
    """The closed outline [P, 2] of a shape that is no mask. Raises BadInput for points that do not fit its kind."""
    if kind == RECTANGLE and len(points) == 2:
        (x0, y0), (x1, y1) = points
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    if kind == CIRCLE and len(points) == 2:
        turn = np.linspace(0, 2 * np.pi, 128, endpoint=False)[:, None]
        return points[0] + np.linalg.norm(points[1] - points[0]) * np.hstack([np.cos(turn), np.sin(turn)])
    if kind == POLYGON or (kind in (RECTANGLE, *TURNED) and len(points) == 4):
        return points
    raise BadInput(path, f"shape {number} is a {kind} with {len(points)} points", REMEDY)


def shape_mask(
    path: Path, number: int, item: dict[str, Any], points: Ring, shape: tuple[int, int]
) -> tuple[NDArray[np.bool_], int, int]:
    """The pixels of an AI mask (a PNG in base64 between two points), and its first row and column in the film.

    Raises BadInput for data that is no such picture, has another size than its two points say, or leaves the film.
    """
    if len(points) != 2:
        raise BadInput(path, f"shape {number} is a mask with {len(points)} points", REMEDY)
    left, top = np.rint(points.min(0)).astype(int)
    right, bottom = np.rint(points.max(0)).astype(int)
    size = right - left + 1, bottom - top + 1
    try:
        data = base64.b64decode(item["mask"], validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if picture.size != size:
                reason = f"shape {number} is a mask of {picture.size[0]} x {picture.size[1]} pixels"
                raise BadInput(path, f"{reason} between points that hold {size[0]} x {size[1]}", REMEDY)
            if size[0] > shape[1] or size[1] > shape[0] or left < 0 or top < 0:
                raise BadInput(path, f"shape {number} is a mask that leaves the film", REMEDY)
            region = np.asarray(picture.convert("L")) > 0
    except BadInput:
        raise
    except (KeyError, TypeError, binascii.Error) as error:
        raise BadInput(path, f"shape {number} is a mask without data", REMEDY) from error
    # Decoders raise nearly anything on damaged bytes.
    except Exception as error:
        raise BadInput(path, f"shape {number} is a mask that is no PNG picture", REMEDY) from error
    if right >= shape[1] or bottom >= shape[0]:
        raise BadInput(path, f"shape {number} is a mask that leaves the film", REMEDY)
    return region, int(top), int(left)


def _pairs(points: Any) -> Ring:
    if not isinstance(points, list):
        raise TypeError("points are no list")
    return np.array(points, dtype=float)
