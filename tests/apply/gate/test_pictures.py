"""Drawn pictures without a spine: what they are depends on their seed alone."""

import numpy as np
import pytest

from spinelib.apply.gate.pictures import NO_SPINE, UNSEEN, draw_no_spine


@pytest.mark.parametrize("kind", NO_SPINE)
def test_a_kind_is_drawn_anew_from_every_seed_and_the_same_from_one(kind):
    one, again, other = (draw_no_spine(kind, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.dtype == np.uint8
    assert (one.min(), one.max()) == (0, 255)
    assert min(one.shape) >= 200
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_some_kinds_are_kept_from_fitting():
    assert set(UNSEEN) < set(NO_SPINE)
