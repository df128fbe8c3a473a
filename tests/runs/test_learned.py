"""Runs that learned nothing: what makes one, that it is named with the reason, and that nothing ranks or tests it."""

import json

import pandas as pd
import pytest

from spinelib.questions import compare
from spinelib.runs.learned import (
    answer_reasons,
    learned_only,
    nobody_learned,
    outline_reasons,
    unlearned_runs,
    unlearned_words,
)
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.statistics import comparison
from spinelib.statistics.contrast_verdicts import BETTER, UNLEARNED
from tests.questions.compare.case_rows import case_rows
from tests.questions.significance.made import cases as made

GOOD = {"empty": 0.0, "best_dice": 0.7, "last_dice": 0.6, "dice": 0.8, "dice_guess": 0.5}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"empty": 0.51}, "nothing was predicted in 51% of the test cases"),
        ({"best_dice": 0.05}, "never rose above 0.05"),
        ({"last_dice": 0.0}, "fell to 0"),
        ({"dice": 0.49}, "Dice 0.490, and 0.500 by one mask for every film"),
    ],
)
def test_each_sign_alone_is_enough(changes, words):
    (reason,) = outline_reasons(GOOD | changes)
    assert words in reason


def test_what_has_learned_and_what_nothing_is_known_of_passes():
    assert outline_reasons(GOOD) == outline_reasons({}) == answer_reasons({}) == []
    assert outline_reasons(GOOD | {"empty": 0.5, "dice": 0.5}) == []
    assert answer_reasons({"spread": 1.0, "smape": 20.0, "smape_guess": 20.0}) == []


def test_answers_within_a_degree_and_worse_than_the_mean_are_none():
    assert "within 0.99°" in answer_reasons({"spread": 0.99})[0]
    assert "SMAPE 21.0 %, and 20.0 % by one answer" in answer_reasons({"smape": 21.0, "smape_guess": 20.0})[0]


@pytest.fixture
def study(tmp_path):
    """A study in which the U-Net that learned from the real films drew nothing."""
    rows = case_rows("r2mfnet", "real", 0.8) + case_rows("unet", "real", 0.7) + case_rows("unet", "phantom", 0.6)
    pd.DataFrame(rows)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    for run, signs in (("real-r2mfnet", GOOD), ("real-unet", GOOD | {"empty": 1.0}), ("phantom-unet", {})):
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True)
        record = {"status": "finished", "run": run, "facts": {"signs": {"real": signs}}}
        (folder / "run.json").write_text(json.dumps(record))
    return tmp_path


def test_a_run_that_drew_nothing_is_named_and_on_no_board_and_in_no_test(study):
    cases = compare.study_cases(study)
    assert set(cases["run"]) == {"real-r2mfnet", "phantom-unet"}
    board = compare.full_board(comparison.summarise(cases), "real", "spine")
    assert list(board.index) == ["r2mfnet/full", "unet/full_from_phantom"]
    named = [["r2mfnet/full", "unet/full"], ["r2mfnet/full", "unet/full_from_phantom"]]
    assert set(compare.study_contrasts(cases, named)["other"]) == {"unet/full_from_phantom"}
    found = unlearned_runs(study)
    words = ["real-unet, outlines: learned nothing: nothing was predicted in 100% of the test cases"]
    assert unlearned_words(found, cases, "real") == words
    assert words[0] in compare.leaderboards(study)


def test_one_seed_takes_its_entry_away_and_angles_go_by_themselves():
    rows = [{**row, "seed": seed, "run": f"unet{seed}"} for seed in range(2) for row in case_rows("unet", "real", 0.8)]
    rows += case_rows("plunet", "real", 0.7)
    rows += [{**row, "structure": "angles"} for row in rows]
    cases = pd.DataFrame(rows)[CASE_COLUMNS]
    found = pd.DataFrame([("unet1", "real", "angles", "x")], columns=["run", "dataset", "of", "reason"])
    left = learned_only(cases, found)
    assert set(left.loc[left["structure"] == "angles", "run"]) == {"real-plunet"}
    assert set(left.loc[left["structure"] == "spine", "run"]) == {"unet0", "unet1", "real-plunet"}


def test_where_nobody_learned_the_board_stays_and_says_so():
    cases = pd.DataFrame(case_rows("unet", "real", 0.1) + case_rows("plunet", "real", 0.1))[CASE_COLUMNS]
    found = pd.DataFrame(
        [(run, "real", "outlines", "x") for run in ("real-unet", "real-plunet")],
        columns=["run", "dataset", "of", "reason"],
    )
    left = learned_only(cases, found)
    assert len(left) == len(cases)
    assert "says nothing" in unlearned_words(found, left, "real")[-1]
    assert nobody_learned(found, left, "real")
    assert not nobody_learned(found[:1], left, "real")
    assert not nobody_learned(found[:0], left, "real")


def test_two_networks_that_drew_nothing_are_not_told_apart(tmp_path):
    own = made(seeds=(0, 1))
    own[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    for run in own["run"].unique():
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True)
        record = {"status": "finished", "run": run, "facts": {"signs": {"phantom": {"empty": 1.0}}}}
        (folder / "run.json").write_text(json.dumps(record))
    cases = compare.study_cases(tmp_path)
    row = compare.study_contrasts(cases, [["good/full", "base/full"]]).iloc[0]
    assert (row["verdict"], row["n"]) == (UNLEARNED, 16)
    assert pd.isna([row["p"], row["p_holm"]]).all()
    assert compare.study_contrasts(own, [["good/full", "base/full"]])["verdict"].iloc[0] == BETTER
    words = compare.compared(pd.DataFrame([row]), "phantom")
    assert "1 no entry has learned anything, no verdict." in words
