"""Which folders a run may have to itself."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.runs.own import check_own, check_own_data, check_own_study
from spinelib.runs.state import as_text


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


@pytest.mark.parametrize("name", [".run.lock", ".notebook.lock", "run.json", "failure.json"])
def test_a_folder_with_a_record_or_lock_is_a_runs_own(run, name):
    text = as_text({"status": "failed", "parameters": {}}) if name.endswith(".json") else ""
    (run.root / name).write_text(text)
    run.cases.touch()
    check_own(run.root)


def test_a_folder_that_a_run_may_have_to_itself(run):
    check_own(run.root / "new")
    check_own(run.root)
    for name in ("mine.ipynb", "notebook.ipynb", "console.txt", ".DS_Store"):
        (run.root / name).touch()
    check_own(run.root)


@pytest.mark.parametrize("name", ["cases.csv", "figures", "run.json", "notes.txt", "a/b.txt"])
def test_a_folder_of_somebody_else_is_refused(run, name):
    path = run.root / name
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if name == "figures" else path.write_text('{"status": "done"}')
    with pytest.raises(BadInput, match=r"is not empty \(.*\), and no run of ours made it\. Choose another folder"):
        check_own(run.root)
    assert [found.name for found in run.root.iterdir()] == [name.partition("/")[0]]


def test_a_study_takes_no_folder_with_tables_of_somebody_else(tmp_path):
    check_own_study(tmp_path / "new")
    for name in ("data", "runs", "questions", ".DS_Store"):
        (tmp_path / name).mkdir()
    check_own_study(tmp_path)
    (tmp_path / "cases.csv").write_text("mine")
    with pytest.raises(BadInput, match=r"is not empty \(cases.csv\), and no study of ours made it\. Give the study"):
        check_own_study(tmp_path)
    (tmp_path / "study.json").touch()
    check_own_study(tmp_path)


def test_prepared_data_lie_in_a_folder_of_their_own(tmp_path):
    check_own_data(tmp_path / "new")
    (tmp_path / "console.txt").touch()
    check_own_data(tmp_path)
    (tmp_path / "manifest.csv").write_text("mine")
    (tmp_path / "options.json").write_text("mine")
    with pytest.raises(BadInput, match=r"\(manifest.csv, options.json\), and no preparing of ours made it"):
        check_own_data(tmp_path)
    (tmp_path / ".lock").touch()
    check_own_data(tmp_path)
