"""Films that were labelled twice: how well two people agree."""

import pandas as pd

from spinelib.questions.compare.repeats import repeat_summary, repeat_tables

TABLE = pd.DataFrame(
    {
        "dice": [0.9, 0.8, 0.7],
        "difference_an1": [1.0, 3.0, 5.0],
        "difference_mean": [2.0, 2.0, 5.0],
        "smape": [3.0, 5.0, 7.0],
        "across_split": [True, False, True],
    }
)


def test_pairs_across_the_split_stand_by_themselves():
    found = repeat_summary(TABLE)
    assert list(found.columns) == ["Dice", "largest angle °", "mean angle °", "SMAPE %", "pairs"]
    assert found.loc["all pairs"].tolist() == [0.8, 3.0, 3.0, 5.0, 3]
    assert found.loc["across the split"].tolist() == [0.8, 3.0, 3.5, 5.0, 2]
    assert list(repeat_summary(TABLE[~TABLE["across_split"]]).index) == ["all pairs"]


def test_data_sets_without_repeated_labels_have_no_table(tmp_path):
    for name, rows in (("real", TABLE), ("none", TABLE.head(0))):
        (tmp_path / "data" / name).mkdir(parents=True)
        rows.to_csv(tmp_path / "data" / name / "repeat.csv", index=False)
    (tmp_path / "data" / "other").mkdir()
    found = repeat_tables(tmp_path)
    assert list(found) == ["real"]
    pd.testing.assert_frame_equal(found["real"], TABLE)
    assert repeat_tables(tmp_path / "other") == {}
