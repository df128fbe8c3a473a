import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.labelme_shapes import is_click, shape_kind, shape_mask, shape_points, shape_ring
from spinelib.core.errors import BadInput

FILE = Path("a.json")
BOX = np.array([[8, 10], [20, 10], [20, 30], [8, 30]], float)


def png(region):
    target = io.BytesIO()
    Image.fromarray(region).save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()


@pytest.mark.parametrize(
    ("item", "kind"),
    [({}, "polygon"), ({"shape_type": None}, "polygon"), ({"shape_type": "Rectangle"}, "rectangle")],
)
def test_kinds(item, kind):
    assert shape_kind(FILE, 1, item) == kind


@pytest.mark.parametrize("item", [{"shape_type": "ellipse"}, {"shape_type": ["polygon"]}, {"shape_type": 3}, 3, None])
def test_unknown_kinds_are_refused(item):
    with pytest.raises(BadInput, match=r"shape 4 is .*Known kinds: point"):
        shape_kind(FILE, 4, item)


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("polygon", BOX),
        ("rectangle", BOX[[0, 2]]),
        ("rectangle", BOX[[2, 0]]),
        ("rectangle", BOX[[1, 3]]),
        ("rectangle", BOX),
        ("rotation", BOX),
        ("rotated_rectangle", BOX),
        ("oriented_rectangle", BOX),
    ],
)
def test_boxes_in_every_spelling_have_the_same_corners(kind, points):
    ring = shape_ring(FILE, 1, kind, points)
    assert {tuple(point) for point in ring} == {tuple(point) for point in BOX}


def test_a_circle_is_its_centre_and_a_point_of_its_rim():
    ring = shape_ring(FILE, 1, "circle", np.array([[15.0, 20], [15, 28]]))
    np.testing.assert_allclose(np.linalg.norm(ring - (15, 20), axis=1), 8)


@pytest.mark.parametrize(("kind", "count"), [("rectangle", 3), ("rectangle", 5), ("circle", 3), ("rotation", 5)])
def test_other_numbers_of_points_are_refused(kind, count):
    with pytest.raises(BadInput, match=f"shape 2 is a {kind} with {count} points"):
        shape_ring(FILE, 2, kind, np.arange(2.0 * count).reshape(-1, 2) ** 2)


@pytest.mark.parametrize(
    ("kind", "points", "click"),
    [
        ("polygon", [], True),
        ("polygon", [[1, 1]], True),
        ("polygon", [[1, 1], [5, 5]], True),
        ("polygon", [[1, 1], [5, 5], [9, 9]], True),
        ("polygon", [[1, 1], [1, 1], [1, 1], [1, 1]], True),
        ("polygon", [[1, 1], [5, 5], [9, 8]], False),
        ("rectangle", [[1, 1]], True),
        ("rectangle", [[1, 1], [1, 9]], True),
        ("rectangle", [[1, 1], [2, 2]], False),
        ("circle", [[1, 1]], True),
        ("circle", [[1, 1], [1, 1]], True),
        ("circle", [[1, 1], [1, 2]], False),
        ("rotation", [[1, 1], [2, 2]], True),
    ],
)
def test_a_shape_that_was_never_finished_is_a_stray_click(kind, points, click):
    assert is_click(kind, shape_points(FILE, 1, {"points": points})) is click


@pytest.mark.parametrize(
    "points", ["abc", None, 3, [3], [[1]], [[1, 2, 3]], [["x", 1]], [[float("nan"), 1]], [[1e7, 1]]]
)
def test_unusable_points_are_refused(points):
    with pytest.raises(BadInput, match="shape 1 has no usable points"):
        shape_points(FILE, 1, {"points": points})


def test_a_mask_lies_between_its_two_points():
    region = np.eye(4, 6, dtype=bool)
    found, top, left = shape_mask(FILE, 1, {"mask": png(region)}, np.array([[8.0, 10], [13, 13]]), (40, 30))
    np.testing.assert_array_equal(found, region)
    assert (top, left) == (10, 8)


@pytest.mark.parametrize(
    ("item", "points", "words"),
    [
        ({}, [[8, 10], [13, 13]], "mask without data"),
        ({"mask": None}, [[8, 10], [13, 13]], "mask without data"),
        ({"mask": "!"}, [[8, 10], [13, 13]], "mask without data"),
        ({"mask": "iVBORw0KGgo="}, [[8, 10], [13, 13]], "mask that is no PNG"),
        ({"mask": png(np.ones((4, 6), bool))}, [[8, 10], [14, 13]], "6 x 4 pixels between points that hold 7 x 4"),
        ({"mask": png(np.ones((4, 6), bool))}, [[26, 10], [31, 13]], "leaves the film"),
        ({"mask": png(np.ones((4, 6), bool))}, [[-1, 10], [4, 13]], "leaves the film"),
        ({"mask": png(np.ones((4, 6), bool))}, [[8, 10]], "mask with 1 points"),
    ],
)
def test_masks_that_do_not_fit_are_refused(item, points, words):
    with pytest.raises(BadInput, match=words):
        shape_mask(FILE, 3, item, np.array(points, float), (40, 30))
