"""Who leads is said with interval, and which contrasts are more than chance with subset, view and patients."""

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


def test_the_leader_comes_with_its_interval_and_no_verdict():
    said = compare.leader(BOARD, "aasce", "spine", "dice")
    assert "U-Net has the best mean Dice, 0.800 [0.780, 0.820], 20 patients" in said
    assert "overlap" not in said


def test_a_released_network_is_said_to_have_learned_longer():
    one = BOARD.head(1).assign(name="released/film", mean=0.9, low=0.88, high=0.91)
    said = compare.released_beside(pd.concat([BOARD, one]), "aasce", "spine", "dice")
    assert "mean Dice of a released network beside them: Released network, film 0.900 [0.880, 0.910]" in said
    assert "learned longer" in said
    assert compare.released_beside(BOARD, "aasce", "spine", "dice") == ""
    assert compare.released_beside(one, "aasce", "spine", "dice") == "", "there is nothing to stand beside"


def test_nobody_is_in_front_where_nobody_learned():
    said = compare.leader(BOARD, "aasce", "spine", "dice", learned=False)
    assert said == "aasce, spine: no entry has learned anything, so that none is in front."


def test_an_empty_board_says_so():
    assert compare.leader(BOARD[:0], "aasce", "spine", "dice") == "aasce: no run has finished."


def test_contrasts_name_the_higher_side_first_and_say_what_is_not_judged():
    about = {"structure": "spine", "metric": "dice", "subset": "all test cases", "view": "all", "n": 20}
    rows = [
        {"one": "a/full", "other": "b/full", "mean": -0.05, "low": -0.07, "high": -0.03, "verdict": "worse"},
        {"one": "a/full", "other": "c/full", "mean": 0.01, "low": -0.01, "high": 0.03, "verdict": "open"},
        {"one": "a/full", "other": "d/full", "mean": 0.01, "low": 0.005, "high": 0.03, "verdict": "one training"},
    ]
    said = compare.compared(pd.DataFrame([about | row for row in rows]), "aasce")
    assert said.startswith("aasce, Dice of spine, all test cases, all views, 20 patients: of 3 contrasts 1 more than")
    assert "b above a by 0.050 [0.030, 0.070]" in said
    assert "1 open; 1 of one training a side (this training, not this method)." in said
