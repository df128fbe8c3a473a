"""What the names of folders tell."""

from pathlib import Path

import pytest

from spinelib.sources.folder_names import folders_tell, view_called, without_folder


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
        (("train/a", "val/b", "Test/c"), [("", "train"), ("", "train"), ("", "test")]),
        (("train/p1/a", "test/p2/b"), [("p1", "train"), ("p2", "test")]),
        # Without a test folder nothing is a split, and train is nobody.
        (("train/a", "val/b"), [("", ""), ("", "")]),
        # What lies beside the two is to train.
        (("train/a", "test/b", "c"), [("", "train"), ("", "test"), ("", "train")]),
        (("train set/a", "test_set/b", "p3/c"), [("", "train"), ("", "test"), ("p3", "train")]),
        (("trainset/a", "testset/b"), [("", "train"), ("", "test")]),
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
