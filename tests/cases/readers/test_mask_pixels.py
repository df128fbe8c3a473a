import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.mask_pixels import is_lossy, read_mask_pixels
from spinelib.cases.readers.masks import inspect_mask

INDEX = np.array([[0, 0, 1], [1, 2, 2]], np.uint8)


def painted(path, palette, index=INDEX, **options):
    picture = Image.fromarray(index, "P")
    picture.putpalette(palette)
    picture.save(path, **options)
    return read_mask_pixels(path).values


@pytest.mark.parametrize(
    ("palette", "values"),
    [
        # PASCAL VOC, white with a colour, greys that are the numbers: the index is the label.
        ([0, 0, 0, 128, 0, 0, 0, 128, 0], INDEX),
        ([255, 255, 255, 255, 0, 0, 0, 128, 0], INDEX),
        ([0, 0, 0, 1, 1, 1, 2, 2, 2], INDEX),
        # Greys in another order, or black elsewhere: what is seen counts.
        ([255, 255, 255, 0, 0, 0, 128, 128, 128], np.array([[255, 255, 0], [0, 128, 128]])),
        ([0, 0, 0, 128, 128, 128, 255, 255, 255], np.array([[0, 0, 128], [128, 255, 255]])),
        # Numbers that look alike would be lost.
        ([0, 0, 0, 255, 255, 255, 255, 255, 255], INDEX),
    ],
)
def test_a_palette_paints_numbers_or_is_what_is_seen(tmp_path, palette, values):
    np.testing.assert_array_equal(painted(tmp_path / "a.png", palette), values)


def test_a_palette_with_black_in_another_place_gives_its_colours(tmp_path):
    found = painted(tmp_path / "a.png", [200, 0, 0, 0, 0, 0, 0, 0, 200])
    np.testing.assert_array_equal(found[0], [[200, 0, 0], [200, 0, 0], [0, 0, 0]])


def test_a_palette_with_a_transparent_entry(tmp_path):
    palette = [200, 0, 0, 200, 0, 0, 0, 0, 200]
    two = np.minimum(INDEX, 1)
    np.testing.assert_array_equal(painted(tmp_path / "a.png", palette, two, transparency=b"\xff\0"), 255 * (two == 0))
    np.testing.assert_array_equal(painted(tmp_path / "a.png", palette, two, transparency=b"\0\xff"), two)


def test_a_layer_counts_by_opacity_unless_it_has_several_colours(tmp_path):
    layer = np.zeros((6, 8, 4), np.uint8)
    layer[1:5, 1:7] = (0, 0, 0, 255)
    Image.fromarray(layer).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask_pixels(tmp_path / "a.png").values, layer[..., 3])
    layer[1:5, 1:4] = (255, 0, 0, 255)
    layer[1:5, 4:7] = (0, 255, 0, 255)
    Image.fromarray(layer).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask_pixels(tmp_path / "a.png").values, layer[..., :3])


@pytest.mark.parametrize(
    ("name", "options", "lossy"),
    [
        ("a.png", {}, False),
        ("a.jpg", {}, True),
        ("a.bmp", {}, False),
        ("a.tif", {}, False),
        ("a.tif", {"compression": "tiff_lzw"}, False),
        ("a.tif", {"compression": "jpeg"}, True),
        ("a.webp", {"lossless": True}, False),
        ("a.webp", {"lossless": False}, True),
    ],
)
def test_formats_that_change_values_are_known(tmp_path, name, options, lossy):
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(tmp_path / name, **options)
    assert is_lossy(tmp_path / name) is lossy


def test_a_mask_of_one_plane_in_nifti_lies_as_its_film(tmp_path):
    import nibabel

    mask = np.zeros((30, 20), np.uint8)
    mask[5:25, 3:9] = 1
    # The first axis runs to the patient's right, the second to the head: both against the picture's.
    affine = np.diag([0.5, 0.5, 1, 1])
    nibabel.Nifti1Image(np.ascontiguousarray(mask[::-1, ::-1].T[:, :, None]), affine).to_filename(tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(inspect_mask(tmp_path / "m.nii.gz", mask.shape)[0], mask)
