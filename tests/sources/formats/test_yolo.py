"""YOLO text files: polygons and key points."""

import numpy as np
import pytest

from spinelib.cases.readers.landmarks import LEVELS, read_landmarks

from ...cases.films import spine
from .films import CORNERS, RING, SHAPE, films, masks_are_true, run

LINE = "0 " + " ".join(f"{x / 60:.8f} {y / 120:.8f}" for x, y in RING)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("images", "labels"),
    [("images", "labels"), ("images/train", "labels/train"), ("data/images", "data/labels"), (".", ".")],
)
@pytest.mark.parametrize("names", ["names: [spine]", "names:\n  0: spine\n"])
def test_polygons_in_shares_of_the_film(tmp_path, images, labels, names):
    films(tmp_path / "in" / images, ["a.png", "b.png", "empty.png"])
    for name in "ab":
        write(tmp_path / "in" / labels / f"{name}.txt", LINE + "\n\n")
    write(tmp_path / "in" / "data.yaml", names)
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert [problem.case for problem in problems] == ["empty"]
    assert masks_are_true(tmp_path / "out", cases)
    assert sorted(use.use for use in uses.values()) == ["problem", *["used"] * 5]


def test_parts_are_the_split_and_classes_txt_names_the_numbers(tmp_path):
    for part in ("train", "valid", "test"):
        films(tmp_path / "in" / part / "images", [f"{part}.png"])
        write(tmp_path / "in" / part / "labels" / f"{part}.txt", "1" + LINE[1:])
    write(tmp_path / "in" / "classes.txt", "disc\nvertebra\n")
    cases, problems, _ = run(tmp_path / "in", classes="vertebra,disc")
    assert {name: case.split for name, case in cases.items()} == {"train": "train", "valid": "train", "test": "test"}
    assert [problem.problem for problem in problems] == ["1 films called val: they are to train (valid)"]
    assert masks_are_true(tmp_path / "out", cases, 1, ("vertebra", "disc"))


@pytest.mark.parametrize("numbers", [2, 3])
def test_poses_are_corners(tmp_path, numbers):
    films(tmp_path / "in" / "images", ["a.png", "b.png"])
    points = CORNERS / (60, 120)
    if numbers == 3:
        points = np.concatenate([points, np.full((17, 4, 1), 2)], 2)
    lines = ["0 0.5 0.5 0.1 0.1 " + " ".join(f"{value:.9f}" for value in four.ravel()) for four in points]
    for name in "ab":
        write(tmp_path / "in" / "labels" / f"{name}.txt", "\n".join(lines))
    write(tmp_path / "in" / "data.yaml", f"names: [vertebra]\nkpt_shape: [4, {numbers}]\n")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []
    np.testing.assert_allclose(read_landmarks(tmp_path / "out" / "landmarks.csv")["a"], spine(*SHAPE), atol=1e-3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.5 0.5 0.2 0.2", "is a box alone"),
        ("0 0.1 0.1 0.2 0.2 0.3", "5 numbers"),
        ("0 0.1 0.1 0.2 0.2 30 40", "shares of the film"),
        ("0.5 0.1 0.1 0.2 0.2 0.3 0.4", "shares of the film"),
        ("3 0.1 0.1 0.2 0.2 0.3 0.4", "called '3'"),
        ("0 0.1 0.1 x 0.2 0.3 0.4", "not a number"),
        ("", "has no outline"),
    ],
)
def test_a_bad_line_costs_one_film(tmp_path, line, reason):
    films(tmp_path / "in" / "images", ["a.png", "b.png", "c.png"])
    for name in "abc":
        write(tmp_path / "in" / "labels" / f"{name}.txt", LINE if name != "c" else line)
    write(tmp_path / "in" / "data.yaml", "names: [spine]")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert [problem.case for problem in problems] == ["c"]
    assert reason in problems[0].problem


def test_notes_beside_labelme_files_are_no_labels(tmp_path):
    from .films import labelme

    films(tmp_path / "in", ["a.png", "b.png"])
    for name in "ab":
        labelme(tmp_path / "in" / f"{name}.json")
        write(tmp_path / "in" / f"{name}.txt", "12.5 30.1")
    cases, _, uses = run(tmp_path / "in")
    assert masks_are_true(tmp_path / "out", cases)
    assert uses["a.txt"].use == "ignored"


def test_two_poses_for_one_vertebra_and_a_corner_that_was_not_seen(tmp_path):
    films(tmp_path / "in" / "images", ["a.png", "b.png", "c.png", "d.png"])
    points = np.concatenate([CORNERS / (60, 120), np.full((17, 4, 1), 2)], 2)
    for name in "abcd":
        rows = points.copy()
        rows[3, 1, 2] = 0 if name == "b" else 2
        lines = [f"{k} 0.5 0.5 0.1 0.1 " + " ".join(f"{v:.9f}" for v in four.ravel()) for k, four in enumerate(rows)]
        write(tmp_path / "in" / "labels" / f"{name}.txt", "\n".join(lines + (lines[4:5] if name == "c" else [])))
    write(tmp_path / "in" / "data.yaml", f"names: [{', '.join(LEVELS)}]\nkpt_shape: [4, 3]\n")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b", "d"}
    assert {row.case: (row.problem, row.action) for row in problems} == {
        "b": ("not every corner is seen of T4: left out", "kept"),
        "c": ("gives the corners of T5 of c.png twice", "excluded"),
    }
    found = read_landmarks(tmp_path / "out" / "landmarks.csv")
    assert np.flatnonzero(np.isnan(found["b"]).any((1, 2))).tolist() == [3]
