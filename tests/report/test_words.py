"""Numbers and times as people read them."""

import pytest

from spinelib.report.words import duration, number


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.81234, "0.812"), (12.3456, "12.3"), (1234567, "1\u202f234\u202f567"), (0.0, "0"), (float("nan"), "\u2013")],
)
def test_numbers_are_short(value, words):
    assert number(value) == words


def test_durations_are_short():
    assert [duration(s) for s in (3.21, 59.9, 61, 3600 * 2 + 300, None)] == [
        "3.2 s",
        "1 min 00 s",
        "1 min 01 s",
        "2 h 05 min",
        "",
    ]
