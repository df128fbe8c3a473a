"""One case of a manifest on the grid: image, labels, landmarks, frame and spacing."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.film import Reader
from spinelib.cases.manifest import Case
from spinelib.cases.readers.label_names import LabelNames, write_label_names
from spinelib.cases.readers.landmarks import write_landmarks
from spinelib.core.errors import BadInput

from .films import data_set, film, spine
from .framed import flattened, padded, square, viewer

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


def framed_set(folder, frames, count=3):
    """A data set with masks and landmarks in pixels of the files, whose films are in `frames(film)`."""
    cases = []
    for kind in ("landmarks", "mask"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    corners = {}
    for k in range(count):
        framed, mask = frames(film(400, 180, k)), draw_quadrilaterals(spine(400, 180), (400, 180)) > 0
        row, column = framed.start
        whole = np.zeros(framed.pixels.shape, np.uint8)
        part = mask[:: round(framed.aspect)]
        whole[row : row + len(part), column : column + 180] = part
        Image.fromarray(framed.pixels).save(folder / f"{k}.png")
        Image.fromarray(whole).save(folder / f"m{k}.png")
        corners[f"l{k}"] = (spine(400, 180) + 0.5) / (1, framed.aspect) - 0.5 + (column, row)
        spacing = (0.2 * framed.aspect, 0.2)
        cases += [
            Case(f"l{k}", f"{k}", "coronal", f"{k}.png", "", "landmarks.csv", spacing),
            Case(f"m{k}", f"{k}", "coronal", f"{k}.png", f"m{k}.png", "", spacing),
        ]
    write_landmarks(corners, folder)
    return Reader(folder, cases, (128, 64), 1, ("spine",)), cases


FRAMES = {
    "square": lambda pixels: square(pixels, 128),
    "viewer": viewer,
    "oblong": flattened,
}


@pytest.mark.parametrize("name", FRAMES)
def test_framed_films_are_learned_from_as_plain_ones(tmp_path, name):
    plain, cases = framed_set(tmp_path / "plain", lambda pixels: padded(pixels, 0, 0, 0, 0, 0))
    framed, others = framed_set(tmp_path / "framed", FRAMES[name])
    for case, other in zip(cases, others, strict=True):
        one, two = plain.read(case), framed.read(other)
        assert one["places"].tolist() == [400, 180, 0, 0, 0, 400, 180, 400, 180]
        np.testing.assert_allclose(two["frames"], one["frames"], atol=1e-3)
        np.testing.assert_allclose(two["landmarks"], one["landmarks"], atol=1e-3, equal_nan=True)
        np.testing.assert_allclose(two["spacing"], one["spacing"], rtol=1e-5)
        difference = np.abs(two["images"].astype(int) - one["images"].astype(int))
        assert difference.mean() < (0.01 if name != "oblong" else 4)
        overlap = 2 * (one["labels"] & two["labels"]).sum() / (one["labels"].sum() + two["labels"].sum())
        assert overlap > (0.999 if name != "oblong" else 0.95)


def test_a_mask_outside_the_film_is_refused(tmp_path):
    framed = square(film(400, 180, 1), 0)
    mask = np.zeros(framed.pixels.shape, np.uint8)
    mask[:50, :50] = 1
    Image.fromarray(framed.pixels).save(tmp_path / "a.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    case = Case("a", "a", "coronal", "a.png", "m.png")
    with pytest.raises(BadInput, match="marks nothing in the part of the picture that is the film"):
        Reader(tmp_path, [case], GRID, 1, ("spine",)).read(case)
