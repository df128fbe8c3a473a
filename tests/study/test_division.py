"""How a run entry divides the patients: which folds run, and of how many."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.study.division import SCHEMES, OneScheme, check_fold, check_scheme, read_folds

FILE = Path("studies/tiny.yaml")


@pytest.mark.parametrize(
    ("entry", "folds", "count"),
    [
        ({}, [0], 0),
        ({"fold": 2}, [2], 0),
        ({"folds": [0, 3]}, [0, 3], 0),
        ({"folds": 4}, [0], 4),
        ({"folds": 4, "fold": [1, 3]}, [1, 3], 4),
    ],
)
def test_one_fold_a_list_or_their_number(entry, folds, count):
    assert read_folds(FILE, entry, "run 1") == (folds, count)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"fold": 1, "folds": [0]}, "both 'fold' and a list of 'folds'. Keep one"),
        ({"folds": 1}, "'folds' in run 1 is 1. Give 2 or more"),
        ({"folds": [0, 0]}, "'folds' in run 1 is .*different whole numbers"),
        ({"fold": -1}, "'fold' in run 1 is"),
    ],
)
def test_folds_that_there_cannot_be_are_refused(entry, words):
    with pytest.raises(BadInput, match=words):
        read_folds(FILE, entry, "run 1")


def test_folds_are_counted_from_nought():
    check_fold(FILE, 4, 5, "run 1")
    check_fold(FILE, 99, 0, "run 1")  # their number is not known
    with pytest.raises(BadInput, match=r"asks for fold 5 of 5\. They are counted from 0: choose 0 to 4"):
        check_fold(FILE, 5, 5, "run 1")


def test_an_entry_has_one_known_scheme():
    assert [check_scheme(FILE, scheme, "run 1") for scheme in SCHEMES] == list(SCHEMES)
    with pytest.raises(BadInput, match="Did you mean 'cross'"):
        check_scheme(FILE, "cros", "run 1")
    schemes = OneScheme(FILE)
    schemes.add(("mr", "safnet/full", "common"), "cross")
    schemes.add(("mr", "safnet/full", "common"), "cross")
    schemes.add(("mr", "unet3d/full", "common"), "split")
    with pytest.raises(BadInput, match=r"safnet/full is trained on 'mr' by the schemes cross and split\. Keep one"):
        schemes.add(("mr", "safnet/full", "common"), "split")
