"""Labels of a film drawn from outlines and corners."""

from pathlib import Path

import numpy as np
import pytest

from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion, FilmLabels, FilmNames, label_films, save_mask
from spinelib.sources.listing import list_files

from .formats.films import CORNERS, RING, SHAPE, films, truth

FILE = Path("labels.json")


def labels(classes=("spine",)):
    return FilmLabels(Path("a.png"), "a", SHAPE, classes, LabelNames(), np.zeros(SHAPE, np.uint8))


def test_an_outline_on_the_edges_of_pixels_fills_them():
    found = labels(("vertebra", "spine"))
    found.outline(FILE, "Spine", np.array(RING, float))
    np.testing.assert_array_equal(found.labels, truth(2))


def test_outlines_of_named_vertebrae_give_their_corners():
    found = labels()
    for level, points in zip(LEVELS, CORNERS, strict=True):
        found.outline(FILE, level, points[[0, 1, 3, 2]] + 0.5)
    np.testing.assert_allclose(found.all_corners(FILE), CORNERS, atol=1e-6)
    assert labels().all_corners(FILE) is None


def test_corners_named_twice_or_in_part_are_refused():
    found = labels()
    found.vertebra(FILE, "T5", CORNERS[4])
    with pytest.raises(BadInput, match=r"corners of T5 of a\.png twice"):
        found.vertebra(FILE, "T5", CORNERS[4])
    found.vertebra(FILE, "vertebra", CORNERS[5])
    with pytest.raises(BadInput, match=r"of 1 vertebrae of a\.png without their levels"):
        found.all_corners(FILE)
    neck = labels()
    neck.vertebra(FILE, "C4", CORNERS[5])
    with pytest.raises(BadInput, match=r"no vertebra of a\.png from T1 to L5"):
        neck.all_corners(FILE)


def test_films_are_found_by_what_a_file_calls_them(tmp_path):
    for place in ("images/p1", "images/p2"):
        films(tmp_path / place, ["a.png"])
    films(tmp_path, ["b%20c.png", "e\u0301.png"])
    found = FilmNames(list_files(tmp_path, []))
    assert [path.parent.name for path in found.called("C:\\data\\p2\\a.png")] == ["p2"]
    assert len(found.called("a.png")) == 2
    assert found.called("none.png") == []
    assert [path.name for path in found.called("b%20c.png")] == ["b%20c.png"]
    assert len(found.called("\u00e9.png")) == 1


def test_a_film_that_cannot_be_drawn_costs_itself(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    (tmp_path / "in" / "c.png").write_bytes(b"x")
    conversion = Conversion(list_files(tmp_path / "in", []), tmp_path / "out", [])

    def draw(found):
        if found.case == "b":
            raise BadInput(FILE, "is wrong", "Correct it.")
        found.corners |= dict(zip(LEVELS, CORNERS, strict=True))
        return FILE

    cases = label_films(conversion, dict.fromkeys(conversion.listing.files.values(), draw))
    assert [(case.case, case.mask, case.landmarks) for case in cases] == [("a", "", "landmarks.csv")]
    assert {problem.case for problem in conversion.problems} == {"b", "c"}
    np.testing.assert_allclose(read_landmarks(tmp_path / "out" / "landmarks.csv")["a"], CORNERS, atol=1e-3)


def test_names_of_masks_are_short(tmp_path):
    name = save_mask(tmp_path, "p1/" + "ä" * 150, truth())
    assert len(Path(name).name.encode()) < 110
    assert (tmp_path / name).is_file()
