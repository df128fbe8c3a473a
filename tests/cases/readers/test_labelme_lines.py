"""Closed lines and four points of one vertebra become areas; open lines and other points stay what they are."""

import json

import numpy as np
import pytest

from spinelib.cases.readers.labelme import read_shapes
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.cases.readers.masks import inspect_mask
from spinelib.core.errors import BadInput

from ..films import spine

SHAPE = (320, 160)
RING = (0, 1, 3, 2)


def write(path, shapes):
    path.write_text(json.dumps({"imageHeight": SHAPE[0], "imageWidth": SHAPE[1], "shapes": shapes}))
    return path


def corners():
    return spine(*SHAPE)


def polygons(kind="polygon", close=False):
    rings = [quad[list(RING)] + 0.5 for quad in corners()]
    rings = [np.vstack([ring, ring[:1]]) for ring in rings] if close else rings
    return [
        {"label": level, "shape_type": kind, "points": ring.tolist()} for level, ring in zip(LEVELS, rings, strict=True)
    ]


def clicks(order=(2, 0, 3, 1)):
    return [
        {"label": level, "shape_type": "point", "points": [(quad[k] + 0.5).tolist()]}
        for level, quad in zip(LEVELS, corners(), strict=True)
        for k in order
    ]


def test_closed_lines_are_the_outlines_they_go_round(tmp_path):
    drawn = read_shapes(write(tmp_path / "a.json", polygons()), SHAPE)
    lines = read_shapes(write(tmp_path / "b.json", polygons("linestrip", close=True)), SHAPE)
    np.testing.assert_array_equal(lines.mask, drawn.mask)
    np.testing.assert_allclose(lines.corners, corners(), atol=1e-6)


def test_four_points_of_a_level_are_its_corners_in_any_order(tmp_path):
    drawn = read_shapes(write(tmp_path / "a.json", polygons()), SHAPE)
    points = read_shapes(write(tmp_path / "b.json", clicks()), SHAPE)
    np.testing.assert_array_equal(points.mask, drawn.mask)
    np.testing.assert_allclose(points.corners, corners(), atol=1e-6)
    assert "left out" not in points.remark


def test_an_open_line_and_three_points_have_no_area(tmp_path):
    line = {"label": "spine", "shape_type": "linestrip", "points": [[80, 10], [90, 100], [70, 200], [80, 300]]}
    few = [shape for k, shape in enumerate(clicks()) if k % 4]
    write(tmp_path / "a.json", [line, *few])
    with pytest.raises(BadInput, match="no area and are left out"):
        inspect_mask(tmp_path / "a.json", SHAPE)
