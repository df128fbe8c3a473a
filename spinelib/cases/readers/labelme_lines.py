"""Strokes and clicks of a Labelme file that mean an area: closed lines, and vertebrae given by four points.

(C, our choice) A linestrip whose two ends lie close together, for its length, is an outline. Four points of one level's
name are the corners of that vertebra, in whatever order they were set.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from spinelib.cases.readers.labelme_shapes import POLYGON, Ring, shape_points
from spinelib.cases.readers.spine_names import level_of

# Distance between the ends of a closed line over its length.
CLOSED = 0.15


def read_lines(path: Path, shapes: list[Any]) -> list[Any]:
    """The shapes with polygons in place of closed lines and of the last of four points that are one vertebra.

    The other three points are taken away, None in their place, so that shapes keep their numbers. Raises BadInput for
    points that are none.
    """
    found = list(shapes)
    for number, item in enumerate(shapes):
        if _kind(item) == "linestrip" and _is_closed(shape_points(path, number + 1, item)):
            found[number] = {**item, "shape_type": POLYGON}
    clicks = {number: str(item.get("label")) for number, item in enumerate(shapes) if _kind(item) == "point"}
    count = Counter(level_of(name) for name in clicks.values())
    for level in (level for level, several in count.items() if level and several == 4):
        places = [number for number, name in clicks.items() if level_of(name) == level]
        corners = [shape_points(path, number + 1, shapes[number]) for number in places]
        if all(len(points) == 1 for points in corners):
            for number in places[:3]:
                found[number] = None
            ring = _ordered(np.concatenate(corners)).tolist()
            found[places[3]] = {**shapes[places[3]], "shape_type": POLYGON, "points": ring}
    return found


def _kind(item: Any) -> str:
    return str(item.get("shape_type") or "").lower() if isinstance(item, dict) else ""


def _is_closed(points: Ring) -> bool:
    if len(points) < 4:
        return False
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    return float(np.linalg.norm(points[-1] - points[0])) <= CLOSED * length


def _ordered(points: Ring) -> Ring:
    """Four points in their order around their centre."""
    away = points - points.mean(0)
    return points[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]
