"""A changed source is noticed and said, and what depends on it runs again; nothing else does."""

import json
import os
import shutil

import pytest

from spinelib import sources
from spinelib.cases.manifest import Case, write_manifest
from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder
from spinelib.runs.data import content_of, prepare_once
from spinelib.runs.given_files import held_by
from spinelib.study import changes, done, driver
from spinelib.study.changes import changed_meanwhile, drop_stale, find_changes, keep_equal, lost_sources
from spinelib.study.jobs import REPORTS
from tests.study.example import read
from tests.tiny import PARAMETERS, write_notebook

TINY, MORE = "tiny-unet-full-s0-f0", "more-unet-full-s0-f0"
RUNS = [{"notebook": "10_train", "method": "unet", "trained_on": name} for name in ("tiny", "more")]
NAMES = ("a", "b")


def prepare(_name, folder, source="", **_options):
    """Stands in for a data set: a manifest of the films in `source`."""
    films = source and os.path.abspath(source)
    masks = sorted(os.listdir(f"{films}/masks")) if films else ["made.png"]
    places = [(name, f"{films}/images/{name}", f"{films}/masks/{name}") for name in masks]
    write_manifest([Case(name, name, "coronal", *place) for name, *place in places], folder)


@pytest.fixture
def study(root, monkeypatch):
    """The example with one run on each of its data, prepared and finished."""
    monkeypatch.chdir(root)
    monkeypatch.setattr(sources, "prepare", prepare)
    for kind in ("images", "masks"):
        (root / "my films" / "films" / kind).mkdir(parents=True)
        for name in NAMES:
            (root / "my films" / "films" / kind / f"{name}.png").write_text(f"{kind} {name}")
    made = read(root, runs=RUNS, comparisons=[], questions=["00_explore", "90_compare"])
    bring(made)
    return made


def bring(study):
    """What Snakemake would do: data, runs and questions that are missing."""
    for name, options in study.data.items():
        prepare_once(study.files.data(name).root, options)
    for job in (*study.runs.values(), *study.questions.values()):
        noted = {name: content_of(study.files.data(name).manifest) for name in job.data}
        if not job.files.record.exists():
            job.folder.mkdir(parents=True, exist_ok=True)
            job.files.record.write_text(json.dumps({"status": "finished", "code": "x", "facts": {"prepared": noted}}))


def mask(name="a"):
    return f"my films/films/masks/{name}.png"


def correct(name="a"):
    with open(mask(name), "a", encoding="utf-8") as file:
        file.write(" corrected")


def finished(study):
    return {job.id for job in (*study.runs.values(), *study.questions.values()) if job.files.record.exists()}


def test_nothing_changed_is_nothing_said(study, capsys):
    assert find_changes(study) == {}
    assert drop_stale(study) == []
    assert changed_meanwhile(study) == []
    assert lost_sources(study) == []
    assert capsys.readouterr().out == ""


def test_a_corrected_mask_runs_again_what_depends_on_it_alone(study, capsys):
    correct()
    shutil.copy(mask("b"), mask("c"))
    again = find_changes(study)
    assert set(again) == {"tiny"}
    assert capsys.readouterr().out == "  tiny: 1 changed (masks/a.png), 1 new (masks/c.png); prepared again\n"
    assert not study.files.data("tiny").manifest.exists()
    assert study.files.data("more").manifest.exists()
    bring(study)
    keep_equal(study, again)
    assert drop_stale(study, again) == [TINY, "00_explore"]
    assert finished(study) == {MORE, "90_compare"}
    assert capsys.readouterr().out == f"  again, since their data have changed: {TINY}, 00_explore\n"
    bring(study)
    assert (find_changes(study), drop_stale(study)) == ({}, [])


def test_an_equal_manifest_of_other_pixels_is_a_change(study):
    before = study.files.data("tiny").manifest.read_text()
    correct()
    again = find_changes(study)
    bring(study)
    assert study.files.data("tiny").manifest.read_text() == before
    keep_equal(study, again)
    assert TINY in drop_stale(study, again)


def test_where_the_same_comes_of_it_runs_stay_and_what_shows_the_data_is_asked_again(study, capsys):
    manifest = study.files.data("tiny").manifest
    made = manifest.stat().st_mtime_ns
    with open("my films/films/README.txt", "w", encoding="utf-8") as file:
        file.write("for people")
    again = find_changes(study)
    bring(study)
    keep_equal(study, again)
    assert manifest.stat().st_mtime_ns == made
    assert drop_stale(study, again) == ["00_explore"]
    assert "tiny: 1 new (README.txt); prepared again\n  tiny: the same came of it" in capsys.readouterr().out


def test_a_call_that_was_killed_after_preparing_is_made_up_for(study):
    correct()
    find_changes(study)
    bring(study)
    assert find_changes(study) == {}
    assert TINY in drop_stale(study)


def test_data_that_cannot_be_prepared_leave_their_runs_as_they_were(study):
    correct()
    again = find_changes(study)
    keep_equal(study, again)
    assert drop_stale(study, again) == []
    assert finished(study) == {TINY, MORE, "00_explore", "90_compare"}


def test_what_an_interrupted_training_left_of_the_data_as_they_were_goes(study):
    files = study.runs[TINY].files
    for folder in (files.checkpoint, files.stage("detector").checkpoint, study.runs[MORE].files.checkpoint):
        folder.mkdir(parents=True)
    correct()
    again = find_changes(study)
    bring(study)
    drop_stale(study, again)
    assert not files.checkpoint.exists()
    assert not files.stage("detector").checkpoint.exists()
    assert study.runs[MORE].files.checkpoint.exists()


def test_runs_that_noted_nothing_count_by_their_time(study):
    record = study.runs[TINY].files.record
    record.write_text('{"status": "finished", "facts": {}}')
    assert drop_stale(study) == []
    correct()
    again = find_changes(study)
    bring(study)
    state = study.files.data("tiny").manifest.stat()
    os.utime(record, ns=(state.st_atime_ns, state.st_mtime_ns - 1))
    assert TINY in drop_stale(study, again)


def test_other_options_and_another_folder_prepare_again(study, root, capsys):
    shutil.copytree("my films", "other films")
    changed = driver.read_study(study.file, "other films")
    assert set(find_changes(changed)) == {"tiny"}
    assert "tiny: was prepared from 'my films/films'; prepared again" in capsys.readouterr().out
    bring(changed)
    bring(study)
    file = root / "studies" / "tiny.yaml"
    file.write_text(file.read_text().replace("patients: 2", "patients: 3"))
    assert set(find_changes(driver.read_study(file, "my films"))) == {"more"}
    assert "more: was prepared with other options; prepared again" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"dataset": "folder"}'])
def test_damaged_options_prepare_again(study, text):
    study.files.data("tiny").options.write_text(text)
    assert set(find_changes(study)) == {"tiny"}


@pytest.mark.parametrize("empty", [False, True])
def test_a_source_that_is_gone_is_said_and_results_stay(study, capsys, monkeypatch, empty):
    shutil.rmtree("my films/films")
    if empty:
        os.makedirs("my films/films/images")
    assert lost_sources(study) == ["tiny"]
    monkeypatch.setattr(driver.Snakemake, "__call__", lambda *_: pytest.fail("nothing is to be started"))
    assert driver.run_study(study.file, 1, "my films") == 0
    said = capsys.readouterr().out
    assert "tiny: its source 'my films/films' is not there: not compared, and nothing is started" in said
    assert "4 of 4 finished" in said
    assert study.files.index.exists()
    study.runs[MORE].files.record.unlink()
    assert driver.run_study(study.file, 1, "my films") == 1


def test_a_wrong_path_of_data_that_were_prepared_from_another_is_refused(study):
    with pytest.raises(BadInput, match=r"'my film/films': is not a folder: .*Did you mean .*my films"):
        driver.run_study(study.file, 1, "my film")
    assert finished(study) == {TINY, MORE, "00_explore", "90_compare"}


def test_a_source_that_changes_while_the_study_runs_is_said_and_no_table_is_written(study, capsys, monkeypatch):
    study.runs[TINY].files.record.unlink()

    def call(_self, *targets):
        assert targets == ("runs",)
        bring(study)
        correct("b")
        return 0

    monkeypatch.setattr(driver.Snakemake, "__call__", call)
    assert driver.run_study(study.file, 1, "my films") == 1
    assert "tiny: 1 changed (masks/b.png), while the study ran: run it again" in capsys.readouterr().out
    assert not study.files.cases.exists()
    assert set(find_changes(study)) == {"tiny"}


def test_only_data_with_a_source_are_compared(study, monkeypatch):
    looked = []
    monkeypatch.setattr(
        changes, "source_changes", lambda folder, source: looked.append((folder.name, str(source))) or ""
    )
    find_changes(study)
    assert looked == [("tiny", "my films/films")]
    assert not DataFolder(study.files.data("more").root).source.exists()


def test_masks_of_another_program_that_were_corrected_are_scored_again(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + 'epochs = 1\nwidth = 1.0\nmasks = ""\n')
    (root / "theirs").mkdir()
    (root / "theirs" / "a.png").write_bytes(b"a")
    scored = {"method": "masks", "variant": "theirs", "parameters": {"masks": "../theirs"}}
    runs = [RUNS[1], RUNS[1] | scored]
    study = read(root, runs=runs, comparisons=[], questions=[])
    for job in study.runs.values():
        job.folder.mkdir(parents=True)
        facts = {"given": held} if (held := held_by(job.parameters, REPORTS)) else {}
        job.files.record.write_text(json.dumps({"status": "finished", "code": "x", "facts": facts}))
    before = done.basis(study, "local")
    assert drop_stale(study) == []
    (root / "theirs" / "a.png").write_bytes(b"corrected")
    assert done.basis(study, "local") != before
    assert drop_stale(study) == ["more-masks-theirs-s0-f0"]
    assert capsys.readouterr().out == "  again, since files given to them have changed: more-masks-theirs-s0-f0\n"
    assert finished(study) == {MORE}
