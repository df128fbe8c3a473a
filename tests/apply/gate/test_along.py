"""Changes along a column: trends, spreads, steps, bends."""

import numpy as np
import pytest

from spinelib.apply.gate.along import TINY_SIZE, chain_lean, chain_steps, chain_winding, log_sizes, log_trend


def test_even_growth_is_all_trend_and_a_jump_is_spread():
    grown = np.exp(np.linspace(0, 0.5, 7))
    assert log_trend(grown) == pytest.approx((0.5, 0))
    jumped = grown.copy()
    jumped[3] *= 2
    assert log_trend(jumped)[1] > 0.2
    assert log_trend(grown[:2]) == (0, 0)


def test_nothing_has_a_logarithm_too():
    assert log_sizes([0, 1]) == pytest.approx([np.log(TINY_SIZE), 0])


def test_a_bent_chain_winds_and_a_straight_one_does_not():
    straight = np.array([(0, 0), (3, 4), (6, 8)])
    assert chain_steps(straight) == pytest.approx([5, 5])
    assert chain_winding(straight) == pytest.approx(0)
    assert chain_winding([(0, 0), (3, 4), (0, 8)]) == pytest.approx(np.log(10 / 8))


def test_a_chain_leans_by_degrees_to_either_side_and_upwards_by_more_than_a_right_angle():
    assert [chain_lean(1, side) for side in (0, 1, -1)] == pytest.approx([0, 45, 45])
    assert chain_lean(-1, 0) == pytest.approx(180)
