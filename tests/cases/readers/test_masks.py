import numpy as np
import pytest
from PIL import Image

from spinelib.cases import read_mask
from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.masks import inspect_mask, looks_inverted
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
    mask, remark = inspect_mask(tmp_path / "a.png", SHAPE)
    np.testing.assert_array_equal(mask, MASK)
    assert remark == "its label numbers 6 to 15 count as one structure"


@pytest.mark.parametrize("values", [MASK.astype(np.uint16) * 65535, MASK.astype(np.float32), MASK * np.float32(255)])
def test_masks_of_sixteen_bits_and_floats(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "a.tif")
    mask, remark = inspect_mask(tmp_path / "a.tif", SHAPE)
    np.testing.assert_array_equal(mask, MASK)
    assert remark == ""


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_mask_is_upright_by_its_own_tag(tmp_path, turn):
    stored = {
        1: MASK,
        2: MASK[:, ::-1],
        3: MASK[::-1, ::-1],
        4: MASK[::-1],
        5: MASK.T,
        6: MASK.T[::-1],
        7: MASK.T[::-1, ::-1],
        8: MASK.T[:, ::-1],
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(np.ascontiguousarray(stored) * 255).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", SHAPE), MASK)


@pytest.mark.parametrize("mode", ["L", "1", "P"])
def test_an_inverted_mask_is_asked_about_and_turned_when_told(tmp_path, mode):
    path = tmp_path / "a.png"
    Image.fromarray(255 - 255 * MASK).convert(mode).save(path)
    with pytest.raises(BadInput, match=r"looks inverted: 80% of it .*inverted: true .*inverted: \['a.png'\]"):
        inspect_mask(path, SHAPE)
    for said in (True, ("a.png",), ("a",)):
        mask, remark = inspect_mask(path, SHAPE, names=LabelNames(inverted=said))
        np.testing.assert_array_equal(mask, MASK)
        assert remark == "turned round as labels.yaml says"
        np.testing.assert_array_equal(read_mask(path, SHAPE, names=LabelNames(inverted=said)), MASK)
    for names in (LabelNames(inverted=False), LabelNames(values={255: "spine"})):
        np.testing.assert_array_equal(inspect_mask(path, SHAPE, names=names)[0], 1 - MASK)
    # Of other structures nobody knows how much they cover.
    assert inspect_mask(path, SHAPE, ("lesion",))[1] == ""
    # Preparing has asked: what it took, the loader takes.
    np.testing.assert_array_equal(read_mask(path, SHAPE), 1 - MASK)


def test_a_mask_that_is_not_inverted_where_all_are_said_to_be(tmp_path):
    Image.fromarray(255 * MASK).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match=r"looks inverted, turned round as labels.yaml says.*inverted: \[a.png\]"):
        inspect_mask(tmp_path / "a.png", SHAPE, names=LabelNames(inverted=True))


def test_how_much_is_marked_decides_what_looks_inverted():
    frame = np.zeros((100, 100), np.uint8)
    frame[:60] = frame[-1, :51] = frame[:, 0] = frame[:51, -1] = 1
    frame[20, 1:99] = 0
    assert 0.59 < frame.mean() < 0.6
    assert not looks_inverted(frame)
    frame[20, 1:99] = 1
    assert 0.6 < frame.mean() < 0.61
    assert looks_inverted(frame)
    # Half of a border is not more than half of it.
    frame[-1, 50] = 0
    assert not looks_inverted(frame)
    # What marks every pixel is refused for that.
    assert not looks_inverted(np.ones((9, 9), np.uint8))


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
        (MASK * 127 + np.roll(MASK, 9, 0) * 127, "holds the values 127, 254: several structures"),
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
