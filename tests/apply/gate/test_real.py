"""Real pictures on which a gate is tried: films with their labels, and what is no film."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.gate.real import real_pictures
from spinelib.cases.volume import save_volume
from spinelib.core.errors import BadInput


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


def test_a_folder_without_any_is_refused(tmp_path):
    with pytest.raises(BadInput, match="none of the data sets"):
        list(real_pictures(tmp_path))


@pytest.mark.real
def test_development_films_alone_are_shown_with_their_angles():
    source = os.environ.get("SPINE_DATA")
    if not source:
        pytest.skip("SPINE_DATA names no folder of real data")
    films = [p for p in real_pictures(Path(source)) if p.kind == "development film"]
    assert len(films) >= 99
    assert all(film.labels.any() and 0 < film.angle < 120 for film in films)
