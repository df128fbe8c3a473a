"""Which network reads a file, by what the file is, and what is said where it is not there."""

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.find import ImageFile
from spinelib.apply.networks import OneNetwork, ReleasedNetworks
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor

from ..cases.readers.dicoms import dicom
from ..prediction.made import trained
from .released import even, lopsided, release


def image(path):
    return ImageFile(path, path.name, path.stem)


def saved(path, pixels):
    Image.fromarray(pixels).save(path)
    return image(path)


@pytest.fixture
def networks(tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch, "film", "lateral", "mr")
    return ReleasedNetworks("cpu")


def chosen(networks, each):
    choice = networks.choose(each)
    return choice.predictor.folder.name, choice.by


def test_a_film_goes_where_its_header_says(networks, tmp_path):
    side = dicom(tmp_path / "side.dcm", even().astype(np.uint16), ViewPosition="LL")
    front = dicom(tmp_path / "front.dcm", lopsided().astype(np.uint16), ViewPosition="PA")
    assert chosen(networks, image(side)) == ("lateral", "header")
    assert chosen(networks, image(front)) == ("film", "header")


def test_a_film_without_words_goes_by_its_picture_and_is_read_once(networks, tmp_path):
    front = saved(tmp_path / "front.png", even())
    assert chosen(networks, front) == ("film", "picture")
    assert chosen(networks, saved(tmp_path / "side.png", lopsided())) == ("lateral", "picture")
    assert networks.choose(front).film.pixels.shape == (200, 80)


def test_a_volume_goes_to_the_network_of_volumes_and_each_network_is_loaded_once(networks, tmp_path):
    (tmp_path / "v.nii.gz").touch()
    (tmp_path / "w.mha").touch()
    assert chosen(networks, image(tmp_path / "v.nii.gz")) == ("mr", "volume")
    assert list(networks.loaded) == ["mr"]
    one, other = (networks.choose(image(tmp_path / name)).predictor for name in ("v.nii.gz", "w.mha"))
    assert one is other


def test_what_is_not_there_is_said_once_and_of_every_file_that_needs_it(tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch, "film")
    networks = ReleasedNetworks("cpu")
    assert len(networks.remarks) == 1
    assert "lateral (films from the side" in networks.remarks[0]
    assert "mr (lumbar" in networks.remarks[0]
    side = dicom(tmp_path / "side.dcm", even().astype(np.uint16), ViewPosition="LL")
    with pytest.raises(BadInput, match=r"from the side, .* lateral, is not there\. Name one .*--network film"):
        networks.choose(image(side))
    # What only the picture says is no ground for reading nothing.
    assert chosen(networks, saved(tmp_path / "side.png", lopsided())) == ("film", "picture")
    assert chosen(networks, saved(tmp_path / "front.png", even())) == ("film", "picture")


def test_without_any_released_network_nothing_can_be_read(tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch)
    with pytest.raises(BadInput, match="holds no weights of the released network"):
        ReleasedNetworks("cpu")


def test_a_row_stands_while_its_network_does_and_was_chosen(networks):
    digest = networks._get("front", None).digest
    assert networks.stands({"network_digest": digest, "chosen_by": "picture"})
    assert not networks.stands({"network_digest": digest, "chosen_by": "asked"})
    assert not networks.stands({"network_digest": "another", "chosen_by": "picture"})


def test_one_network_reads_what_has_its_axes_and_passes_over_the_rest(tmp_path):
    one = OneNetwork(Predictor.from_folder(trained(tmp_path / "run"), "cpu"))
    (tmp_path / "v.nii.gz").touch()
    assert one.passes_over(image(tmp_path / "v.nii.gz")) == "is a volume; the network reads films"
    film = saved(tmp_path / "film.png", lopsided())
    assert one.passes_over(film) == ""
    assert chosen(one, film) == ("run", "asked")
    assert one.stands({"network_digest": one.choose(film).digest, "chosen_by": "picture"})
    assert not one.stands({"network_digest": "another"})
