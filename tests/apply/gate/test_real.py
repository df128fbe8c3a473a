"""Real pictures on which a gate is tried: films with their labels, and what is no film."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.gate.answers import SIDE_ANSWER, VOLUME_ANSWER
from spinelib.apply.gate.real import real_pictures
from spinelib.cases.volume import save_volume
from spinelib.core.errors import BadInput

from ...cases.volumes import SPACING, lumbar


def test_what_lies_there_is_shown_by_kind(tmp_path):
    grey = np.random.default_rng(0).integers(0, 255, (90, 80), np.uint8)
    for name in ("skin_ham10000", "cxr_lungs"):
        (tmp_path / name / "images").mkdir(parents=True)
        Image.fromarray(grey).save(tmp_path / name / "images" / "a.png")
    (tmp_path / "lumbar_mri/VB2_T2/images").mkdir(parents=True)
    save_volume(tmp_path / "lumbar_mri/VB2_T2/images/v.nii.gz", np.arange(8 * 40 * 30).reshape(8, 40, 30), (4, 1, 1))
    found = list(real_pictures(tmp_path))
    assert [picture.kind for picture in found] == ["skin", "chest", "real MR slice", "real MR slice"]
    assert all(picture.unseen and picture.readable is False for picture in found)
    assert np.array_equal(found[0].pixels, grey)
    assert found[2].pixels.dtype == np.uint8


def test_for_a_network_of_another_type_the_same_films_are_none_and_volumes_are_shown_whole(tmp_path):
    (tmp_path / "skin_ham10000" / "images").mkdir(parents=True)
    Image.fromarray(np.eye(90, dtype=np.uint8)).save(tmp_path / "skin_ham10000" / "images" / "a.png")
    image, labels = lumbar()
    for part, array in (("images", image), ("labels", np.where(labels <= 8, labels, 0).astype(np.uint8))):
        (tmp_path / "lumbar_mri/VB2_T2" / part).mkdir(parents=True)
        save_volume(tmp_path / "lumbar_mri/VB2_T2" / part / "v.nii.gz", array, SPACING)
    sides = list(real_pictures(tmp_path, SIDE_ANSWER.name))
    assert [picture.kind for picture in sides] == ["skin", "real MR slice", "real MR slice"]
    assert all(picture.readable is False for picture in sides)
    plain, turned = real_pictures(tmp_path, VOLUME_ANSWER.name)
    assert (plain.kind, plain.readable, plain.unseen, plain.spacing) == ("real volume", True, True, SPACING)
    assert np.array_equal(plain.pixels, image)
    assert set(np.unique(plain.labels)) == {0, *range(2, 8)}
    assert (turned.kind, turned.readable, turned.labels) == ("real volume upside down", False, None)
    assert np.array_equal(turned.pixels, image[:, ::-1])


def test_a_folder_without_any_is_refused(tmp_path):
    with pytest.raises(BadInput, match="none of the data sets"):
        list(real_pictures(tmp_path))


@pytest.mark.real
def test_every_real_volume_is_shown_with_what_is_labelled_in_it_and_upside_down():
    source = os.environ.get("SPINE_DATA")
    if not source or not (Path(source) / "lumbar_mri").is_dir():
        pytest.skip("SPINE_DATA names no folder with lumbar_mri")
    volumes = list(real_pictures(Path(source), "volume"))
    plain = [p for p in volumes if p.kind == "real volume"]
    assert len(volumes) == 2 * len(plain) >= 34
    assert all(p.labels.shape == p.pixels.shape and p.labels.any() for p in plain)


@pytest.mark.real
def test_development_films_alone_are_shown_with_their_angles():
    source = os.environ.get("SPINE_DATA")
    if not source:
        pytest.skip("SPINE_DATA names no folder of real data")
    films = [p for p in real_pictures(Path(source)) if p.kind == "development film"]
    assert len(films) >= 99
    assert all(film.labels.any() and 0 < film.angle < 120 for film in films)
