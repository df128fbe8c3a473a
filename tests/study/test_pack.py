"""Finished runs in one file: what comes of it on another machine, and files that are none."""

import zipfile

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.seals import marks_of
from spinelib.runs.scorings import add_scorings, read_scorings
from spinelib.runs.state import as_text, read_state, results_of
from spinelib.study import pack
from spinelib.study.damage import damaged_results
from spinelib.study.merge import merge_study
from spinelib.study.pack import pack_study
from tests.study.test_merge import ROW, contents, finish, start


@pytest.fixture
def there(tmp_path):
    study = start(tmp_path / "there")
    for name in ("one", "two"):
        run = finish(study, name)
        run.figures.mkdir()
        (run.figures / "films.png").write_bytes(b"a picture of a film")
        (run.root / "predictions").mkdir()
        (run.root / "predictions" / "tiny.npz").write_bytes(b"masks")
        record = read_state(run.root).record | {"files": marks_of(run.root, results_of(run.root))}
        run.record.write_text(as_text(record))
    add_scorings(study.root, [ROW])
    return study


@pytest.fixture
def here(tmp_path):
    return start(tmp_path / "here")


def test_what_is_packed_comes_whole_and_its_record_says_what_stayed_behind(here, there, tmp_path):
    said = pack_study(there.root, tmp_path / "runs.zip")
    assert [line.split(",")[0] for line in said] == [f"2 runs in {tmp_path / 'runs.zip'}"]
    before = contents(here.root)
    merged = merge_study(here.root, tmp_path / "runs.zip")
    assert merged.said[0] == f"2 runs brought in from {tmp_path / 'runs.zip'}: one, two"
    assert merged.left == []
    for name in ("one", "two"):
        run, other = here.run(name), there.run(name)
        assert set(contents(run.root)) == {"run.json", "cases.csv", "predictions/tiny.npz"}
        assert run.cases.read_bytes() == other.cases.read_bytes()
        assert damaged_results(run) == ""
        record = read_state(run.root).record
        assert record["left_out"] == ["figures/films.png", "model.safetensors"]
        assert record == read_state(other.root).record | {"left_out": record["left_out"]}
    assert len(read_scorings(here.scorings)) == 1
    new = {name.split("/")[0] for name in set(contents(here.root)) - set(before)}
    assert {name for name in new if not name.startswith(".")} == {"runs", "scorings.csv"}


def test_no_picture_and_no_weights_are_packed(there, tmp_path):
    pack_study(there.root, tmp_path / "runs.zip")
    with zipfile.ZipFile(tmp_path / "runs.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith((".png", ".safetensors", ".ipynb"))]
        assert b"a picture of a film" not in b"".join(map(archive.read, archive.namelist()))


def test_a_damaged_run_is_left_out_and_named(there, tmp_path):
    there.run("one").cases.write_bytes(b"edited")
    said = pack_study(there.root, tmp_path / "runs.zip")
    assert said[0].startswith("1 runs in")
    assert said[1:] == ["left out: one, cases.csv damaged, edited or gone"]


def test_an_earlier_file_is_replaced_and_one_of_somebody_else_is_not(there, tmp_path):
    target, theirs = tmp_path / "runs.zip", tmp_path / "photos.zip"
    pack_study(there.root, target)
    finish(there, "three")
    assert pack_study(there.root, target)[0].startswith("3 runs")
    with zipfile.ZipFile(theirs, "w") as archive:
        archive.writestr("holiday.jpg", "mine")
    before = theirs.read_bytes()
    with pytest.raises(BadInput, match="is there, and holds no runs of a study"):
        pack_study(there.root, theirs)
    assert theirs.read_bytes() == before


def test_a_study_without_a_finished_run_leaves_no_file(here, tmp_path):
    with pytest.raises(BadInput, match="holds no finished run"):
        pack_study(here.root, tmp_path / "runs.zip")
    assert not (tmp_path / "runs.zip").exists()


@pytest.mark.parametrize("path", ["../outside.csv", "runs/../../outside.csv", "/outside.csv"])
def test_paths_that_lead_outside_are_refused(here, there, tmp_path, path):
    pack_study(there.root, tmp_path / "runs.zip")
    with zipfile.ZipFile(tmp_path / "runs.zip", "a") as archive:
        archive.writestr(path, "x")
    before = contents(here.root)
    with pytest.raises(BadInput, match="holds a path that leads outside"):
        merge_study(here.root, tmp_path / "runs.zip")
    assert contents(here.root) == before


def test_other_files_and_damaged_ones_are_refused_in_words(here, there, tmp_path, monkeypatch):
    target, other = tmp_path / "runs.zip", tmp_path / "text.zip"
    other.write_text("no zip")
    with pytest.raises(BadInput, match="holds no runs of a study"):
        merge_study(here.root, other)
    pack_study(there.root, target)
    whole = target.read_bytes()
    place = whole.index(b"runs/one/cases.csv") + len(b"runs/one/cases.csv") + 12
    target.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
    with pytest.raises(BadInput, match="is damaged"):
        merge_study(here.root, target)
    target.write_bytes(whole)
    monkeypatch.setattr(pack, "LARGEST", 10)
    with pytest.raises(BadInput, match="holds more than"):
        merge_study(here.root, target)
    assert not here.all_runs.exists()
