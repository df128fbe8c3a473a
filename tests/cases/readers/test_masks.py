import numpy as np
import pytest
from PIL import Image

from spinelib.cases import read_mask
from spinelib.cases.readers.masks import inspect_mask
from spinelib.core.errors import BadInput

SHAPE = (40, 30)
MASK = np.zeros(SHAPE, np.uint8)
MASK[10:30, 8:20] = 1


@pytest.mark.parametrize("value", [1, 2, 100, 255])
@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "npy"])
def test_any_single_value_marks_the_structure(tmp_path, suffix, value):
    path = tmp_path / f"mask, ü.{suffix}"
    np.save(path, MASK * value) if suffix == "npy" else Image.fromarray(MASK * value).save(path)
    mask, remark = inspect_mask(path, SHAPE)
    assert mask.dtype == np.uint8
    assert remark == ""
    np.testing.assert_array_equal(mask, MASK)


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA"])
def test_masks_may_be_painted_in_any_mode(tmp_path, mode):
    Image.fromarray(MASK * 255).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


def test_a_palette_counts_by_index_not_by_colour(tmp_path):
    picture = Image.fromarray(MASK * 3).convert("L")
    picture = Image.frombytes("P", picture.size, picture.tobytes())
    picture.putpalette([255, 255, 255, 9, 9, 9, 9, 9, 9, 200, 0, 0])
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


def test_a_drawing_on_a_transparent_layer_counts_by_opacity(tmp_path):
    layer = np.zeros((*SHAPE, 4), np.uint8)
    layer[MASK > 0] = (0, 0, 0, 255)
    Image.fromarray(layer).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


def test_a_red_drawing_counts_whole(tmp_path):
    colour = np.zeros((*SHAPE, 3), np.uint8)
    colour[MASK > 0] = (200, 20, 20)
    Image.fromarray(colour).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


def test_a_label_map_of_vertebrae_counts_as_their_union(tmp_path):
    labels = MASK * np.repeat(np.arange(1, 21, dtype=np.uint8), 2)[:, None]
    Image.fromarray(labels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


def test_a_jpeg_mask_is_cut_at_half_and_says_so(tmp_path):
    Image.fromarray(MASK * 255).save(tmp_path / "a.jpg", quality=75)
    mask, remark = inspect_mask(tmp_path / "a.jpg", SHAPE)
    assert "stray values" in remark
    assert np.count_nonzero(mask != MASK) <= 4


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (MASK * 0, "is empty"),
        (MASK * 0 + 255, "marks every pixel"),
        (MASK[:20], "has 30 x 20 pixels, its film 30 x 40"),
        (MASK.T, "turned by 90 degrees"),
        (np.random.default_rng(0).integers(0, 255, SHAPE), "a picture or several structures"),
        (MASK * 255 // 2 + np.roll(MASK, 9, 0) * 127, "several structures"),
    ],
)
def test_what_is_no_mask_of_this_film_is_refused(tmp_path, values, reason):
    Image.fromarray(np.ascontiguousarray(values).astype(np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match=reason):
        read_mask(tmp_path / "a.png", SHAPE)


def test_several_classes_keep_their_numbers(tmp_path):
    labels = MASK + MASK * (np.arange(40) > 20)[:, None].astype(np.uint8)
    Image.fromarray(labels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE, ("vertebra", "disc")), labels)
    Image.fromarray(labels * 2).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match=r"no label \(4\)"):
        read_mask(tmp_path / "a.png", SHAPE, ("vertebra", "disc"))
