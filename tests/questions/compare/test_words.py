"""Who leads is said with interval and rivals."""

import pandas as pd

from spinelib.questions import compare

BOARD = pd.DataFrame(
    {
        "name": ["unet/full", "r2mfnet/full", "pspnet/full"],
        "mean": [0.8, 0.79, 0.6],
        "low": [0.78, 0.77, 0.55],
        "high": [0.82, 0.81, 0.65],
        "n": [20, 20, 20],
    }
)


def test_the_leader_comes_with_its_interval_and_who_reaches_it():
    said = compare.leader(BOARD, "aasce", "spine", "dice")
    assert "U-Net has the best mean Dice, 0.800 [0.780, 0.820], 20 patients" in said
    assert "1 of 2 others" in said


def test_an_empty_board_says_so():
    assert compare.leader(BOARD[:0], "aasce", "spine", "dice") == "aasce: no run has finished."
