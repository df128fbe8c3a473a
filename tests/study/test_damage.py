"""What was damaged or edited is named and made anew."""

import pytest

from spinelib.core.layout import RunFolder
from spinelib.core.seals import marks_of, seal_files
from spinelib.runs.state import as_text, results_of
from spinelib.study.changes import find_changes
from spinelib.study.damage import renew
from spinelib.study.plan import read_study
from tests.flips import flips
from tests.study.test_driver import BAD, UNET, make


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study whose data and both runs have finished."""
    monkeypatch.chdir(make(tmp_path))
    study = read_study("studies/tiny.yaml", "films")
    for name in (UNET, BAD):
        files = RunFolder(study.runs[name].folder)
        files.figures.mkdir(parents=True)
        for path in (files.cases, files.weights, files.figures / "a.png"):
            path.write_bytes(bytes(100))
        files.record.write_text(as_text({"status": "finished", "files": marks_of(files.root, results_of(files.root))}))
    data = study.files.data("films")
    data.root.mkdir(parents=True)
    data.manifest.write_text("case,image\n")
    seal_files(data.root, [data.manifest])
    return study


def test_a_whole_study_is_left_as_it_is(study, capsys):
    before = {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")}
    assert renew(study) == []
    assert {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")} == before
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["cases.csv", "model.safetensors", "figures/a.png"])
def test_a_run_with_a_flipped_bit_runs_again(study, capsys, name):
    run = study.runs[UNET]
    record = run.files.record.read_text()
    for _ in flips(run.folder / name):
        assert renew(study) == [UNET]
        assert f"{UNET}: {name} damaged, edited or gone; made anew" in capsys.readouterr().out
        assert not run.files.record.exists()
        run.files.record.write_text(record)
    assert renew(study) == []


def test_a_table_that_is_gone_is_made_anew_and_weights_removed_to_save_space_are_not(study):
    run = study.runs[UNET]
    run.files.weights.unlink()
    assert renew(study) == []
    run.files.cases.unlink()
    assert renew(study) == [UNET]


def test_a_damaged_record_is_written_anew(study, capsys):
    run = study.runs[BAD]
    run.files.record.write_text(run.files.record.read_text().replace("finished", "finishing"))
    assert renew(study) == [BAD]
    assert f"{BAD}: run.json damaged" in capsys.readouterr().out


def test_edited_data_are_prepared_again_and_the_edit_is_kept(study, capsys):
    data = study.files.data("films")
    data.manifest.write_text("case,image\nmine,mine.png\n")
    assert list(find_changes(study)) == ["films"]
    assert "films: manifest.csv damaged, edited or gone, kept as .old; prepared again" in capsys.readouterr().out
    assert not data.manifest.exists()
    assert data.manifest.with_name("manifest.csv.old").read_text() == "case,image\nmine,mine.png\n"


def test_a_notebook_that_cannot_be_read_is_made_anew(study, capsys):
    run = study.runs[UNET]
    run.files.notebook.write_text('{"cells": []}')
    assert renew(study) == []
    run.files.notebook.write_text('{"cells": [}')
    assert renew(study) == [UNET]
    assert f"{UNET}: notebook.ipynb damaged, edited or gone; made anew" in capsys.readouterr().out
