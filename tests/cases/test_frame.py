import numpy as np
import pytest

from spinelib.cases import letterbox

SIZES = [(1000, 400), (400, 1000), (512, 256), (513, 257), (3755, 1427), (7, 5), (1, 1), (999, 3), (2, 4000)]


@pytest.mark.parametrize("native", SIZES)
def test_the_film_fills_the_grid_and_stays_inside(native):
    frame = letterbox(native, (128, 64))
    top, left, height, width = frame.place
    assert 0 <= top <= top + height <= 128
    assert 0 <= left <= left + width <= 64
    assert height == 128 or width == 64
    assert frame.inside().sum() == height * width
    left, top, right, bottom = frame.box
    assert 0 <= left < right <= native[1]
    assert 0 <= top < bottom <= native[0]


@pytest.mark.parametrize("native", SIZES)
def test_points_go_there_and_back(native):
    frame = letterbox(native, (128, 64))
    points = np.random.default_rng(0).uniform(0, 100, (5, 4, 2))
    np.testing.assert_allclose(frame.to_native(frame.to_grid(points)), points, atol=1e-6)


@pytest.mark.parametrize("native", [(1000, 400), (400, 1000), (777, 333), (90, 41)])
def test_pixels_land_where_points_land(native):
    spot = np.array([native[1] * 0.37, native[0] * 0.61])
    y, x = np.mgrid[: native[0], : native[1]]
    blob = np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (2 * (native[0] / 20) ** 2))
    frame = letterbox(native, (128, 64))
    small = frame.resize(blob).astype(float)
    rows, columns = np.mgrid[:128, :64]
    centre = np.array([(small * columns).sum(), (small * rows).sum()]) / small.sum()
    np.testing.assert_allclose(centre, frame.to_grid(spot), atol=0.1)


def test_a_mean_survives_shrinking():
    noise = np.random.default_rng(0).normal(10, 5, (1024, 512))
    frame = letterbox(noise.shape, (128, 64))
    assert frame.resize(noise).mean() == pytest.approx(noise.mean(), abs=0.05)
    assert frame.resize(noise).std() < 1.5


def test_the_same_size_changes_nothing():
    frame = letterbox((128, 64), (128, 64))
    noise = np.random.default_rng(0).normal(size=(128, 64)).astype(np.float32)
    np.testing.assert_allclose(frame.resize(noise), noise, atol=1e-6)
    assert frame.row() == (1.0, 0.0, 0.0, 128, 64)
