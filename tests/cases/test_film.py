"""One case of a manifest on the grid: image, labels, landmarks, frame and spacing."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.film import Reader
from spinelib.cases.manifest import Case
from spinelib.cases.readers.label_names import LabelNames, write_label_names
from spinelib.core.errors import BadInput

from .films import data_set, spine

GRID = (60, 24)


def test_a_film_fills_its_part_of_the_grid_from_1_to_255(tmp_path):
    pixels = np.tile(np.arange(40, dtype=np.uint8) * 6, (50, 1))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray((pixels > 120).astype(np.uint8)).save(tmp_path / "mask.png")
    case = Case("a", "a", "coronal", "a.png", "mask.png", spacing=(0.2, 0.2))
    read = Reader(tmp_path, [case], GRID, 1, ("bone",)).read(case)
    # 50 x 40 px on 60 x 24: the width decides, scale 0.6, 30 rows from row 15 on; centres at integers: 0 is at -0.2.
    assert read["frames"].tolist() == pytest.approx([0.6, 14.8, -0.2, 50, 40])
    assert read["images"].shape == (1, *GRID)
    shown = read["images"][0, 15:45]
    assert (read["images"][0, :15] == 0).all()
    assert (shown.min(), shown.max()) == (1, 255)
    assert (np.diff(shown.astype(int), axis=1) >= 0).all()
    np.testing.assert_allclose(read["spacing"], np.array([0.2, 0.2]) / 0.6, rtol=1e-6)
    # Grey 120 lies in column 20 of the film, which is column 12 of the grid.
    assert read["labels"][15:45, 14:].all()
    assert not read["labels"][:, :11].any()


def test_landmarks_give_corners_on_the_grid_and_the_column_between_them(tmp_path):
    cases = data_set(tmp_path, 2)
    reader = Reader(tmp_path, cases, GRID, 1, ("spine",))
    read = reader.read(cases[0])
    # 300 x 120 px fill the grid: five pixels become one, centres at integers.
    np.testing.assert_allclose(read["landmarks"], (spine(300, 120) + 0.5) / 5 - 0.5, atol=1e-3)
    assert (read["extra_spine_column"] >= read["labels"]).all()
    assert read["extra_spine_column"].sum() > read["labels"].sum()
    blank = reader.blank()
    assert {name: values.shape for name, values in blank.items()} == {k: v.shape for k, v in read.items()}


def test_only_a_set_whose_every_film_has_landmarks_has_a_column(tmp_path):
    cases = data_set(tmp_path, 2)
    mixed = [cases[0], replace(cases[1], landmarks="", mask="mask.png")]
    assert "extra_spine_column" not in Reader(tmp_path, mixed, GRID, 1, ("spine",)).blank()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"landmarks": ""}, "neither a mask nor landmarks"),
        ({"case": "stranger"}, "no row for case 'stranger'"),
        ({"image": "flat.png"}, "one grey value only"),
    ],
)
def test_a_case_that_cannot_be_read_names_its_file_and_a_remedy(tmp_path, changes, words):
    cases = data_set(tmp_path, 1)
    Image.new("L", (40, 90), 7).save(tmp_path / "flat.png")
    reader = Reader(tmp_path, cases, GRID, 1, ("spine",))
    with pytest.raises(BadInput, match=words) as error:
        reader.read(replace(cases[0], **changes))
    assert error.value.file.startswith(str(tmp_path))
    assert error.value.remedy


def test_what_labels_yaml_says_counts_for_the_users_own_masks(tmp_path):
    pixels = np.tile(np.arange(24, dtype=np.uint8) * 9, (60, 1))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    inside = np.zeros((60, 24), np.uint8)
    inside[10:50, 8:16] = 1
    Image.fromarray(255 - 255 * inside).save(tmp_path / "own.png")
    Image.fromarray(inside).save(tmp_path / "made.png")
    write_label_names(LabelNames(inverted=True), tmp_path)
    for mask in (str(tmp_path / "own.png"), "made.png"):
        case = Case("a", "a", "coronal", "a.png", mask)
        np.testing.assert_array_equal(Reader(tmp_path, [case], GRID, 1, ("spine",)).read(case)["labels"], inside)
