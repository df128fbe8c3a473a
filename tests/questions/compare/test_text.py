"""What a finished study found, as text for a terminal."""

import pandas as pd

from spinelib.questions import compare


def test_the_printed_board_holds_every_entry_and_the_repeat_agreement(results):
    folder = results / "data" / "real"
    folder.mkdir(parents=True)
    columns = {"dice": [0.9, 0.8], "difference_an1": [1.0, 3.0], "difference_mean": [2.0, 2.0], "smape": [3.0, 5.0]}
    pd.DataFrame({**columns, "across_split": [True, False]}).to_csv(folder / "repeat.csv", index=False)
    text = compare.leaderboards(results)
    assert "unet/full_from_phantom" in text
    assert "across the split" in text
    assert "0.85" in text
