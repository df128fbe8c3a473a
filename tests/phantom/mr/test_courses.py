"""The courses through the image: their order from front to back, and where sac and cord end."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.chain import L5

from .made import scanned


@pytest.fixture(scope="module", params=[4, 9])
def made(request):
    return scanned(request.param)


def rows_of_spine(made):
    """Image rows between the highest and the lowest free vertebra in the field."""
    centres = np.array([body.centre[1] for body in made.bodies[made.chain.first :]])
    rows = made.grid.axis(1).numpy()
    return (rows > max(centres.min(), 0)) & (rows < centres.max())


def test_belly_bodies_canal_spines_and_skin_follow_each_other_to_the_back(made):
    inside = rows_of_spine(made)
    courses = [getattr(made.way, name)[inside] for name in ("belly", "front", "back", "canal", "spines", "skin")]
    for course in courses:
        assert course.dtype == torch.float32
    for before, after in pairwise(courses):
        assert (before < after).all()
    assert all(values.shape[0] == made.grid.shape[1] for values in vars(made.way).values())


def test_a_course_passes_through_its_bodies(made):
    rows = made.grid.axis(1).numpy()
    for body in made.bodies[made.chain.first : made.chain.first + 5]:
        front = body.centre + body.frame[1] * body.half[1]
        assert np.interp(body.centre[1], rows, made.way.front) == pytest.approx(front[2], abs=1.5)
        assert np.interp(body.centre[1], rows, made.way.middle) == pytest.approx(body.centre[0], abs=1.5)


def test_levels_count_downwards_and_l5_is_where_it_lies(made):
    assert (made.way.at.diff() >= -1e-5).all()
    rows = made.grid.axis(1).numpy()
    # The middle of the canal at the level of L5 lies straight behind its body.
    row = np.interp(L5, made.way.at, rows)
    point = np.array([np.interp(row, rows, made.way.canal_d), row, np.interp(row, rows, made.way.canal)])
    body = made.bodies[made.chain.first]
    _, front, up = (point - body.centre) @ body.frame.T
    assert up == pytest.approx(0, abs=2)
    assert front < -body.half[1]
    assert made.way.gap.min() >= 0
    assert made.way.gap.max() <= 1


def test_the_cord_ends_above_l5_and_the_sac_below_it(made):
    at, sac, cord = made.way.at, made.way.sac, made.way.cord
    assert (cord <= sac + 1e-6).all()
    assert not cord[at > L5 - 2].any()
    assert (sac[(at > L5 - 2) & (at < L5 + 1)] > 3).all()
    if at.max() > L5 + 4:
        assert not sac[at > L5 + 4].any()
    assert (sac.diff(dim=0)[at[1:] > L5] <= 1e-5).all()
