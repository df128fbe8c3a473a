"""Named comparisons in a sentence."""

import pandas as pd

from spinelib.questions import significance


def test_comparisons_name_the_better_side_first_and_count_the_open_ones():
    rows = [
        {"one": "a/full", "other": "b/full", "mean": -0.05, "low": -0.07, "high": -0.03, "p_holm": 0.01},
        {"one": "a/full", "other": "c/full", "mean": 0.01, "low": -0.01, "high": 0.03, "p_holm": 0.4},
    ]
    said = significance.compared(pd.DataFrame(rows), "aasce", "dice")
    assert "of 2 named comparisons 1 survive Holm" in said
    assert "b above a by 0.050 [0.030, 0.070]" in said
    assert "1 stay open" in said
