"""The ledger of scorings: a row for every time, for good; counted by side and data set."""

import pandas as pd
import pytest

from spinelib.core.layout import StudyFolder
from spinelib.runs import machine
from spinelib.runs.scorings import COLUMNS, note_scoring, read_scorings, scored_sets, scorings_of

CASES = pd.DataFrame(
    [("a", "test", "1"), ("a", "test", "1"), ("a", "test", "2"), ("b", "train", "3"), ("b", "test", "all")],
    columns=["dataset", "split", "case"],
)


@pytest.fixture(autouse=True)
def commit(monkeypatch):
    said = {"commit": "abc", "code": "c0de", "dirty": False}
    monkeypatch.setattr(machine, "code", lambda: said)
    return said


def test_every_scoring_adds_a_row_for_each_side_and_none_is_ever_taken_away(tmp_path, commit):
    study = StudyFolder(tmp_path / "study")
    for _ in range(2):
        note_scoring(study.run("one").root, CASES, {"a": "d1"})
    commit |= {"commit": "def", "dirty": True}
    note_scoring(study.question("30_robustness").root, CASES, {})
    rows = read_scorings(study.scorings)
    assert [tuple(row) for row in rows] == [COLUMNS] * 6
    assert [(row["job"], row["dataset"], row["split"], row["cases"]) for row in rows[:2]] == [
        ("runs/one", "a", "test", "2"),
        ("runs/one", "b", "train", "1"),
    ]
    assert [row["digest"] for row in rows] == ["d1", "", "d1", "", "", ""]
    assert len(scorings_of(study.run("one").root)) == 4
    first, second = scored_sets(rows)
    assert (first.dataset, first.split, first.cases, first.jobs, first.times, first.most) == ("a", "test", 2, 2, 3, 2)
    assert (first.commits, first.changed) == (("abc", "def"), True)
    assert (second.dataset, second.split) == ("b", "train")


def test_the_ledger_outlives_the_folder_of_its_run(tmp_path):
    study = StudyFolder(tmp_path / "study")
    study.run("one").root.mkdir(parents=True)
    note_scoring(study.run("one").root, CASES, {})
    study.run("one").root.rmdir()
    note_scoring(study.run("one").root, CASES, {})
    assert scored_sets(read_scorings(study.scorings))[0].most == 2


def test_a_run_made_by_hand_has_its_own(tmp_path):
    note_scoring(tmp_path / "by_hand" / "mine", CASES, {})
    assert (tmp_path / "by_hand" / "mine" / "scorings.csv").exists()
    assert [row["job"] for row in scorings_of(tmp_path / "by_hand" / "mine")] == ["mine", "mine"]
    assert read_scorings(tmp_path / "nowhere") == []
