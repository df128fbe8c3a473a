"""Numbers and times as people read them."""

import pytest

from spinelib.report.words import duration, folded_lists, in_groups, number, score_words


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


def test_scores_have_as_many_decimals_as_their_unit_bears():
    assert [score_words(28.0, "mm"), score_words(0.7), score_words(float("nan"))] == ["28.0", "0.700", "\u2013"]


def test_a_long_list_of_names_is_folded_and_all_else_is_escaped():
    few, many = "['a', 'b']", "['a & b', 'c', 'd', 'e', 'f']"
    assert folded_lists(f"views {few} <b>") == f"views {few} &lt;b&gt;".replace("'", "&#x27;")
    html = str(folded_lists(f"only {many}, seed 1"))
    assert html.startswith("only <details><summary>5 names</summary>[")
    assert "a &amp; b" in html
    assert html.endswith("</details>, seed 1")


def test_groups_keep_the_order_in_which_they_occur():
    things = [complex(2, 1), complex(1, 2), complex(2, 3)]
    assert in_groups(things, "real") == [("2.0", [things[0], things[2]]), ("1.0", [things[1]])]
