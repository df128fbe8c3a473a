"""Numbers and names in sentences."""

from spinelib.plots.words import listed


def test_long_lists_are_counted():
    assert listed(list("abcdef")) == "a, b, c, d and 2 more"
