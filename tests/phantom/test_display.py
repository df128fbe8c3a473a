import numpy as np
import pytest
import torch

from spinelib.phantom.display import develop, random_window, retone
from spinelib.phantom.projection import FilmFrame

FRAME = FilmFrame(1.0, (-20.0, 40.0), 0, 0, 80, 60, (0.0, 0.0), 1500.0, 0.0)


@pytest.fixture(scope="module")
def signal():
    y, x = torch.linspace(-1, 1, 80)[:, None], torch.linspace(-1, 1, 60)[None]
    return 1.5 * torch.exp(-8 * x * x) + 0.3 * y


@pytest.mark.parametrize("seed", range(6))
def test_greys_stay_in_range_whatever_is_drawn(signal, seed):
    image = develop(signal, FRAME, np.random.default_rng(seed))
    assert image.shape == signal.shape
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.std() > 0.02


@pytest.mark.parametrize("seed", range(6))
def test_other_tones_keep_which_pixel_is_brighter(signal, seed):
    image = random_window(signal, np.random.default_rng(seed))
    toned = retone(image, np.random.default_rng(seed))
    order = image.flatten().argsort()
    assert (toned.flatten()[order].diff() >= -1e-6).all()
    assert not torch.equal(toned, image)


def test_a_window_keeps_which_pixel_is_brighter(signal):
    shown = random_window(signal, np.random.default_rng(0)).flatten()[signal.flatten().argsort()]
    assert (shown.diff() >= -1e-6).all()
