"""One verdict from seeds, name, p and direction; the same from the other side."""

import numpy as np
import pytest

from spinelib.statistics.contrast_verdicts import VERDICT_WORDS, contrast_verdict, turned

ROW = {"one": "a", "other": "b", "metric": "dice", "named": True, "seeds": 2}
ROW |= {"mean": 0.02, "low": 0.01, "high": 0.04, "p_holm": 0.01}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "better"),
        ({"metric": "hd95"}, "worse"),
        ({"p_holm": 0.06}, "open"),
        ({"low": -0.01}, "open"),
        ({"named": False, "p_holm": np.nan}, "not named"),
        ({"seeds": 1}, "one training"),
        ({"seeds": 1, "named": False}, "one training"),
    ],
)
def test_the_verdict(changes, verdict):
    assert contrast_verdict(ROW | changes) == verdict
    assert verdict in VERDICT_WORDS


def test_from_the_other_side_everything_turns():
    back = turned(ROW | {"verdict": "better"})
    assert (back["one"], back["mean"], back["low"], back["high"], back["verdict"]) == (
        "b",
        -0.02,
        -0.04,
        -0.01,
        "worse",
    )
    assert turned(back) == ROW | {"verdict": "better"}
