"""Metrics of boundaries as the registry calls them: in pixels, millimetres and shares of the length."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.distance import cdist

from spinelib.measures import distances
from spinelib.measures.pair import NSD_TOLERANCE, Pair
from tests.measures.masks import box

REFERENCE = box((50, 60), (5, 35), (10, 50))  # 30 x 40: the diagonal is 50


def moved(columns, **scales):
    """The reference and the same moved to the right."""
    return Pair(np.roll(REFERENCE, columns, axis=1), REFERENCE, scales or {"px": (1.0, 1.0)}, (50, 60), (30, 40))


def test_units_of_a_box_moved_by_four_columns():
    pair = moved(4, px=(1.0, 1.0), mm=(0.5, 0.5))
    assert distances.hd95(pair, "px") == 4
    assert distances.hd95(pair, "mm") == 2
    assert distances.hd95(pair, "%") == pytest.approx(100 * 2 / 25)
    assert distances.assd(pair, "%") == pytest.approx(100 * distances.assd(pair, "mm") / 25)


def test_the_mean_distance_is_that_of_every_pair_of_boundary_pixels():
    pair = moved(4)
    one, other = (np.argwhere(mask & ~ndimage.binary_erosion(mask)) for mask in (pair.prediction, pair.reference))
    table = cdist(one, other)
    expected = np.concatenate([table.min(0), table.min(1)]).mean()
    assert distances.assd(pair, "px") == pytest.approx(expected)
    assert distances.assd(moved(0), "px") == 0


def test_tolerances_are_a_share_of_the_length_and_pixels():
    # A share of 50 px that is less than a pixel is a pixel.
    assert NSD_TOLERANCE * 50 < 1
    assert distances.nsd(moved(1), "1") == distances.boundary_f1(moved(2), "1") == 1
    assert distances.nsd(moved(1, px=(1.0, 1.0), mm=(0.7, 0.7)), "1") == 1
    assert distances.nsd(moved(2), "1") < 1
    assert distances.boundary_f1(moved(3), "1") < 1
    fine = Pair(np.roll(REFERENCE, 2, axis=1), REFERENCE, {"px": (1.0, 1.0)}, (50, 60), (30, 40), nsd_tolerance=0.04)
    assert distances.nsd(fine, "1") == 1
