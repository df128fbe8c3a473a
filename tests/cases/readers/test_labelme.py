import json

import numpy as np
import pytest

from spinelib.cases import read_mask
from spinelib.core.errors import BadInput

SHAPE = (40, 30)


MASK = np.zeros(SHAPE, np.uint8)
MASK[10:30, 8:20] = 1


def labelme(path, *shapes, **extra):
    path.write_text(json.dumps({"shapes": list(shapes), "imageHeight": 40, "imageWidth": 30, **extra}))
    return path


POLYGON = {"label": "spine", "points": [[8, 10], [20, 10], [20, 30], [8, 30]], "shape_type": "polygon"}


def test_a_labelme_polygon_covers_the_pixels_between_its_edges(tmp_path):
    np.testing.assert_array_equal(read_mask(labelme(tmp_path / "a.json", POLYGON), SHAPE), MASK)


def test_labelme_rectangles_circles_and_points(tmp_path):
    box = {"label": "spine", "points": [[20, 30], [8, 10]], "shape_type": "rectangle"}
    point = {"label": "note", "points": [[1, 1]], "shape_type": "point"}
    np.testing.assert_array_equal(read_mask(labelme(tmp_path / "a.json", box, point), SHAPE), MASK)
    disc = {"label": "spine", "points": [[15, 20], [15, 28]], "shape_type": "circle"}
    assert read_mask(labelme(tmp_path / "a.json", disc), SHAPE).sum() == pytest.approx(np.pi * 64, rel=0.05)


def test_labelme_labels_choose_the_class(tmp_path):
    other = {**POLYGON, "label": "disc", "points": [[1, 1], [5, 1], [5, 5], [1, 5]]}
    mask = read_mask(labelme(tmp_path / "a.json", POLYGON, other), SHAPE, ("disc", "spine"))
    assert mask[20, 10] == 2
    assert mask[2, 2] == 1
    with pytest.raises(BadInput, match=r"no known structure: 'disc' \(1\).*one of: spine, rib"):
        read_mask(labelme(tmp_path / "a.json", POLYGON, other), SHAPE, ("spine", "rib"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        '{"shapes": 3}',
        '{"shapes": [3]}',
        '{"shapes": [{"points": "abc"}]}',
        '{"shapes": [{"points": [[1, 2], [3]]}]}',
        '{"shapes": [{"points": [[1, 2], [3, "x"], [5, 6]]}]}',
        '{"shapes": [{"points": [[1, 2], [3, 1e400], [5, 6]]}]}',
        '{"shapes": [{"points": [[1, 2], [3, NaN], [5, 6]]}]}',
        '{"shapes": [{"points": [[1, 2], [3, 4]]}]}',
        '{"shapes": [{"points": [[1, 2], [3, 4]], "shape_type": "mask"}]}',
        '{"shapes": [{"points": [[1, 2], [3, 4], [5, 1]], "shape_type": ["polygon"]}]}',
        '{"shapes": []}',
        "[" * 100_000,
    ],
)
def test_odd_json_is_refused_with_one_line(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(BadInput) as error:
        read_mask(path, SHAPE)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_labelme_of_another_film_is_refused(tmp_path):
    path = labelme(tmp_path / "a.json", POLYGON, imageHeight=80)
    with pytest.raises(BadInput, match="30 x 80 pixels, this one has 30 x 40"):
        read_mask(path, SHAPE)


def test_paths_and_image_data_inside_labelme_are_not_touched(tmp_path):
    path = labelme(tmp_path / "a.json", POLYGON, imagePath="../../etc/passwd", imageData="!" * 1000)
    np.testing.assert_array_equal(read_mask(path, SHAPE), MASK)
