import numpy as np
import pytest

from spinelib.phantom import sample_anatomy
from spinelib.phantom.mr.chain import lying_chain
from spinelib.phantom.mr.sampling import FIELD, STEP, Grid, sample_grid

GRID = Grid((10, 40, 30), (4.0, 1.0, 1.0), 3.6, np.eye(3), np.array([5.0, 0.0, 0.0]))


def test_a_box_holds_the_voxels_within_reach():
    assert GRID.box(np.array([12.0, 20.0, 10.0]), np.array([4.0, 2.0, 1.0])) == (
        slice(2, 5),
        slice(18, 23),
        slice(9, 12),
    )
    assert GRID.box(np.array([0.0, 0.0, 0.0]), np.array([1.0, 3.0, 3.0])) == (slice(0, 1), slice(0, 4), slice(0, 4))
    assert GRID.box(np.array([200.0, 20.0, 10.0]), np.array([4.0, 2.0, 1.0])) is None


def test_axes_and_points_are_in_image_millimetres():
    assert GRID.axis(0).tolist() == [4.0 * k for k in range(10)]
    assert GRID.axis(1, 3, 5).tolist() == [3.0, 4.0]
    np.testing.assert_array_equal(GRID.place(np.zeros((2, 3))), [[5.0, 0.0, 0.0]] * 2)


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_grid_keeps_the_ranges_of_lumbar_protocols(seed):
    draw = np.random.default_rng(seed)
    chain = lying_chain(sample_anatomy(1, seed)[0], draw, 40.0)
    grid = sample_grid(draw, chain, (128, 112), 9)
    assert grid.shape == (9, 128, 112)
    assert STEP[0] <= grid.spacing[0] <= STEP[1]
    assert FIELD[0] <= grid.spacing[1] * 128 <= FIELD[1]
    np.testing.assert_allclose(grid.turn @ grid.turn.T, np.eye(3), atol=1e-9)
    lumbar = grid.place(chain.centre[chain.first : chain.first + 3])
    assert (lumbar > 0).all()
    assert (lumbar < np.array(grid.shape) * grid.spacing).all()
