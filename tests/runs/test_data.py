import os
import shutil

import pytest

from spinelib import sources
from spinelib.core.errors import BadInput
from spinelib.core.layout import LOCK, SEAL, DataFolder
from spinelib.runs.data import content_of, prepare_once, prepared_manifest, seal_tables
from tests.flips import flips


@pytest.fixture
def made(monkeypatch):
    """Counts how often data are prepared, in place of a data set."""
    calls = []

    def prepare(name, folder, **options):
        if options.get("fail"):
            raise BadInput(name, "cannot be prepared", "Mend it.")
        calls.append((name, options))
        (folder / "manifest.csv").write_text("case\n")

    monkeypatch.setattr(sources, "prepare", prepare)
    return calls


def test_the_same_options_prepare_once_and_others_again(tmp_path, made):
    for patients in (3, 3, 4):
        path = prepare_once(tmp_path / "films", {"dataset": "phantom", "patients": patients})
    assert path == tmp_path / "films" / "manifest.csv"
    assert made == [("phantom", {"patients": 3}), ("phantom", {"patients": 4})]
    path.unlink()
    prepare_once(tmp_path / "films", {"dataset": "phantom", "patients": 4})
    assert len(made) == 3


def test_data_that_failed_are_tried_again(tmp_path, made):
    with pytest.raises(BadInput, match="cannot be prepared"):
        prepare_once(tmp_path / "films", {"dataset": "phantom", "fail": True})
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 1


def test_data_that_a_study_has_not_prepared_are_named(tmp_path, made):
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert prepared_manifest(tmp_path, "films") == tmp_path / "films" / "manifest.csv"
    with pytest.raises(BadInput, match="Did you mean 'films'"):
        prepared_manifest(tmp_path, "flims")


def test_tables_that_were_damaged_or_edited_are_prepared_again_and_never_used(tmp_path, made):
    path = prepare_once(tmp_path / "films", {"dataset": "phantom"})
    for _ in flips(path):
        with pytest.raises(BadInput, match=r"manifest\.csv: is damaged, was edited or is gone"):
            prepared_manifest(tmp_path, "films")
    assert prepared_manifest(tmp_path, "films") == path
    assert len(made) == 1
    path.write_text("case\nmine\n")
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 2
    (tmp_path / "films" / "problems.csv").write_text("found later")
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 2


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, made):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "manifest.csv").write_text("mine")
    for _ in range(2):
        with pytest.raises(BadInput, match="no preparing of ours made it"):
            prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert [path.name for path in (tmp_path / "films").iterdir()] == ["manifest.csv"]
    assert made == []


def films(root):
    (root / "films").mkdir()
    (root / "films" / "a.png").write_text("a")
    return {"dataset": "folder", "source": str(root / "films")}


def test_a_changed_source_is_prepared_again_and_a_touched_one_is_not(tmp_path, made):
    options, film = films(tmp_path), tmp_path / "films" / "a.png"
    manifest = prepare_once(tmp_path / "data" / "own", options)
    content = content_of(manifest)
    assert content
    os.utime(film, ns=(0, 10**18))
    prepare_once(manifest.parent, options)
    assert len(made) == 1
    film.write_text("b")
    prepare_once(manifest.parent, options)
    assert len(made) == 2
    assert content_of(manifest) == content, "the manifest names no film"
    shutil.rmtree(tmp_path / "films")
    prepare_once(manifest.parent, options)
    assert len(made) == 2, "what is not there cannot be compared"


def test_what_was_prepared_before_does_not_join_the_new(tmp_path, made):
    options = films(tmp_path)
    folder = prepare_once(tmp_path / "data" / "own", options).parent
    (folder / "classes.csv").write_text("label,name\n1,lung\n")
    (folder / "masks").mkdir()
    (folder / "masks" / "old.png").touch()
    (folder / "console.txt").write_text("said")
    (tmp_path / "films" / "b.png").write_text("b")
    prepare_once(folder, options)
    assert {path.name for path in folder.iterdir() if path.name not in (LOCK, SEAL)} == {
        "manifest.csv",
        "options.json",
        "source.json",
        "console.txt",
    }


def test_a_folder_that_we_did_not_prepare_is_not_cleared(tmp_path, made):
    own = tmp_path / "data" / "own"
    (own / "images").mkdir(parents=True)
    (own / "images" / "mine.png").touch()
    (own / "notes.csv").touch()
    with pytest.raises(BadInput, match=r"\(images, notes.csv\), and no preparing of ours made it"):
        prepare_once(own, {"dataset": "phantom"})
    assert sorted(path.name for path in own.rglob("*")) == ["images", "mine.png", "notes.csv"]
    assert content_of(own / "manifest.csv") == ""


def test_a_prepared_mask_that_was_edited_is_made_anew_and_the_edit_is_kept(tmp_path, made):
    options = films(tmp_path)
    folder = prepare_once(tmp_path / "data" / "own", options).parent
    (folder / "masks").mkdir()
    (folder / "masks" / "a.png").write_text("made")
    seal_tables(DataFolder(folder))
    prepare_once(folder, options)
    assert len(made) == 1
    (folder / "masks" / "a.png").write_text("edited")
    with pytest.raises(BadInput, match=r"a\.png: is damaged, was edited or is gone"):
        prepared_manifest(folder.parent, "own")
    (folder / "masks" / "a.png.old").write_text("edited")
    prepare_once(folder, options)
    assert len(made) == 2
    assert [path.name for path in (folder / "masks").iterdir()] == ["a.png.old"]
