import json

import numpy as np
import pytest

from spinelib.cases import LEVELS, draw_quadrilaterals, read_mask
from spinelib.cases.drawing import RING
from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.labelme import read_shapes
from spinelib.cases.readers.masks import inspect_mask
from spinelib.core.errors import BadInput
from tests.cases.films import spine

from .test_labelme_shapes import png

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


@pytest.mark.parametrize("height", [80, 80.0, "80", " 80 ", "80.0"])
def test_labelme_of_another_film_is_refused(tmp_path, height):
    path = labelme(tmp_path / "a.json", POLYGON, imageHeight=height)
    with pytest.raises(BadInput, match="30 x 80 pixels, this one has 30 x 40"):
        read_mask(path, SHAPE)
    with pytest.raises(BadInput, match="looks turned by 90 degrees"):
        read_mask(labelme(path, POLYGON, imageHeight=30, imageWidth="40"), SHAPE)


@pytest.mark.parametrize("height", [40, 40.0, "40", None, ""])
def test_the_size_of_the_film_may_be_written_in_many_ways(tmp_path, height):
    path = labelme(tmp_path / "a.json", POLYGON, imageHeight=height)
    np.testing.assert_array_equal(read_mask(path, SHAPE), MASK)


@pytest.mark.parametrize("height", ["tall", -40, 0, 40.5, True, [40], {}, "nan", 10**400])
def test_a_size_that_is_none_is_refused(tmp_path, height):
    with pytest.raises(BadInput, match="states imageHeight"):
        read_mask(labelme(tmp_path / "a.json", POLYGON, imageHeight=height), SHAPE)


def test_paths_and_image_data_inside_labelme_are_not_touched(tmp_path):
    path = labelme(tmp_path / "a.json", POLYGON, imagePath="../../etc/passwd", imageData="!" * 1000)
    np.testing.assert_array_equal(read_mask(path, SHAPE), MASK)


FILM = (1000, 400)
CORNERS = spine(bend=40)
VERTEBRAE = [
    {"label": level, "points": (quad[RING] + 0.5).tolist()} for level, quad in zip(LEVELS, CORNERS, strict=True)
]
TRUTH = draw_quadrilaterals(CORNERS, FILM) > 0


def on_film(path, *shapes, **extra):
    return labelme(path, *shapes, imageHeight=1000, imageWidth=400, **extra)


def test_vertebrae_with_names_are_instances_with_corners(tmp_path):
    path = on_film(tmp_path / "a.json", *VERTEBRAE[::-1])
    found = read_shapes(path, FILM)
    np.testing.assert_array_equal(found.mask, TRUTH)
    np.testing.assert_allclose(found.corners, CORNERS, atol=1e-9)
    assert set(found.instances) == set(LEVELS)
    np.testing.assert_allclose(found.instances["T5"], CORNERS[4][RING], atol=1e-9)
    assert found.remark == ""


def test_a_few_vertebrae_leave_the_others_unknown(tmp_path):
    s1 = {"label": "S1", "points": [[180, 970], [220, 970], [220, 990], [180, 990]]}
    found = read_shapes(on_film(tmp_path / "a.json", *VERTEBRAE[3:9], s1), FILM)
    assert np.isfinite(found.corners[3:9]).all()
    assert np.isnan(found.corners[[0, 1, 2, *range(9, 17)]]).all()
    assert "S1" in found.instances
    assert found.mask[980, 200] == 1


def test_seventeen_vertebrae_without_levels_are_t1_to_l5_and_fewer_get_no_corners(tmp_path):
    unnamed = [{**shape, "label": f"vertebra_{k}"} for k, shape in enumerate(VERTEBRAE)]
    found = read_shapes(on_film(tmp_path / "a.json", *unnamed[::-1]), FILM)
    np.testing.assert_allclose(found.corners, CORNERS, atol=1e-9)
    assert found.remark == "17 vertebrae without levels are taken as T1 to L5 from above"
    found = read_shapes(on_film(tmp_path / "a.json", *unnamed[:16]), FILM)
    assert found.corners is None
    assert found.instances == {}
    assert found.remark == "16 vertebrae without levels get no corners; call them T1 to L5"


def test_a_vertebra_drawn_twice_or_round_gets_no_corners(tmp_path):
    disc = {"label": "T9", "points": [[200, 500], [200, 520]], "shape_type": "circle"}
    shapes = [shape for shape in VERTEBRAE if shape["label"] != "T9"]
    found = read_shapes(on_film(tmp_path / "a.json", *shapes, VERTEBRAE[2], disc), FILM)
    assert np.isnan(found.corners[[2, 8]]).all()
    assert np.isfinite(np.delete(found.corners, [2, 8], 0)).all()
    assert found.remark == "drawn more than once, so without corners: T3; not four-cornered, so without corners: T9"


def test_an_ai_mask_is_an_area_with_corners(tmp_path):
    region = np.ones((21, 101), bool)
    mask = {"label": "L1", "points": [[150, 700], [250, 720]], "shape_type": "mask", "mask": png(region)}
    found = read_shapes(on_film(tmp_path / "a.json", mask), FILM)
    assert found.mask.sum() == found.mask[700:721, 150:251].sum() == 21 * 101
    expected = [[149.5, 699.5], [250.5, 699.5], [149.5, 720.5], [250.5, 720.5]]
    np.testing.assert_array_equal(found.corners[LEVELS.index("L1")], expected)


def test_clicks_points_and_lines_mark_nothing_and_are_listed(tmp_path):
    click = {"label": "whatever", "points": [[10, 10]], "shape_type": "polygon"}
    line = {"label": "T5", "points": [[10, 10], [30, 10], [30, 30]], "shape_type": "linestrip"}
    point = {"label": "apex", "points": [[10, 10]], "shape_type": "point"}
    mask, remark = inspect_mask(on_film(tmp_path / "a.json", *VERTEBRAE, click, line, point, point), FILM)
    np.testing.assert_array_equal(mask, TRUTH)
    clicks = "left out as stray clicks: shape 18"
    assert remark == f"{clicks}; points and lines have no area and are left out: 'T5' (1), 'apex' (2)"
    with pytest.raises(BadInput, match=r"outlines nothing \(points and lines have no area .*'T5' \(1\)"):
        inspect_mask(on_film(tmp_path / "a.json", line), FILM)


def test_names_that_are_not_the_spine_are_refused_with_a_map_to_complete(tmp_path):
    head = {"label": "femoral_head", "points": [[30, 900], [30, 940]], "shape_type": "circle"}
    marker = {"label": "R marker", "points": [[5, 5], [50, 90]], "shape_type": "rectangle"}
    path = on_film(tmp_path / "a.json", *VERTEBRAE, head, head, marker)
    with pytest.raises(BadInput) as error:
        inspect_mask(path, FILM)
    assert "'femoral_head' (2), 'R marker' (1)" in error.value.reason
    assert "structures: {femoral_head: null, R marker: null}" in error.value.remedy
    names = LabelNames(structures={"femoral_head": None, "r marker": None})
    mask, remark = inspect_mask(path, FILM, names=names)
    np.testing.assert_array_equal(mask, TRUTH)
    assert remark == "no structure, as labels.yaml says: 'femoral_head' (2), 'R marker' (1)"
    names = LabelNames(structures={"femoral_head": "spine", "r marker": None})
    assert inspect_mask(path, FILM, names=names)[0][900, 30] == 1


def test_names_of_ones_own_can_be_levels(tmp_path):
    own = [{**shape, "label": f"Wirbel {k}"} for k, shape in enumerate(VERTEBRAE)]
    names = LabelNames(structures={f"wirbel {k}": level for k, level in enumerate(LEVELS)})
    np.testing.assert_allclose(read_shapes(on_film(tmp_path / "a.json", *own), FILM, names=names).corners, CORNERS)


@pytest.mark.parametrize(
    ("label", "encoding", "said"),
    [
        ("椎体", "gbk", "gb18030"),
        ("椎体", "shift_jis", "shift_jis"),
        ("Wirbelkörper", "cp1252", "windows-1252"),
        ("Wirbelkörper", "utf-16", "utf-16-le"),
        ("Wirbelkörper", "utf-8-sig", ""),
    ],
)
def test_other_encodings_are_read_and_named(tmp_path, label, encoding, said):
    path = on_film(tmp_path / "a.json", *({**shape, "label": label} for shape in VERTEBRAE))
    content = json.dumps(json.loads(path.read_text()), ensure_ascii=False)
    path.write_bytes(content.encode(encoding))
    names = LabelNames(structures={"wirbelkörper": "spine"})
    mask, remark = inspect_mask(path, FILM, names=names)
    np.testing.assert_array_equal(mask, TRUTH)
    assert (f"was read as {said} text" in remark) == bool(said)


def test_what_lies_outside_crosses_or_counts_in_shares_is_said(tmp_path):
    outside = {"label": "spine", "points": [[500, 5], [520, 5], [520, 20]]}
    crossed = {"label": "spine", "points": [[10, 10], [50, 10], [10, 30], [50, 30]]}
    remark = read_shapes(on_film(tmp_path / "a.json", *VERTEBRAE, outside, crossed), FILM).remark
    assert "outside the film: shape 18" in remark
    assert "four points that cross, so half of the area: shape 19" in remark
    shares = {"label": "spine", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}
    with pytest.raises(BadInput, match="shares of the film"):
        read_shapes(on_film(tmp_path / "a.json", shares), FILM)


def test_classes_of_ones_own_are_found_by_name_whatever_the_capitals(tmp_path):
    disc = {"label": "DISC", "points": [[20, 100], [60, 100], [60, 120], [20, 120]]}
    vertebra = {"label": "vertebra", "points": [[20, 200], [60, 200], [60, 220], [20, 220]]}
    found = read_shapes(on_film(tmp_path / "a.json", disc, vertebra), FILM, ("vertebra", "disc"))
    assert found.mask[110, 40] == 2
    assert found.mask[210, 40] == 1
    with pytest.raises(BadInput, match="'vertebra'"):
        read_shapes(on_film(tmp_path / "a.json", vertebra), FILM, ("lung",))
