import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from spinelib.phantom.fields import bell, box, edge, fractal, gaussian, smooth_noise
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import flat, pockets, ribbons, splat


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


def test_a_ribbon_has_its_area():
    canvas = torch.zeros(60, 80)
    points = torch.tensor([[[10.0, 20.0], [60.0, 20.0]]])
    ribbons(canvas, points, torch.full((1, 2), 4.0), torch.full((1, 2), 0.5), flat)
    assert canvas.sum().item() == pytest.approx(50 * 8 * 0.5, rel=0.03)
    assert canvas[20, 30].item() == pytest.approx(0.5, rel=0.1)
    assert canvas[30, 30] == 0


def test_splat_drops_what_is_off_the_canvas():
    canvas = torch.zeros(4, 5)
    splat(canvas, torch.tensor([1.25, -3.0, 4.5]), torch.tensor([2.0, 1.0, 3.0]), torch.ones(3))
    assert canvas[2, 1].item() == pytest.approx(0.75)
    assert canvas[2, 2].item() == pytest.approx(0.25)
    assert canvas[3, 4].item() == pytest.approx(0.5)
    assert canvas.sum().item() == pytest.approx(1.5)


def test_overlapping_pockets_count_once():
    canvas = torch.zeros(40, 40)
    centre = torch.tensor([[20.0, 20.0], [22.0, 20.0], [5.0, 5.0]])
    pockets(canvas, centre, torch.tensor([8.0, 8.0, 3.0]))
    assert canvas.max().item() == pytest.approx(16)
    assert canvas[20, 21].item() == pytest.approx(2 * (64 - 1) ** 0.5)
    assert canvas[5, 5].item() == pytest.approx(6)
    assert canvas[35, 35] == 0


def test_projection_magnifies_what_is_nearer_the_source():
    frame = FilmFrame(2.0, (-50.0, 100.0), 0, 0, 100, 50, (0.0, 0.0), 1000.0, 0.0)
    plane, near = frame.project(np.array([[10.0, 0.0, 20.0], [10.0, 100.0, 20.0]]))
    np.testing.assert_allclose(plane, [(10 + 50) / 2, (100 - 20) / 2])
    np.testing.assert_allclose(near, [(10 / 0.9 + 50) / 2, (100 - 20 / 0.9) / 2])
    assert frame.columns(3).tolist() == [-50, -48, -46]
    assert frame.rows(3).tolist() == [100, 98, 96]
