"""The point predictor and the windows that it learns from."""

import numpy as np
import torch

from spinelib.spinefm.predictor import PointPredictor, windows


def test_all_windows_of_four_in_both_directions_and_mirrored():
    chain = np.stack([np.linspace(0.2, 0.4, 5), np.linspace(0.1, 0.9, 5)], 1)
    found = windows([chain, chain[:3]], mirror=False)
    assert found.shape == (4, 4, 2)
    np.testing.assert_allclose(found[0], chain[:4])
    np.testing.assert_allclose(found[2], chain[:4][::-1])
    both = windows([chain])
    assert len(both) == 8
    np.testing.assert_allclose(both[4:, :, 0], 1 - found[..., 0])
    chain[2] = np.nan
    assert len(windows([chain])) == 0
    assert sum(p.numel() for p in PointPredictor().parameters()) == 452


def test_points_are_scaled_by_the_film_s_own_sides():
    net = PointPredictor()
    points = torch.tensor([[[10.0, 20.0], [12.0, 40.0], [16.0, 60.0]]])
    expected = net(points / torch.tensor([64.0, 128.0])) * torch.tensor([64.0, 128.0])
    torch.testing.assert_close(net.predict(points, (128, 64)), expected)
    torch.testing.assert_close(net.predict(2 * points, (256, 128)), 2 * expected)


def test_the_order_of_the_points_matters():
    torch.manual_seed(0)
    net, points = PointPredictor(), torch.rand(2, 3, 2)
    assert net(points).shape == (2, 2)
    assert not torch.allclose(net(points), net(points.flip(1)))
