import nibabel
import numpy as np
import pytest
from PIL import Image

from spinelib.cases import read_image, read_spacing
from spinelib.cases.readers import images
from spinelib.cases.readers.images import Facts, picture_size, read_picture
from spinelib.core.errors import BadInput

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4
NAME = "a film, ü.{}"


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "npy"])
def test_grey_comes_back_exactly(tmp_path, suffix):
    path = tmp_path / NAME.format(suffix)
    np.save(path, GREY) if suffix == "npy" else Image.fromarray(GREY).save(path)
    pixels = read_image(path)
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(pixels, GREY)


def test_jpeg_comes_back_nearly(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg") - GREY).max() < 16


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_keep_their_values(tmp_path, suffix):
    deep = GREY.astype(np.uint16) * 250
    Image.fromarray(deep).save(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}"), deep)


def test_float_tiff_keeps_fractions(tmp_path):
    Image.fromarray(GREY / np.float32(7)).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif"), GREY / np.float32(7))


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGB", "RGBA", "CMYK"])
def test_other_modes_of_grey_come_back_as_grey(tmp_path, mode):
    picture = Image.fromarray(np.where(GREY > 100, 255, 0).astype(np.uint8)).convert(mode)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    picture.save(path)
    np.testing.assert_array_equal(read_image(path), np.where(GREY > 100, 255, 0))


def test_colour_stays_colour(tmp_path):
    colour = np.stack([GREY, GREY // 2, GREY[::-1]], 2)
    Image.fromarray(colour).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), colour)


def test_exif_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.jpg", "a.png"):
        Image.fromarray(GREY).save(tmp_path / name, exif=exif)
        assert read_image(tmp_path / name).shape == (10, 6) == picture_size(tmp_path / name)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.rot90(GREY, -1))


def _cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "npy"])
def test_a_file_cut_short_is_refused(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (80, 60), np.uint8)
    path = tmp_path / NAME.format(suffix)
    np.save(path, noise) if suffix == "npy" else Image.fromarray(noise).save(path)
    _cut(path)
    with pytest.raises(BadInput) as error:
        read_image(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "npy", "dcm"])
@pytest.mark.parametrize(("content", "reason"), [(b"", "0 bytes"), (b"These are words, not pixels. " * 20, "is no")])
def test_an_empty_file_and_one_with_words_are_refused(tmp_path, suffix, content, reason):
    path = tmp_path / NAME.format(suffix)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        read_image(path)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_bytes_never_end_in_another_error(tmp_path):
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 255, (40, 30), np.uint8))
    for suffix in ("png", "jpg", "tif", "bmp"):
        path = tmp_path / f"a.{suffix}"
        noise.save(path)
        good = np.frombuffer(path.read_bytes(), np.uint8)
        refused = 0
        for _ in range(60):
            bad = good.copy()
            bad[rng.integers(0, len(bad), 12)] = rng.integers(0, 255, 12)
            path.write_bytes(bad.tobytes())
            try:
                read_image(path)
            except BadInput:
                refused += 1
        assert refused > 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("suffix", ["tif", "npy"])
def test_pixels_that_are_no_numbers_are_refused(tmp_path, suffix, value):
    pixels = GREY.astype(np.float32)
    pixels[2, 3] = value
    path = tmp_path / f"a.{suffix}"
    np.save(path, pixels) if suffix == "npy" else Image.fromarray(pixels).save(path)
    with pytest.raises(BadInput, match="NaN or infinite"):
        read_image(path)


@pytest.mark.parametrize("shape", [(0, 5), (4, 0), (3, 4, 5), (7,)])
def test_an_array_without_a_picture_is_refused(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    with pytest.raises(BadInput):
        read_image(tmp_path / "a.npy")


def test_a_pickled_array_is_not_opened(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"x": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="no readable array"):
        read_image(tmp_path / "a.npy")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    Image.new("1", (20000, 9000)).save(tmp_path / "bomb.png")
    with pytest.raises(BadInput, match="more than 120 megapixels"):
        read_image(tmp_path / "bomb.png")
    Image.new("1", (13000, 10000)).save(tmp_path / "large.png")
    with pytest.raises(BadInput, match=r"130 megapixels \(13000 x 10000\), the limit is 120"):
        read_image(tmp_path / "large.png")


def test_the_limit_leaves_room_for_the_largest_detectors():
    assert images.MAX_PIXELS > 4 * 4300 * 4300


def test_a_tiff_with_pages_is_refused(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(GREY)])
    with pytest.raises(BadInput, match="several pages"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("name", ["none.png", "folder.png", "nul\0.png", "x" * 300 + ".png"])
def test_a_path_without_a_file_is_refused(tmp_path, name):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(BadInput):
        read_image(tmp_path / name)


def test_pictures_have_no_spacing(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png", dpi=(300, 300))
    assert read_spacing(tmp_path / "a.png") is None


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp", "webp", "jp2", "npy"])
def test_the_size_is_that_of_the_pixels(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    np.save(path, GREY) if suffix == "npy" else Image.fromarray(GREY).save(path)
    assert picture_size(path) == read_image(path).shape[:2] == GREY.shape


def test_dots_per_inch_give_the_shape_of_a_pixel_but_no_millimetres(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png", dpi=(300, 150))
    picture = read_picture(tmp_path / "a.png")
    assert (picture.spacing, picture.facts, picture.remark) == (None, Facts(), "")
    assert picture.aspect == pytest.approx(2, rel=1e-3)


def test_a_film_in_nifti_is_upright_and_keeps_its_spacing(tmp_path):
    # the first axis runs to the left in steps of 0.5 mm, the second to the head in steps of 0.25 mm
    affine = np.array([[-0.5, 0, 0, 0], [0, 0, -1, 0], [0, 0.25, 0, 0], [0, 0, 0, 1]])
    path = tmp_path / "a.nii.gz"
    nibabel.save(nibabel.Nifti1Image(GREY[::-1].T, affine), path)
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, GREY)
    assert (picture.spacing, picture.aspect) == ((0.25, 0.5), 0.5)
    assert (picture_size(path), read_spacing(path)) == (GREY.shape, (0.25, 0.5))
