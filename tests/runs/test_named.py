"""Only what a study names now counts; what else lies in its folder is of an earlier plan."""

import json

import pytest

from spinelib.core.errors import BadInput
from spinelib.runs.named import finished_runs, left_over, named_folders

PLAN = {"data": {"films": "dataset folder"}, "runs": [{"id": "a"}, {"id": "b"}], "questions": [{"id": "90_compare"}]}


@pytest.fixture
def results(tmp_path):
    for name in ("a", "old", "b"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"status": "finished", "run": name}))
    (tmp_path / "runs" / ".hidden").mkdir()
    (tmp_path / "runs" / "b" / "run.json").unlink()
    (tmp_path / "runs" / "a file").touch()
    for name in ("data/films", "data/earlier", "questions/90_compare", "questions/40_cobb"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "study.json").write_text(json.dumps(PLAN))
    return tmp_path


def test_what_the_plan_does_not_name_is_left_out_and_listed(results):
    assert [record["run"] for _, record in finished_runs(results)] == ["a"]
    assert [files.root.name for files, _ in finished_runs(str(results))] == ["a"]
    assert [path.name for path in named_folders(results, "runs")] == ["a", "b"]
    assert [path.name for path in named_folders(results, "data")] == ["films"]
    assert [path.name for path in named_folders(results, "questions")] == ["90_compare"]
    assert left_over(results) == ["data/earlier", "questions/40_cobb", "runs/old"]


def test_a_folder_without_a_plan_is_taken_as_it_lies(results):
    (results / "study.json").unlink()
    assert [record["run"] for _, record in finished_runs(results)] == ["a", "old"]
    assert left_over(results) == []
    assert named_folders(results / "nowhere", "runs") == []


def test_a_plan_that_says_nothing_of_a_kind_leaves_it_as_it_lies(results):
    (results / "study.json").write_text(json.dumps({"runs": [{"id": "a"}]}))
    assert [path.name for path in named_folders(results, "data")] == ["earlier", "films"]
    assert left_over(results) == ["runs/b", "runs/old"]


@pytest.mark.parametrize(
    "text", ["", '{"runs": [', "[]", "7", '{"runs": 3}', '{"runs": [{"name": "a"}]}', '{"data": 3}']
)
def test_a_damaged_plan_is_named_with_a_remedy(results, text):
    (results / "study.json").write_text(text)
    with pytest.raises(BadInput, match=r"study\.json: is no plan of a study .*Run make study again"):
        list(finished_runs(results))
