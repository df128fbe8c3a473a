"""Finished runs from another machine: whole or not at all, and nothing that is of another study."""

import json
import os
import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.core.seals import marks_of
from spinelib.runs import lock
from spinelib.runs.frozen import freeze, protocol_changes
from spinelib.runs.scorings import add_scorings, read_scorings
from spinelib.runs.state import as_text, read_state, results_of
from spinelib.study import merge
from spinelib.study.merge import merge_study
from tests.study.example import GOOD
from tests.study.test_driver import BAD, UNET, make, times, write_study
from tests.study.test_driver import study as started

RECIPES = {name: {"epochs": 2, "rate": 0.1, "run": name} for name in ("one", "two", "three")}
AGREED = {
    "comparisons": {"one against two": {"named": True}},
    "test sets": {"tiny": GOOD["data"]["more"]},
    "recipes": RECIPES,
}
ROW = {"when": "2026-01-01", "job": "runs/one", "dataset": "tiny", "split": "test", "cases": "4"}
MANIFEST = "case,image\na,a.png\n"


def finish(study, name, content=b"scores", arrays="d1", **parameters):
    """A finished run with a table, weights and a notebook."""
    files = study.run(name)
    files.root.mkdir(parents=True, exist_ok=True)
    for path in (files.cases, files.weights):
        path.write_bytes(content)
    files.notebook.write_text("{}")
    files.engine_lock.touch()
    facts = {
        "manifests": {"tiny": digest(study.data("tiny").manifest)},
        "prepared": {"tiny": ""},
        "data": {"tiny": {"films": 4, "digest": arrays}},
    }
    record = {
        "status": "finished",
        "run": name,
        "parameters": {**RECIPES[name], "out": "../somewhere", **parameters},
        "facts": facts,
        "commit": "c0ffee",
        "files": marks_of(files.root, results_of(files.root)),
    }
    files.record.write_text(as_text(record))
    return files


def start(root, agreed=AGREED, manifest=MANIFEST):
    """A study whose data are prepared, and that has said what it agrees on."""
    study = StudyFolder(root / "reports" / "tiny")
    study.data("tiny").root.mkdir(parents=True)
    study.data("tiny").manifest.write_text(manifest)
    freeze(study.root, agreed, 0)
    return study


@pytest.fixture
def here(tmp_path):
    return start(tmp_path / "here")


@pytest.fixture
def there(tmp_path):
    study = start(tmp_path / "there")
    for name in ("one", "two"):
        finish(study, name)
    return study


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_finished_runs_come_whole_and_without_locks(here, there):
    add_scorings(there.root, [ROW, ROW])
    merged = merge_study(here.root, there.root)
    assert merged.said[0] == f"2 runs brought in from {there.root}: one, two"
    assert "made by commit c0ffee, code unknown: 2 runs" in merged.said
    assert merged.left == []
    for name in ("one", "two"):
        assert read_state(here.run(name).root).status == "finished"
        own, others = (contents(study.run(name).root) for study in (here, there))
        assert own == {path: data for path, data in others.items() if not path.startswith(".")}
    assert len(read_scorings(here.scorings)) == 2
    assert not here.merging.exists()


def test_given_again_nothing_comes_twice(here, there):
    add_scorings(there.root, [ROW])
    merge_study(here.root, there.root)
    before = {path: path.stat().st_mtime_ns for path in here.all_runs.rglob("*")}
    merged = merge_study(here.root, there.root)
    assert merged.said == [f"0 runs brought in from {there.root}", "2 had finished here already and stay as they are"]
    assert {path: path.stat().st_mtime_ns for path in here.all_runs.rglob("*")} == before
    assert len(read_scorings(here.scorings)) == 1


def test_a_run_that_finished_here_stays_and_one_that_was_begun_gives_way(here, there):
    finish(here, "one", content=b"ours")
    here.run("two").state.parent.mkdir(parents=True)
    here.run("two").state.write_text("half a training")
    merge_study(here.root, there.root)
    assert here.run("one").cases.read_bytes() == b"ours"
    assert here.run("two").cases.read_bytes() == b"scores"
    assert not here.run("two").state.exists()


def test_what_came_is_newer_than_data_and_questions_here_and_an_earlier_run_older_than_its_followers(here, there):
    os.utime(there.run("one").record, (2e9, 2e9))
    now = here.data("tiny").manifest.stat().st_mtime_ns
    merge_study(here.root, there.root)
    one, two = (here.run(name).record.stat().st_mtime_ns for name in ("one", "two"))
    assert now <= two <= one
    assert one < 2e18


def test_notes_of_snakemake_on_an_earlier_attempt_are_removed(here, there, tmp_path):
    place = tmp_path / "here" / ".snakemake" / "incomplete"
    names = [urlsafe_b64encode(f"reports/tiny/runs/{run}/run.json".encode()).decode() for run in ("one", "three")]
    (place / f"@{names[0][:20]}").mkdir(parents=True)
    (place / f"@{names[0][:20]}" / names[0][20:]).touch()
    (place / names[1]).touch()
    merge_study(here.root, there.root)
    assert [path.name for path in place.rglob("*") if path.is_file()] == [names[1]]


@pytest.mark.parametrize(
    ("part", "other", "said"),
    [
        ("comparisons", {"one against three": {"named": True}}, "the comparisons are others there: only there"),
        ("test sets", {"tiny": {"patients": 9}}, "patients is 2 here, 9 there"),
        ("recipes", {**RECIPES, "one": {"epochs": 5}}, "epochs is 2 here, 5 there (one)"),
    ],
)
def test_a_study_that_agrees_on_something_else_is_refused(here, tmp_path, part, other, said):
    study = start(tmp_path / "there", AGREED | {part: other})
    finish(study, "one")
    with pytest.raises(BadInput, match="agrees on something else") as error:
        merge_study(here.root, study.root)
    assert said in str(error.value)
    assert not here.all_runs.exists()


def test_a_run_with_another_recipe_is_refused_with_what_differs_and_nothing_comes(here, there):
    finish(there, "two", rate=0.2)
    with pytest.raises(BadInput, match=r"two was made with rate 0.2, and the study says 0.1"):
        merge_study(here.root, there.root)
    assert not here.all_runs.exists()


def test_other_data_are_refused(tmp_path, there):
    here = start(tmp_path / "here", manifest=MANIFEST + "b,b.png\n")
    with pytest.raises(BadInput, match=r"the data 'tiny' hold something else \(2 runs\)"):
        merge_study(here.root, there.root)
    here.data("tiny").manifest.unlink()
    with pytest.raises(BadInput, match="the data 'tiny' are not prepared here"):
        merge_study(here.root, there.root)


def test_made_data_that_came_out_otherwise_are_refused(here, there):
    finish(here, "three", arrays="d2")
    with pytest.raises(BadInput, match="hold something else"):
        merge_study(here.root, there.root)


def test_where_films_are_given_their_content_decides_and_not_where_they_lie(here, there, monkeypatch):
    monkeypatch.setattr(merge, "content_of", lambda manifest: "same")
    with pytest.raises(BadInput, match="hold something else"):
        merge_study(here.root, there.root)
    for name in ("one", "two"):
        record = json.loads(there.run(name).record.read_text())
        record["facts"] |= {"prepared": {"tiny": "same"}, "manifests": {"tiny": "written elsewhere"}}
        record.pop("seal")
        there.run(name).record.write_text(as_text(record))
    assert len(merge_study(here.root, there.root).said) == 3


def test_a_damaged_run_is_left_out_and_the_others_come(here, there):
    there.run("one").cases.write_bytes(b"edited")
    merged = merge_study(here.root, there.root)
    assert merged.said[0].endswith(": two")
    assert merged.left == [f"left out: one, cases.csv damaged, edited or gone in {there.all_runs}"]
    assert not here.run("one").root.exists()


def test_stopped_half_way_nothing_is_half_there_and_the_next_call_goes_on(here, there, monkeypatch):
    copy = shutil.copytree

    def full(source, target, **options):
        copy(source, target, **options)
        if Path(source).name == "two":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(merge.shutil, "copytree", full)
    with pytest.raises(BadInput, match="cannot be brought in"):
        merge_study(here.root, there.root)
    assert [path.name for path in here.all_runs.iterdir()] == ["one"]
    assert not here.merging.exists()
    monkeypatch.setattr(merge.shutil, "copytree", copy)
    assert merge_study(here.root, there.root).said[0].endswith(": two")


def test_a_study_or_a_run_that_is_at_work_is_left_alone(here, there):
    lock.take(here.run("one").kernel_lock)
    try:
        assert merge_study(here.root, there.root).left == ["left out: one runs here"]
    finally:
        lock.release(here.run("one").kernel_lock)


def test_folders_that_are_no_two_studies_are_refused(here, tmp_path):
    with pytest.raises(BadInput, match="is the folder that runs are to be brought into"):
        merge_study(here.root, here.root)
    with pytest.raises(BadInput, match="no study was started in this folder"):
        merge_study(here.root, tmp_path)


def holding(root, content, path):
    """A study whose run `one` begins from a file of weights somewhere, with a finished run of it."""
    recipes = RECIPES | {"one": {"epochs": 2, "rate": 0.1, "run": "one", "checkpoint": {"holds": content}}}
    study = start(root, AGREED | {"recipes": recipes})
    finish(study, "one", checkpoint=path)
    return study


def noted(study, content):
    """Let the record of `one` say what the file held that it began from."""
    record = json.loads(study.run("one").record.read_text())
    record["facts"]["given"] = {"checkpoint": content}
    record.pop("seal")
    study.run("one").record.write_text(as_text(record))


def test_weights_that_lie_in_another_folder_there_are_the_same_where_they_hold_the_same(tmp_path):
    here, there = (holding(tmp_path / name, "abc", f"{name}/sam.pth") for name in ("here", "there"))
    shutil.rmtree(here.run("one").root)
    with pytest.raises(BadInput, match=r"one was made with checkpoint 'there/sam.pth', and the study says \{'holds'"):
        merge_study(here.root, there.root)
    noted(there, "other")
    with pytest.raises(BadInput, match=r"one was made with checkpoint \{'holds': 'other'\}"):
        merge_study(here.root, there.root)
    assert not here.run("one").root.exists()
    noted(there, "abc")
    assert merge_study(here.root, there.root).said[0].endswith(": one")


def test_studies_that_begin_from_other_weights_are_refused(tmp_path):
    here, there = (holding(tmp_path / name, name, "sam.pth") for name in ("here", "there"))
    with pytest.raises(BadInput, match=r"agrees on something else.*checkpoint is"):
        merge_study(here.root, there.root)


@pytest.mark.slow
def test_the_next_start_makes_no_run_that_came_and_asks_the_question_anew(tmp_path):
    roots = [tmp_path / name for name in ("here", "there")]
    for root in roots:
        root.mkdir()
        make(root)
        write_study(root, broken=())
        assert started(root).returncode == 0
    here, there = (StudyFolder(root / "reports" / "tiny") for root in roots)
    before = times(roots[0])
    shutil.rmtree(here.run(UNET).root)
    merged = merge_study(here.root, there.root)
    assert merged.said[0] == f"1 runs brought in from {there.root}: {UNET}"
    came = times(roots[0])
    done = started(roots[0])
    assert (done.returncode, "3 of 3 finished" in done.stdout) == (0, True)
    after = times(roots[0])
    assert after[UNET] == came[UNET]
    assert after[BAD] == before[BAD]
    assert after["90_compare"] > before["90_compare"]


def test_what_was_changed_there_after_its_first_run_is_said_here_for_good(tmp_path, here):
    study = start(tmp_path / "there", AGREED | {"recipes": {}})
    freeze(study.root, AGREED, 1)
    merge_study(here.root, study.root)
    (said,) = protocol_changes(here.root)
    assert said.startswith("on another machine, the recipes were changed after the first run: added one, two, three")
    freeze(here.root, AGREED | {"comparisons": {}}, 1)
    assert said in protocol_changes(here.root)
    assert RunFolder(here.root).root.exists()
