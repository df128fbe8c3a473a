import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from spinelib.phantom.fields import bell, box, edge, fractal, gaussian, smooth_noise


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("cells", [2, 9, 60])
def test_noise_has_unit_variance_everywhere(cells):
    many = torch.stack([smooth_noise((40, 24), cells, generator(k)) for k in range(300)])
    assert many.var(0).mean() == pytest.approx(1, abs=0.1)
    assert many.var(0).max() < 1.6
    assert many.mean(0).abs().max() < 0.3


def test_fractal_is_finer_than_its_first_octave():
    rough, smooth = fractal((64, 64), 4, 4, generator()), smooth_noise((64, 64), 4, generator())
    assert rough.var() == pytest.approx(1, abs=0.6)
    assert (rough[1:] - rough[:-1]).abs().mean() > (smooth[1:] - smooth[:-1]).abs().mean()


@pytest.mark.parametrize("sigma", [0.8, 2.0, 9.0])
def test_gaussian_agrees_with_scipy(sigma):
    image = fractal((96, 64), 6, 3, generator())
    theirs = gaussian_filter(image.numpy(), sigma, mode="nearest")
    ours = gaussian(image, sigma).numpy()
    assert np.abs(ours - theirs)[8:-8, 8:-8].max() < 0.12 * image.std()
    assert gaussian(image, 0.0) is image


def test_box_is_the_mean_of_the_pixels_there_are():
    image = torch.rand(17, 11, generator=generator())
    small = box(image, 2)
    assert small[8, 5].item() == pytest.approx(image[6:11, 3:8].mean().item(), abs=1e-6)
    assert small[0, 0].item() == pytest.approx(image[:3, :3].mean().item(), abs=1e-6)


def test_edge_and_bell():
    x = torch.linspace(-5, 5, 101)
    step = edge(x, 1.0)
    assert (step[1:] >= step[:-1]).all()
    assert step[50].item() == pytest.approx(0.5)
    assert step[0] == 0
    assert step[-1] == 1
    assert (bell(x) - torch.exp(-x * x / 2)).abs().max() < 0.08
