"""One network against itself is called different in 5 % of the draws, not in half of them."""

import pytest
from scipy import stats

from spinelib.statistics.training_variance import REPEATS, Parts, measured_parts, parts_of, same_network

DRAWS = 200
MOST = stats.binom.ppf(0.975, DRAWS, 0.05) / DRAWS


def test_the_parts_follow_from_the_printed_difference():
    smape = parts_of(REPEATS[0])
    error = 5.0 / 2 / 1.959964
    assert smape.training**2 * 2 + error**2 == pytest.approx(3.1**2, rel=1e-4)
    assert smape.rest == pytest.approx(error * 32**0.5, rel=1e-4)
    table = measured_parts()
    assert (table[["training", "rest"]] > 0).all().all()
    assert table["source"].str.len().min() > 10


@pytest.mark.parametrize(("repeat", "seeds"), [(0, 2), (1, 2), (0, 3)])
def test_seeds_of_one_network_are_told_apart_in_5_percent(repeat, seeds):
    old, new = same_network(parts_of(REPEATS[repeat]), REPEATS[repeat].n, seeds, DRAWS)
    assert new <= MOST
    assert old > 4 * MOST


@pytest.mark.parametrize("ratio", [0.0, 0.2])
def test_the_rate_holds_whatever_the_training_part_is(ratio):
    assert same_network(Parts(ratio, 1.0), 20, 2, DRAWS)[1] <= MOST
