"""COCO JSON as several programs export it."""

from pathlib import Path

import numpy as np
import pytest

from spinelib.cases import read_mask
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks

from ...cases.films import spine
from .films import CORNERS, RING, SHAPE, films, masks_are_true, run, truth, write_json

FLAT = [float(number) for point in RING for number in point]
# Columns of 120 pixels: 20 empty ones and 10 rows above, 100 rows inside and 20 between, 20 empty columns below.
RUNS = [20 * 120 + 10, *[100, 20] * 19, 100, 10 + 20 * 120]


def coco(names, annotations, categories=({"id": 1, "name": "spine"},), **image):
    images = [{"id": k, "file_name": name, "height": 120, "width": 60, **image} for k, name in enumerate(names)]
    return {"images": images, "annotations": annotations, "categories": list(categories)}


def polygons(count, **changes):
    return [{"id": k, "image_id": k, "category_id": 1, "segmentation": [FLAT], **changes} for k in range(count)]


@pytest.mark.parametrize(
    ("file", "folder", "stated"),
    [
        ("annotations/instances_default.json", "images/default", "{}"),
        ("result.json", "images", "..\\..\\label-studio\\media\\upload\\4\\{}"),
        ("result.json", "images", "/data/upload/1/0a1b2c3d-{}"),
        ("_annotations.coco.json", ".", "{}"),
    ],
)
def test_polygons_of_films_wherever_they_lie(tmp_path, file, folder, stated):
    names = ["film 1, ü.png", "2.png"]
    films(tmp_path / "in" / folder, names)
    write_json(tmp_path / "in" / file, coco([stated.format(name) for name in names], polygons(2)))
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"film 1, ü", "2"}
    assert problems == []
    assert masks_are_true(tmp_path / "out", cases)
    assert {use.use for use in uses.values()} == {"used"}


@pytest.mark.parametrize(
    "outline",
    [{"size": [120, 60], "counts": RUNS}, FLAT, [FLAT[:4] + FLAT[4:]]],
)
def test_run_lengths_and_flat_lists(tmp_path, outline):
    films(tmp_path / "in", ["a.png", "b.png"])
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], polygons(2, segmentation=outline, iscrowd=1)))
    cases, problems, _ = run(tmp_path / "in")
    assert len(cases) == 2
    assert problems == []
    assert masks_are_true(tmp_path / "out", cases)


def test_ids_as_texts_and_numbers_are_the_same(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], polygons(2, category_id="1")))
    assert len(run(tmp_path / "in")[0]) == 2


def test_parts_of_roboflow_are_the_split(tmp_path):
    for part in ("train", "valid", "test"):
        films(tmp_path / "in" / part, [f"{part}.png"])
        write_json(tmp_path / "in" / part / "_annotations.coco.json", coco([f"{part}.png"], polygons(1)))
    cases, problems, _ = run(tmp_path / "in")
    assert {name: case.split for name, case in cases.items()} == {"train": "train", "valid": "train", "test": "test"}
    assert [problem.problem for problem in problems] == ["1 films called val: they are to train (valid)"]


def test_several_structures_by_their_names(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    kinds = [{"id": 0, "name": "rest"}, {"id": 1, "name": "Disc"}, {"id": 7, "name": "vertebra"}]
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], polygons(2), kinds))
    cases, _, _ = run(tmp_path / "in", classes="vertebra, disc")
    assert masks_are_true(tmp_path / "out", cases, 2, ("vertebra", "disc"))


def test_an_unknown_name_is_asked_for_and_answered_by_labels_yaml(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    kinds = [{"id": 1, "name": "spine"}, {"id": 2, "name": "Säule"}]
    marks = [*polygons(2), {**polygons(3)[2], "category_id": 2}]
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png", "c.png"], marks, kinds))
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert "Säule" in problems[0].problem
    assert "labels.yaml" in problems[0].remedy
    assert uses["c.png"].use == "problem"
    (tmp_path / "in" / "labels.yaml").write_text("structures: {Säule: spine}", encoding="utf-8")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b", "c"}
    assert problems == []


def key_points(points, k, category, visible=2):
    rows = np.column_stack([points.reshape(-1, 2), np.full(points.size // 2, visible)])
    return {"id": k, "image_id": k % 2, "category_id": category, "keypoints": rows.ravel().tolist()}


@pytest.mark.parametrize("way", ["levels", "unnamed", "68", "around"])
def test_key_points_are_corners(tmp_path, way):
    films(tmp_path / "in", ["a.png", "b.png"])
    kinds = [{"id": k, "name": level} for k, level in enumerate(LEVELS)] + [{"id": 99, "name": "vertebra"}]
    marks = []
    for film in range(2):
        if way == "68":
            marks.append(key_points(CORNERS, film, 99))
        # From below, so that their order tells nothing.
        for k in reversed(range(17)) if way != "68" else ():
            points = CORNERS[k][[0, 1, 3, 2]] if way == "around" else CORNERS[k]
            marks.append(key_points(points, 2 * k + film, k if way != "unnamed" else 99))
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], marks, kinds))
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []
    found = read_landmarks(tmp_path / "out" / "landmarks.csv")
    np.testing.assert_allclose(found["b"], spine(*SHAPE), atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"segmentation": [], "bbox": [1, 1, 5, 5]}, "with a box alone"),
        ({"segmentation": [[1, 2, 3]]}, "not pairs of numbers"),
        ({"segmentation": [[1, 2, 3, 4]]}, "without an area"),
        ({"segmentation": {"size": [120, 60], "counts": [5, 6]}}, "run lengths of 11 pixels"),
        ({"segmentation": {"size": [60, 120], "counts": [600, 600, 6000]}}, "120 x 60 pixels"),
        ({"category_id": 9}, "without a category"),
        ({"segmentation": [], "keypoints": [1, 2, 2] * 5}, "5 key points"),
        ({"image_id": 0}, "has no outline"),
    ],
)
def test_what_cannot_be_drawn_costs_one_film(tmp_path, changes, reason):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    marks = polygons(3)
    marks[2] |= changes
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png", "c.png"], marks))
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert [problem.case for problem in problems] == ["c"]
    assert reason in problems[0].problem
    assert uses["c.png"].use == "problem"


def test_another_size_than_the_films_and_a_film_that_is_not_there(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    content = coco(["a.png", "b.png", "c.png", "gone.png"], polygons(4))
    content["images"][2]["width"] = 61
    write_json(tmp_path / "in" / "coco.json", content)
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert {problem.case: problem.problem for problem in problems} == {
        "c": "was drawn on a film of 61 x 120 pixels, c.png has 60 x 120",
        "gone": "names a film 'gone.png', which is not there",
    }


def test_two_lists_of_corners_of_one_film_are_a_problem_and_none_is_taken(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    kinds = [{"id": 99, "name": "vertebra"}]
    marks = [{**key_points(CORNERS, k, 99), "image_id": k % 3} for k in range(4)]
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png", "c.png"], marks, kinds))
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"b", "c"}
    assert [row.problem for row in problems if row.case == "a"] == ["gives the corners of a.png twice"]


def test_a_vertebra_with_a_corner_that_is_not_seen_is_left_out_with_a_row(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    marks = [key_points(CORNERS, k, 99) for k in range(2)]
    marks[0]["keypoints"][3 * (4 * LEVELS.index("T6") + 1) + 2] = 0
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], marks, [{"id": 99, "name": "vertebra"}]))
    _, problems, _ = run(tmp_path / "in")
    assert [(row.case, row.problem) for row in problems] == [("a", "not every corner is seen of T6: left out")]
    found = read_landmarks(tmp_path / "out" / "landmarks.csv")
    assert np.isnan(found["a"]).all((1, 2)).tolist() == [level == "T6" for level in LEVELS]


@pytest.mark.parametrize("names", [("ann.jpg", "ann.png", "ann_2.png"), ("a\\b.png", "a_b.png")])
def test_each_film_has_a_mask_of_its_own(tmp_path, names):
    films(tmp_path / "in", names)
    shifted = [[float(x + 2 * k) if n % 2 == 0 else float(x) for n, x in enumerate(FLAT)] for k in range(len(names))]
    marks = [mark | {"segmentation": [ring]} for mark, ring in zip(polygons(len(names)), shifted, strict=True)]
    write_json(tmp_path / "in" / "coco.json", coco(names, marks))
    cases, problems, _ = run(tmp_path / "in")
    assert problems == []
    assert len({case.mask for case in cases.values()}) == len(names)
    for case in cases.values():
        k = names.index(Path(case.image).name)
        expected = np.roll(truth(), 2 * k, 1)
        np.testing.assert_array_equal(read_mask(tmp_path / "out" / case.mask, SHAPE), expected)


@pytest.mark.parametrize("way", ["files", "annotations"])
def test_two_columns_for_one_film_cost_it(tmp_path, way):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    names, kinds = ["a.png", "b.png", "c.png"], [{"id": 0, "name": "spine"}]
    one = [key_points(CORNERS, k, 0) | {"image_id": k} for k in range(3)]
    other = [key_points(CORNERS + 3, 9, 0) | {"image_id": 1}]
    parts = [one, other] if way == "files" else [one + other]
    for k, marks in enumerate(parts):
        write_json(tmp_path / "in" / f"reader{k}.json", coco(names, marks, kinds))
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "c"}
    assert [(row.case, row.problem, row.action) for row in problems] == [
        ("b", "gives the corners of b.png twice", "excluded")
    ]
    assert uses["b.png"].use == "problem"


@pytest.mark.parametrize("way", ["68", "levels"])
def test_a_corner_that_was_not_seen_is_said(tmp_path, way):
    films(tmp_path / "in", ["a.png", "b.png"])
    kinds = [{"id": k, "name": level} for k, level in enumerate(LEVELS)]
    marks = []
    for film in range(2):
        rows = np.concatenate([CORNERS, np.full((17, 4, 1), 2)], 2)
        # COCO writes 0, 0, 0 for a point that is not there.
        rows[5, 3] = 0 if film else rows[5, 3]
        for k, part in enumerate([rows] if way == "68" else rows):
            about = {"id": 99 * film + k, "image_id": film, "category_id": k}
            marks.append({**about, "keypoints": part.ravel().tolist()})
    write_json(tmp_path / "in" / "coco.json", coco(["a.png", "b.png"], marks, kinds))
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert [(row.case, row.problem, row.action) for row in problems] == [
        ("b", "not every corner is seen of T6: left out", "kept")
    ]
    found = read_landmarks(tmp_path / "out" / "landmarks.csv")
    assert np.flatnonzero(np.isnan(found["b"]).any((1, 2))).tolist() == [5]
    assert not np.isnan(found["a"]).any()
