"""What answers rest on: tables of questions, trainings, and whose cases they are."""

from tests.report.answers.made import NAMES, board, contrasts, evidence


def test_tables_are_those_of_the_first_question_that_has_one(tmp_path):
    found = evidence(tmp_path, [board()], losses=[{"dataset": "7", "loss": 0.5}])
    assert found.table("losses.csv")["dataset"].tolist() == ["7"], "a data set may be called by a number"
    assert found.question("losses.csv") == "#q"
    assert found.table("cobb.csv").empty
    assert found.question("cobb.csv") == ""
    assert found.contrasts.empty
    assert len(evidence(tmp_path, [board()], contrasts=contrasts((*NAMES[:2], 0.1, "open"))).contrasts) == 1


def test_trainings_are_those_of_the_entry_that_has_fewest(tmp_path):
    assert evidence(tmp_path, [board()], trainings=2).trainings("d", NAMES) == 2
    assert evidence(tmp_path, [board()], trainings=1).trainings("d", NAMES) == 1
    assert evidence(tmp_path, [board()], trainings=2).trainings("d", [*NAMES, "safnet/full"]) == 1
    assert evidence(tmp_path, [board()], trainings=2).trainings("elsewhere", NAMES) == 1


def test_cases_are_said_with_patients_and_source(tmp_path):
    found = evidence(tmp_path, [board(), board(dataset="v", structure="all")])
    assert found.cases_of("d", 1).startswith("On test cases of 1 patient of d (AASCE 2019")
    assert found.cases_of("unknown", 2) == "On test cases of 2 patients of unknown."
    assert (found.images("d"), found.images("v")) == ("films", "MR volumes")
