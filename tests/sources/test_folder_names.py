"""What the names of folders tell."""

from pathlib import Path

import pytest

from spinelib.cases.manifest import Case
from spinelib.sources.folder_names import folders_tell, part_called, settle_split, view_called, without_folder


def told(*names):
    return list(folders_tell({Path(name): name for name in names}).values())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a", "b"), [("", ""), ("", "")]),
        (("p1/a", "p2/a"), [("p1", ""), ("p2", "")]),
        (("p1/a", "b"), [("p1", ""), ("", "")]),
        # One folder that all share tells nothing.
        (("set/a", "set/b"), [("", ""), ("", "")]),
        (("set/p1/x/a", "set/p2/b"), [("p1", ""), ("p2", "")]),
        (("train/a", "val/b", "Test/c"), [("", "train"), ("", "val"), ("", "test")]),
        (("train/p1/a", "test/p2/b"), [("p1", "train"), ("p2", "test")]),
        (("train/p1/a", "val/p2/b"), [("p1", "train"), ("p2", "val")]),
        # What lies beside them is in no part, and takes away none.
        (("train/a", "test/b", "c"), [("", "train"), ("", "test"), ("", "")]),
        (("train/a", "test/b", "p1/c"), [("", "train"), ("", "test"), ("p1", "")]),
        (("set/train/a", "set/test/p2/b", "logo"), [("", "train"), ("p2", "test"), ("", "")]),
        (("train set/a", "test_set/b", "p3/c"), [("", "train"), ("", "test"), ("p3", "")]),
        (("trainset/a", "Test Data/b"), [("", "train"), ("", "test")]),
        # One folder of that name within a patient's is no part.
        (("p1/test/a", "p2/2020/b"), [("p1", ""), ("p2", "")]),
    ],
)
def test_patients_and_splits(names, expected):
    assert told(*names) == expected
    assert folders_tell({}) == {}


def test_views_and_folders_that_are_left_out():
    assert [view_called(name) for name in ("Left Bending", "lateral", "LATERAL", "p1")] == [
        *("left_bending", "lateral", "lateral", "")
    ]
    assert without_folder("train/images/p/a.png", "images") == "train/p/a.png"
    assert without_folder("Images/a.png", "images") == "a.png"
    assert without_folder("a/images.png", "images") == "a/images.png"


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (("train", "Training", "trainset", "train_set", "Training data", "data-train", "TRAIN_IMAGES"), "train"),
        (("val", "valid", "Validation", "val_set", "dev"), "val"),
        (("test", "Testing", "testset", "test-data", "images_test"), "test"),
        (("p1", "Testa", "trainer", "contest", "Dr. Val Test", "2019", "valentin", "data"), ""),
    ],
)
def test_folders_that_are_called_as_parts(names, part):
    assert {name: part_called(name) for name in names} == dict.fromkeys(names, part)


@pytest.mark.parametrize(
    ("given", "told", "expected", "rows"),
    [
        (["", ""], False, ["", ""], []),
        (["train", "test"], False, ["train", "test"], []),
        (["train", "val", "test"], False, ["train", "train", "test"], ["1 films called val: they are to train (1)"]),
        (
            ["train", "test", "", "test", ""],
            True,
            ["train", "test", "train", "test", "train"],
            ["2 films without a split where others have one: they are put to train (2, 4)"],
        ),
        (
            ["train", "val", ""],
            False,
            ["", "", ""],
            ["films in folders of train and val, and none with a label to test: all are divided anew"],
        ),
        (["train", "train"], True, ["train", "train"], []),
    ],
)
def test_a_split_is_whole_or_none(tmp_path, given, told, expected, rows):
    problems = []
    cases = [Case(str(k), "", "", f"{k}.png", split=split) for k, split in enumerate(given)]
    assert [case.split for case in settle_split(cases, problems, tmp_path, told)] == expected
    assert [(problem.problem, problem.action) for problem in problems] == [(row, "kept") for row in rows]
