import numpy as np
import pytest

from spinelib.phantom.mr.artefacts import sample_acquisition


def test_protocols_differ_and_keep_their_ranges():
    many = [sample_acquisition(np.random.default_rng(k), 0.8) for k in range(200)]
    assert {one.phase for one in many} == {1, 2}
    assert all(0.4 <= one.matrix[0] <= 1 and one.matrix[1] <= one.matrix[0] for one in many if one.matrix[0] > 0.4)
    assert min(one.ghost_fluid for one in many) == 0
    assert 0.05 < np.mean([one.coil == 0 for one in many]) < 0.3
    assert max(one.gain for one in many) > 5 * min(one.gain for one in many)


def test_a_coarse_grid_is_measured_whole():
    fine, coarse = (
        np.mean([sample_acquisition(np.random.default_rng(k), pixel).matrix[0] for k in range(50)])
        for pixel in (0.4, 1.2)
    )
    assert fine == pytest.approx(0.45, abs=0.15)
    assert coarse == 1
