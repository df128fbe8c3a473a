"""Options of data sets: wrong names and types are told in words, whichever function prepares the data."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Literal

import pytest

from spinelib.core.errors import BadInput
from spinelib.sources import DATASETS, check_data
from spinelib.sources.options import check_options, has_type, kind_words, made_size

TEXTS, SHARES = Sequence[str], Mapping[str, float]
# By a type: what it takes, and what it does not.
TYPES = {
    int: ([3], [True, 2.5, "3", None, [3]]),
    float: ([3, 0.5], [True, float("nan"), "3"]),
    bool: ([True], [1, "no"]),
    str: (["a"], [3, ["a"]]),
    TEXTS: ([["a"], ()], ["ab", [3], {"a": 1}]),
    SHARES: ([{"a": 1}], [{"a": "b"}, {3: 0.5}, ["a"]]),
    TEXTS | SHARES: ([["a"], {"a": 1}], [[["a"]], 3]),
    Literal["t1", "t2"]: (["t1"], ["t3", ["t1"]]),
    TEXTS | Literal["all"]: (["all", ["x"]], ["x"]),
}


@pytest.mark.parametrize("hint", TYPES, ids=str)
def test_a_type_takes_its_values_and_no_others(hint):
    takes, refuses = TYPES[hint]
    assert all(has_type(value, hint) for value in takes)
    assert not any(has_type(value, hint) for value in refuses)


def test_words_for_what_is_asked():
    assert kind_words(TEXTS | SHARES) == "a list, each of a text or a mapping, each of a text and a number"
    assert kind_words(Literal["t1", "t2"]) == "one of t1, t2"


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_every_data_set_tells_wrong_types_of_its_options(name):
    known = inspect.signature(DATASETS[name].prepare).parameters
    options = {option: item.default for option, item in known.items() if option not in ("source", "folder")}
    assert options
    check_data({"dataset": name, **options})
    for option in options:
        with pytest.raises(BadInput, match=rf"{option} is .*\. Give "):
            check_data({"dataset": name, option: [None]})
    with pytest.raises(BadInput, match=r"has no option '.*x'\. Did you mean"):
        check_options(name, DATASETS[name].prepare, {f"{min(options)}x": 1})


@pytest.mark.parametrize("size", [[], [64], [64, 32, 9], [31, 16], [32, 15], [-64, 32], [4097, 64], [64, 10**12]])
def test_a_size_that_no_picture_has_is_refused(size):
    with pytest.raises(BadInput, match=r"phantom: size is .*\. Ask for height and width from 32 x 16 to 4096 x 4096"):
        made_size("phantom", size, (32, 16))
    assert made_size("phantom", [32, 4096], (32, 16)) == (32, 4096)
