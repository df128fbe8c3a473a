"""Which layout is found, and what is said where none is."""

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.sources.formats.registry import FORMATS

from ...cases.volumes import SPACING, lumbar, save_series
from .films import films, labelme, run, save, truth


def test_every_layout_has_its_module_with_both_functions():
    for each in FORMATS:
        assert each.title
        assert callable(each.module.fits)
        assert callable(each.module.cases)
    assert len({each.name for each in FORMATS}) == len(FORMATS)


def test_a_folder_that_holds_the_one_with_the_films_will_do(tmp_path):
    films(tmp_path / "in" / "download" / "v2" / "images", ["a.png", "b.png"])
    for name in "ab":
        save(tmp_path / "in" / "download" / "v2" / "masks" / f"{name}.png", truth())
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []


def test_a_folder_of_no_known_layout_says_what_it_holds(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    labelme(tmp_path / "in" / "other.json")
    with pytest.raises(BadInput, match=r"none of the known layouts; it holds 2 \.png, 1 \.json"):
        run(tmp_path / "in")


def test_a_disc_from_a_hospital_without_labels_says_what_it_holds(tmp_path):
    for k in range(2):
        save_series(tmp_path / "in" / "DICOM" / f"S{k}", lumbar()[0].astype(np.uint16), SPACING, uid=f"1.2.{k}")
    (tmp_path / "in" / "DICOMDIR").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"none of the known layouts; it holds 2 series of slices, in DICOM"):
        run(tmp_path / "in")


def test_films_without_a_label_say_what_is_wrong_with_the_first(tmp_path):
    films(tmp_path / "in" / "images", ["a.png", "b.png"])
    with pytest.raises(BadInput, match=r"holds no image with a label; the first of 2 problems: has no mask called a; "):
        run(tmp_path / "in")


def test_ids_that_meet_get_a_number(tmp_path):
    source = tmp_path / "in"
    films(source / "images", ["a_lateral.png", "b.png"])
    films(source / "lateral" / "images", ["a.png"])
    for name in ("masks/a_lateral.png", "masks/b.png", "lateral/masks/a.png"):
        save(source / name, truth())
    assert set(run(source)[0]) == {"a_lateral", "b", "a_lateral_2"}
