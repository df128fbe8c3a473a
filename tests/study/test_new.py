"""A study file by what lies in a folder: it reads as a study, whatever the folder is called."""

import shutil
from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.core.shipped import CHECKOUT
from spinelib.prediction import released
from spinelib.prediction.card import Card
from spinelib.study import read_study
from spinelib.study.new import write_study

from ..cases.volumes import volume_set
from ..prediction.made import leave, network
from .test_found import labelled


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A project with the notebooks and one released network, small and untrained."""
    monkeypatch.setattr(released, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    shutil.copytree(CHECKOUT / "notebooks", tmp_path / "notebooks")
    card = Card("unet", "resnet18", 1.0, 1, ("spine",), (320, 128), (320, 128), local=False, flip=True)
    leave(released.RELEASED["film"].folder, network(card), card)
    return tmp_path


def written(home, folder, name="mine"):
    file = home / "studies" / f"{name}.yaml"
    said = write_study(name, folder, file)
    return said, read_study(file), yaml.safe_load(file.read_text(encoding="utf-8"))


def test_films_of_any_folder_get_a_study_that_starts_from_the_released_network(home):
    folder = labelled(home / "meine „Filme“, ü's: $1", 14)
    said, study, given = written(home, folder)
    assert given["data"] == {"mine": {"dataset": "folder", "source": str(folder)}}
    assert study.data["mine"]["source"] == str(folder)
    # Pixels are two and a half times as many in height.
    assert given["grid"] == [256, 96]
    assert list(study.runs) == [
        "mine-unet-resnet18-s0-f0",
        "mine-unet-resnet18-pretrained-s0-f0",
        "mine-released-film-s0-f0",
    ]
    scratch, film, as_it_is = (job.parameters for job in study.runs.values())
    assert as_it_is["network"] == "film"
    assert film["pretrained"] == "film"
    assert (film["own_grid"], film["local"]) == ([320, 128], False)
    # 11 films are to learn from, a part of them validates: as many steps as with many.
    assert film["epochs"] == scratch["epochs"] == 200
    assert list(study.questions) == ["00_explore", "90_compare", "32_learning", "40_cobb"]
    assert "14 films with labels, of 14 patients" in said[0]
    assert said[-1].endswith("start them with: spinelib study run mine, or make study STUDY=mine")


def test_too_few_patients_to_learn_from_are_said_and_nothing_is_started(home):
    said, study, _ = written(home, labelled(home / "films", 2))
    assert not study.runs
    assert said[-1].startswith("no runs: fewer than two patients are left to learn from")


def test_with_more_films_the_page_shows_what_ten_of_them_buy(home):
    _, study, _ = written(home, labelled(home / "films", 32, levels=False))
    trained = [job.parameters for job in study.runs.values() if "epochs" in job.parameters]
    amounts = {given.get("train_films", 0): given["epochs"] for given in trained}
    # 26 are to learn from, 23 train and 3 validate.
    assert amounts == {0: 139, 10: 200, 20: 160}
    assert "40_cobb" not in study.questions


def test_without_released_weights_all_is_learned_from_nothing_and_said(home):
    shutil.rmtree(released.RELEASED["film"].folder)
    said, study, _ = written(home, labelled(home / "films"))
    assert list(study.runs) == ["mine-unet-resnet18-s0-f0"]
    assert any("has not come with this copy" in line for line in said)


def test_volumes_get_a_network_for_volumes(home):
    volume_set(home / "volumes")
    for name in ("manifest.csv", "classes.csv"):
        (home / "volumes" / name).unlink()
    _, study, given = written(home, home / "volumes")
    assert len(given["grid"]) == 3
    assert list(study.runs) == ["mine-unet3d-full-s0-f0"]


def test_what_starts_from_an_earlier_network_is_built_as_that_was(home):
    volume_set(home / "volumes")
    card = Card("safnet", "full", 0.0625, 1, ("spine",), (6, 32, 16), (6, 32, 16))
    leave(released.RELEASED["mr"].folder, network(card), card)
    _, study, _ = written(home, home / "volumes")
    assert {job.parameters["options"][0] for job in study.runs.values() if "options" in job.parameters} == {"gate=conv"}


def test_a_file_that_is_there_is_never_written_over(home):
    file = home / "studies" / "mine.yaml"
    file.parent.mkdir()
    file.write_text("title: Mine\n")
    with pytest.raises(BadInput, match="is there already"):
        write_study("mine", labelled(home / "films"), file)
    assert file.read_text() == "title: Mine\n"


def test_a_name_that_is_none_is_refused(home):
    with pytest.raises(BadInput, match="no name for a study"):
        write_study("My study", home, Path("x.yaml"))
