"""The point predictor and the windows that it learns from."""

import numpy as np

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
