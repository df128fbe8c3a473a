"""Which study's tables a notebook reads."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import CASE_TABLE, HISTORY, PUBLISHED_RECORDS, PUBLISHED_STUDIES
from spinelib.runs.history import read_history
from spinelib.runs.named import finished_runs
from spinelib.runs.published import NO_CASES, StudyTables, record_rows, study_tables
from spinelib.runs.run import BY_HAND
from spinelib.runs.tables import CASE_COLUMNS

GIVEN = {"study": "quick", "trained_on": "a", "tested_on": ["a", "7"], "method": "unet", "variant": "full", "seed": 2}


@pytest.fixture
def kept(tmp_path):
    """The folder of the studies, with what is published of one."""
    folder = tmp_path / PUBLISHED_STUDIES / "quick"
    question = folder / "questions" / "30_robustness"
    question.mkdir(parents=True)
    (question / "losses.csv").write_text("dataset,recipe,view,unit,loss\n7,common,,1,0.5\na,common,,1,\n")
    records = {
        "runs/b": {"status": "finished", "run": "b", "parameters": {**GIVEN, "pretrained": "film"}},
        "runs/a": {"status": "finished", "run": "a", "parameters": GIVEN},
        "runs/c": {"status": "failed", "run": "c", "parameters": GIVEN},
        "questions/30_robustness": {"status": "finished", "parameters": {}},
    }
    (folder / PUBLISHED_RECORDS).write_text(json.dumps(records))
    (folder / HISTORY).write_text("run,step,stage,validation_dice\na,1,,0.1\nb,1,ends,\na,2,,0.3\n")
    return tmp_path


def asked(folder, study=BY_HAND):
    return SimpleNamespace(parameters={"results": str(folder / "quick")}, identity={"study": study})


def test_by_hand_what_is_published_stands_in_for_a_study_that_has_not_run(kept, capsys):
    study = study_tables(asked(kept))
    assert study == StudyTables(kept / PUBLISHED_STUDIES / "quick", True)
    assert "No run of the study quick has finished here" in capsys.readouterr().out
    assert study_tables(asked(kept), kept / "other") == StudyTables(kept / "other", False)
    (kept / "quick").mkdir()
    (kept / "quick" / CASE_TABLE).touch()
    assert study_tables(asked(kept)) == StudyTables(kept / "quick", False)


def test_a_study_reads_itself_alone(kept, capsys):
    assert study_tables(asked(kept, study="quick")) == StudyTables(kept / "quick", False)
    assert not capsys.readouterr().out


def test_what_needs_every_case_is_empty_and_says_why(kept, capsys):
    published = StudyTables(kept, True)
    assert (published.by_case({"a": 1}), published.by_case(["a"]), published.by_case([])) == ({}, [], [])
    assert capsys.readouterr().out.splitlines() == [NO_CASES] * 2
    assert StudyTables(kept, False).by_case(["a"]) == ["a"]


def test_published_tables_keep_text_as_text(kept):
    study = study_tables(asked(kept))
    table = study.table("30_robustness", "losses.csv")
    assert table[["dataset", "view", "unit"]].to_numpy().tolist() == [["7", "", "1"], ["a", "", "1"]]
    assert study.rows("30_robustness", "losses.csv", "7", "common")["loss"].tolist() == [0.5]
    assert study.rows("30_robustness", "losses.csv", "7", "published").empty
    assert [len(part) for part in study.kept("30_robustness", "losses.csv", "order.csv")] == [2]
    assert StudyTables(study.folder, False).kept("30_robustness", "losses.csv") == []
    with pytest.raises(BadInput, match="is not published"):
        study.table("30_robustness", "order.csv")


def test_its_runs_are_those_of_the_published_records(kept):
    folder = kept / PUBLISHED_STUDIES / "quick"
    rows = record_rows(folder)
    assert list(rows) == CASE_COLUMNS
    told = [["a", "a", "full"], ["a", "7", "full"], ["b", "a", "full_pretrained"], ["b", "7", "full_pretrained"]]
    assert rows[["run", "dataset", "variant"]].to_numpy().tolist() == told
    assert rows["value"].isna().all()
    assert set(rows["structure"]) == {""}
    assert [(files.root.name, record["run"]) for files, record in finished_runs(folder)] == [("a", "a"), ("b", "b")]


def test_the_course_of_a_published_training_is_taken_from_the_one_history(kept):
    own = {files.root.name: files for files, _ in finished_runs(kept / PUBLISHED_STUDIES / "quick")}
    pd.testing.assert_frame_equal(
        read_history(own["a"].history), pd.DataFrame({"step": [1, 2], "validation_dice": [0.1, 0.3]})
    )
    assert read_history(own["b"].history).empty, "a pipeline has a course for each of its trainings"
