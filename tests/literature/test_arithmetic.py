"""Printed numbers: how they are printed, what follows from them, and texts that name them."""

import pytest

from spinelib.literature.arithmetic import Number, Numbers, in_words

KNOWN = Numbers(
    {
        "ours-dice": Number(0.8986, "1"),
        "gain": Number(0.0358, "1"),
        "fold1-hd": Number(2.0, "mm"),
        "fold2-hd": Number(3.5, "mm"),
        "films": Number(704.0, "films"),
    }
)


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("ours-dice - gain", 0.8628, "1"),
        ("ours-dice / (1 + gain)", 0.8986 / 1.0358, "1"),
        ("1 + gain", 1.0358, "1"),
        ("mean(fold*-hd)", 2.75, "mm"),
        ("mean(fold*-hd) - fold1-hd", 0.75, "mm"),
    ],
)
def test_what_follows_is_worked_out_without_rounding(key, value, unit):
    assert KNOWN[key].value == pytest.approx(value, abs=1e-12)
    assert KNOWN[key].unit == unit


def test_only_what_follows_is_rounded():
    assert KNOWN.rounded("ours-dice / (1 + gain)") == 0.8675
    long = Numbers({"a": Number(0.123456, "1")})
    assert long.rounded("a") == 0.123456


@pytest.mark.parametrize("key", ["nothing", "mean(none*)", "ours-dice - nothing", "mean(none*) / (1 + gain)"])
def test_what_is_no_id_is_an_error_that_names_it(key):
    with pytest.raises(KeyError, match=r"nothing|none"):
        _ = KNOWN[key]


def test_texts_print_shares_in_per_cent_and_other_numbers_plainly():
    text = "{ours-dice} ({gain:+}) of {films}, {mean(fold*-hd)} mm, {ours-dice:.4f}"
    assert in_words(text, KNOWN) == "89.86 (+3.58) of 704, 2.75 mm, 0.8986"
    with pytest.raises(KeyError, match="nothing"):
        in_words("{nothing}", KNOWN)
