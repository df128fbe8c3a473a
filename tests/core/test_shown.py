"""Names of the user's as they are shown."""

import pytest

from spinelib.core.shown import short


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("film", "film"),
        ("0123456789", "0123456789"),
        ("0123456789a", "012…56789a"),
        ("a\nb\tc", "a\ufffdb\ufffdc"),
        ("a\udce4", "a\ufffd"),
        ("", ""),
    ],
)
def test_a_name_is_one_line_and_keeps_both_its_ends(name, shown):
    assert short(name, 10) == shown


def test_long_names_that_differ_at_an_end_stay_different():
    names = ["x" * 200 + "1", "x" * 200 + "2", "y" + "x" * 200]
    assert len({short(name, 24) for name in names}) == 3
    assert all(len(short(name, 24)) == 24 for name in names)
