"""Files are told by what they hold, wherever they lie."""

import shutil

import pytest

from spinelib.runs.given_files import held_by


@pytest.fixture
def place(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "sam.pth").write_bytes(b"weights")
    (tmp_path / "masks" / "more").mkdir(parents=True)
    (tmp_path / "masks" / "a.png").write_bytes(b"a")
    (tmp_path / "masks" / "more" / "b.png").write_bytes(b"b")
    return tmp_path


GIVEN = {"checkpoint": "../sam.pth", "masks": "../masks", "epochs": 3, "detector_checkpoint": ""}


def test_the_same_content_elsewhere_is_the_same(place, tmp_path):
    held = held_by(GIVEN, place / "reports")
    assert set(held) == {"checkpoint", "masks"}
    moved = place / "other" / "deep"
    shutil.copytree(place / "masks", moved / "called otherwise")
    shutil.copy(place / "sam.pth", moved / "weights.pth")
    there = {"checkpoint": str(moved / "weights.pth"), "masks": str(moved / "called otherwise")}
    assert held_by(there, tmp_path) == held
    # Notebooks run in a folder that a study that never ran has not made yet.
    (place / "reports").rmdir()
    assert held_by(GIVEN, place / "reports") == held


@pytest.mark.parametrize("change", ["sam.pth", "masks/a.png", "masks/more/b.png", "masks/c.png"])
def test_other_content_is_other(place, change):
    before = held_by(GIVEN, place / "reports")
    (place / change).write_bytes(b"otherwise")
    after = held_by(GIVEN, place / "reports")
    name = change.split("/")[0].removesuffix(".pth").replace("sam", "checkpoint")
    assert [key for key in before if before[key] != after[key]] == [name]


def test_a_name_a_run_and_what_is_not_there_are_no_files(place):
    given = {"pretrained": "film", "checkpoint": "../gone.pth", "masks": "nowhere", "detector_checkpoint": "../masks"}
    assert held_by(given, place / "reports") == {}
    assert held_by({"pretrained": "../reports"}, place / "reports") == {}
    assert set(held_by({"pretrained": "../sam.pth"}, place / "reports")) == {"pretrained"}


def test_weights_that_an_option_of_a_network_names_are_files_and_other_options_are_none(place):
    (place / "imagenet.safetensors").write_bytes(b"w")
    given = {"options": ["gate=conv", "encoder_weights=../imagenet.safetensors", "regressor_weights=gone.safetensors"]}
    held = held_by(given, place / "reports")
    assert set(held) == {"options.encoder_weights"}
    (place / "elsewhere.safetensors").write_bytes(b"w")
    assert held_by({"options": ["encoder_weights=../elsewhere.safetensors"]}, place / "reports") == held
