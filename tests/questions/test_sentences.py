"""The sentences that the index begins with say what their tables hold."""

import pandas as pd

from spinelib.questions import sentences

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
    said = sentences.leader(BOARD, "aasce", "spine", "dice")
    assert "U-Net has the best mean Dice, 0.800 [0.780, 0.820], 20 patients" in said
    assert "1 of 2 others" in said


def test_an_empty_board_says_so():
    assert sentences.leader(BOARD[:0], "aasce", "spine", "dice") == "aasce: no run has finished."


def test_comparisons_name_the_better_side_first_and_count_the_open_ones():
    rows = [
        {"one": "a/full", "other": "b/full", "mean": -0.05, "low": -0.07, "high": -0.03, "p_holm": 0.01},
        {"one": "a/full", "other": "c/full", "mean": 0.01, "low": -0.01, "high": 0.03, "p_holm": 0.4},
    ]
    said = sentences.compared(pd.DataFrame(rows), "aasce", "dice")
    assert "of 2 named comparisons 1 survive Holm" in said
    assert "b above a by 0.050 [0.030, 0.070]" in said
    assert "1 stay open" in said


def test_long_lists_are_counted():
    assert sentences.listed(list("abcdef")) == "a, b, c, d and 2 more"


def test_the_ledger_counts_what_was_tested():
    table = pd.DataFrame({"verdict": ["agrees here", "inconclusive", "agrees here", "not testable here"]})
    assert sentences.ledger(table) == "3 of 4 lines of the ledger were tested here: agrees here 2, inconclusive 1."


def losses(*rows):
    return pd.DataFrame(rows, columns=["dataset", "name", "condition", "severity", "loss"])


def test_the_costliest_corruption_and_the_steadiest_entry_are_named():
    table = losses(
        *(("d", "unet/full", "dose", 3, 0.1), ("d", "unet/full", "blur", 3, 0.3)),
        *(
            ("d", "pspnet/full", "dose", 3, 0.2),
            ("d", "pspnet/full", "blur", 3, 0.6),
            ("d", "unet/full", "dose", 5, 0.9),
        ),
    )
    said = sentences.broken(table, "d", 3, {"blur": "smear"})
    assert "smear costs most, 45% of the clean Dice" in said
    assert "U-Net loses least (20%), PSPNet most (40%)" in said
    assert "nothing was asked" in sentences.broken(table, "d", 1, {})


def test_the_leader_that_stays_is_counted():
    order = pd.DataFrame({"dataset": "d", "best": ["a/full", "b/full"], "best_clean": "a/full"})
    assert sentences.order_held(order, "d") == "d: a, best on clean images, stays best under 1 of 2."


def test_parts_are_grouped_by_verdict():
    rows = [("d", "r2mfnet", "dice", "skip", "pays"), ("d", "r2mfnet", "dice", "gate", "cannot tell")]
    table = pd.DataFrame(rows, columns=["dataset", "method", "metric", "part", "verdict"])
    assert sentences.parts(table) == ["R2MF-Net on d, Dice: cannot tell: gate; pays: skip."]


def test_the_front_is_told_cheapest_first():
    front = pd.DataFrame(
        {"name": ["a/full", "b/full", "c/full"], "score": [0.5, 0.4, 0.7], "front": [True, False, True]}
    )
    assert "than a (0.500), c (0.700)" in sentences.worth(front, "d", "GMACs")


def test_calibration_counts_what_is_off():
    rows = [("normal", "rejection", "t", 0.048, "holds"), ("normal", "rejection", "t", 0.051, "holds")]
    rows += [("skewed", "rejection", "t", 0.098, "off")]
    judged = pd.DataFrame(rows, columns=["shape", "kind", "tool", "value", "verdict"])
    said = sentences.trusted(judged, "bootstrap-t")
    assert "4.8% to 5.1%" in said
    assert "1 of 3 combinations" in said
