"""Numbers, intervals and tables as Markdown."""

import math

from spinelib.report.results.words import fixed, interval, listed_in_words, markdown_table, side


def test_numbers_and_tables():
    assert fixed(-0.0001) == "0.000"
    assert fixed(math.nan) == ""
    assert interval(0.5, math.nan, math.nan) == "0.500"
    assert [side(1, 2), side(-2, -1), side(-1, 1), side(math.nan, math.nan), side(1, 2, 3)] == [
        "above",
        "below",
        "",
        "",
        "below",
    ]
    assert markdown_table(("a", "b", "c"), [["1", "", "x|y"]]) == "| a | c |\n| --- | --- |\n| 1 | x\\|y |"
    assert [listed_in_words([]), listed_in_words(["a"]), listed_in_words(["a", "b", "c"])] == [
        "none",
        "a",
        "a, b and c",
    ]
