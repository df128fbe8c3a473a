"""One film: the map of the evaluation on its grid, and its mask in the film's own pixels."""

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.film import outline_film
from spinelib.cases import load_arrays, read_manifest
from spinelib.cases.readers.picture import Picture
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor
from spinelib.sources import prepare

from ..cases.films import NAME, film
from ..cases.framed import ways
from ..cases.readers.dicoms import dicom
from ..prediction.made import stand_in
from .made import bright, finished
from .outliner import GRID, trained_outliner


@pytest.mark.parametrize("how", [{}, {"flip": True}, {"evaluation": (48, 48), "local": False}])
def test_the_map_on_the_grid_is_that_of_the_evaluation(tmp_path, how):
    run = finished(tmp_path, **how)
    trained, data = Predictor.from_folder(run, "cpu"), tmp_path / "data" / "own"
    expected = trained.labels(load_arrays(data, (64, 32)))
    found = [outline_film(trained, data / "images" / NAME.format(k)).on_grid for k in range(6)]
    assert np.array_equal(expected, found)
    assert expected.any()


def test_what_is_bright_is_outlined_where_it_is_in_the_films_own_pixels(tmp_path, monkeypatch):
    pixels = np.full((640, 400), 40, np.uint8)
    pixels[160:400, 220:260] = 240
    Image.fromarray(pixels).save(tmp_path / "bar.png")
    labels = outline_film(bright(tmp_path / "study", monkeypatch), tmp_path / "bar.png").labels
    rows, columns = np.flatnonzero(labels.any(1)), np.flatnonzero(labels.any(0))
    # One pixel of the grid is 12.5 px of the film.
    assert labels.shape == pixels.shape
    assert np.abs([rows[0] - 160, rows[-1] - 399, columns[0] - 220, columns[-1] - 259]).max() <= 12
    assert np.abs(np.argwhere(labels).mean(0) - [279.5, 239.5]).max() < 1.5


def test_the_reading_is_that_of_the_grid_with_corners_in_the_films_own_pixels(tmp_path, monkeypatch):
    pixels = np.asarray(film(640, 300, 3, bend=25))
    # Air that is not of one grey, or it would be taken for a border of the film.
    air = np.random.default_rng(0).integers(20, 40, pixels.shape)
    Image.fromarray(np.where(pixels > 140, 250, air).astype(np.uint8)).save(tmp_path / "spine.png")
    found = outline_film(bright(tmp_path / "study", monkeypatch, evaluation=(256, 128)), tmp_path / "spine.png")
    assert found.on_grid.shape == (256, 128)
    assert found.labels.shape == found.film.picture.shape == (640, 300)
    assert found.answers is None
    # 256 rows show 640: a pixel of the grid is 2.5 of the film.
    for quad in found.reading.corners:
        x, y = quad.mean(0)
        assert found.on_grid[round(y / 2.5), round((x - 150) / 2.5 + 64)]


def test_a_film_of_one_grey_is_refused(tmp_path, monkeypatch):
    Image.new("L", (50, 90), 7).save(tmp_path / "flat.png")
    with pytest.raises(BadInput, match="one grey value only"):
        outline_film(bright(tmp_path / "study", monkeypatch), tmp_path / "flat.png")


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A network that knows spines, a film that it has not seen, as its file has it, its outline, and its frames."""
    folder = tmp_path_factory.mktemp("learned")
    network = trained_outliner(folder / "data")
    prepare("phantom", folder / "other", patients=1, size=(512, 256), seed=77, test_fraction=0)
    case = read_manifest(folder / "other")[0]
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, network)
        run = finished(folder / "study", network, grid=list(GRID), local=False)
        predictor = Predictor.from_folder(run, "cpu")
    plain = outline_film(predictor, folder / "other" / case.image)
    pixels = plain.film.picture.astype(np.uint8)
    return predictor, pixels, plain, ways(pixels)


def outlined_in_film(predictor, framed, film, path):
    """The outline of a film in a picture, in the film's own pixels."""
    save_picture(framed, path)
    found = outline_film(predictor, path)
    assert found.labels.shape == framed.pixels.shape
    (row, column), high = framed.start, round(film.shape[0] / framed.aspect)
    part = found.labels[row : row + high, column : column + film.shape[1]]
    return np.repeat(part, round(framed.aspect), axis=0), found


def save_picture(framed, path):
    if framed.aspect == 1:
        Image.fromarray(framed.pixels).save(path)
    else:
        dicom(path, framed.pixels, PixelSpacing=[framed.aspect, 1.0])


def dice(a, b):
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


WAYS = tuple(ways(np.zeros((400, 160), np.uint8)))


@pytest.mark.parametrize("way", WAYS)
def test_the_outline_of_a_film_is_the_same_in_any_frame(tmp_path, learned, way):
    predictor, pixels, plain, frames = learned
    assert plain.film.place.whole
    assert plain.labels.mean() > 0.03
    outline, found = outlined_in_film(predictor, frames[way], pixels, tmp_path / "framed.png")
    assert dice(outline[: len(pixels)], plain.labels[: len(outline)]) > 0.99
    assert found.labels.sum() == pytest.approx(outline.sum() / frames[way].aspect, rel=0.01)
    for mine, plains in zip(found.reading.angles, plain.reading.angles, strict=True):
        assert mine == pytest.approx(plains, abs=2, nan_ok=True)


def test_frames_would_spoil_the_outline_if_they_were_left(tmp_path, learned, monkeypatch):
    predictor, pixels, plain, frames = learned
    monkeypatch.setattr("spinelib.cases.readers.film.find_area", lambda plane: (0, 0, *plane.shape))
    names = ("square, grey", "square, white", "viewer", "light box", "tiny in a big canvas")
    found = [outlined_in_film(predictor, frames[name], pixels, tmp_path / "framed.png")[0] for name in names]
    assert max(dice(outline, plain.labels) for outline in found) < 0.95


def test_oblong_pixels_have_the_angles_of_the_body_and_corners_of_the_file(tmp_path, monkeypatch):
    pixels = np.asarray(film(640, 300, 3, bend=60))
    air = np.random.default_rng(0).integers(20, 40, pixels.shape)
    tall = np.where(pixels > 140, 250, air).astype(np.uint8)
    predictor = bright(tmp_path / "study", monkeypatch, evaluation=(256, 128))
    dicom(tmp_path / "square.dcm", tall, PixelSpacing=[0.5, 0.5])
    pairs = np.rint(tall.reshape(320, 2, 300).mean(1)).astype(np.uint8)
    dicom(tmp_path / "flat.dcm", pairs, PixelSpacing=[1.0, 0.5])
    square, flat = (outline_film(predictor, tmp_path / f"{name}.dcm") for name in ("square", "flat"))
    assert flat.labels.shape == (320, 300)
    assert flat.film.place.film == (640, 300)
    np.testing.assert_allclose(flat.reading.angles, square.reading.angles, atol=2)
    assert dice(np.repeat(flat.labels, 2, axis=0), square.labels) > 0.97
    np.testing.assert_allclose((flat.reading.corners + 0.5) * (1, 2) - 0.5, square.reading.corners, atol=4)


def test_a_film_that_its_header_turns_has_its_mask_as_the_file_lies(tmp_path, monkeypatch):
    pixels = np.random.default_rng(1).integers(20, 60, (400, 300)).astype(np.uint8)
    pixels[100:280, 180:230] = 250
    predictor = bright(tmp_path / "study", monkeypatch)
    Image.fromarray(pixels).save(tmp_path / "upright.png")
    upright = outline_film(predictor, tmp_path / "upright.png")
    picture = Picture(pixels.astype(np.float32), quarter_turns=1)
    monkeypatch.setattr("spinelib.cases.readers.film.read_picture", lambda path: picture)
    turned = outline_film(predictor, tmp_path / "lying.dcm")
    assert turned.labels.shape == (300, 400)
    np.testing.assert_array_equal(np.rot90(turned.labels), upright.labels)
