"""Labelme files of corrected corners, read back by the reader of Labelme files; nothing of anybody's is lost."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.desk.labels import EARLIER, write_labels
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.labelme import read_shapes

from .made import SIZE, draw_film, spine_corners


def test_labels_are_read_back_as_they_were_written(seen, tmp_path):
    corners = spine_corners(20.0)
    path = write_labels(seen.path, seen.found, corners, tmp_path / "labels")
    assert path.name == "drawn film.json"
    assert (path.parent / json.loads(path.read_text())["imagePath"]).read_bytes() == seen.path.read_bytes()
    back = read_shapes(path, SIZE)
    assert next(iter(back.instances)) == "T1"
    assert len(back.instances) == 17
    assert abs(back.corners - corners).max() < 0.02


def test_vertebrae_that_nobody_can_name_are_read_back_too(seen, tmp_path):
    path = write_labels(seen.path, seen.found, spine_corners(20.0)[:16], tmp_path / "labels")
    shapes = json.loads(path.read_text())["shapes"]
    assert {shape["label"] for shape in shapes} == {"vertebra"}
    assert read_shapes(path, SIZE).mask.any()


def test_a_turned_film_of_another_kind_lies_beside_as_png_in_its_own_pixels(seen, tmp_path):
    upright, _ = draw_film(20.0, 1)
    place = FilmPlace.of(SIZE, (0, 0, *SIZE), turns=1)
    film = replace(seen.found.film, place=place, picture=upright.astype(np.float32))
    source = tmp_path / "film.dcm"
    source.write_bytes(b"what Labelme does not open")
    path = write_labels(source, replace(seen.found, film=film), spine_corners(20.0), tmp_path / "labels")
    picture = np.asarray(Image.open(path.with_suffix(".png")))
    assert picture.shape == place.file == SIZE[::-1]
    inside = read_shapes(path, place.file).mask > 0
    assert picture[inside].mean() > 2 * picture[~inside].mean()


def test_what_was_changed_since_is_kept(seen, tmp_path):
    folder = tmp_path / "labels"
    path = write_labels(seen.path, seen.found, spine_corners(20.0), folder)
    path.write_text("mine")
    write_labels(seen.path, seen.found, spine_corners(25.0), folder)
    assert [file.read_text() for file in (tmp_path / EARLIER).iterdir()] == ["mine"]
    assert read_shapes(path, SIZE).corners == pytest.approx(spine_corners(25.0), abs=0.02)
    assert len(list(folder.iterdir())) == 2
