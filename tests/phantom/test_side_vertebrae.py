"""Vertebrae from the side: bodies at their outlines, what lies behind them, atlas above and sacrum below."""

import numpy as np
import pytest
import torch

from spinelib.phantom.sagittal import C2, C3, C7, L1, L5, S1, T1, T12, body_ring, corners, lateral_spine
from spinelib.phantom.side_vertebrae import draw_atlas, draw_lateral_vertebrae, draw_sacrum

from .made import film, patient, places, scalars

SIZE = (140, 100)
REGIONS = {"cervical": range(C3, C7 + 1), "thoracic": range(T1 + 2, T1 + 6), "lumbar": range(L1, L5 + 1)}


def drawn(facing, levels, **organs):
    """The bodies and what lies behind them; the side and the film they are on."""
    one = patient(**organs)
    side = lateral_spine(one, facing)
    frame = film(side.centre[levels.start : levels.stop], SIZE, room=70)
    canvas = torch.zeros(SIZE)
    draw_lateral_vertebrae(canvas, side, frame, scalars(one), levels)
    return canvas, side, frame


@pytest.mark.parametrize("region", REGIONS)
def test_bodies_fill_their_outlines_and_discs_stay_free(region):
    levels = REGIONS[region]
    canvas, side, frame = drawn(1, levels, bone=1.0)
    assert canvas.min() >= 0
    for level in levels:
        x, y = frame.project(side.centre[level])
        assert canvas[round(y), round(x)] > 0
    for level in list(levels)[:-1]:
        # In front, where nothing of the arches lies over the disc.
        above, below = corners(side, level)[3], corners(side, level + 1)[1]
        gap = frame.project((above + below) / 2 - 3 * side.front[level])
        assert canvas[round(gap[1]), round(gap[0])] < 0.6 * canvas.max()


@pytest.mark.parametrize("facing", [1, -1])
@pytest.mark.parametrize("region", REGIONS)
def test_arches_lie_behind_the_bodies_and_reach_further_back_than_their_walls(region, facing):
    levels = REGIONS[region]
    plain, side, frame = drawn(facing, levels, posterior=0.3)
    more, _, _ = drawn(facing, levels, posterior=1.3)
    y, z, weight = places(more - plain, frame, facing)
    assert np.average(y - side.wall(z, -1.0), weights=weight) < 0
    assert (y - side.wall(z, -1.0)).min() < -20


def test_bone_scales_the_film():
    full, half = (drawn(1, REGIONS["lumbar"], bone=bone)[0] for bone in (1.0, 0.5))
    torch.testing.assert_close(full, 2 * half)


def test_s1_has_a_body_and_nothing_behind_it():
    one = patient()
    side = lateral_spine(one, 1)
    frame = film(side.centre[S1 : S1 + 1], SIZE, room=60)
    canvas = torch.zeros(SIZE)
    draw_lateral_vertebrae(canvas, side, frame, scalars(one), range(S1, S1 + 1))
    y, z, _ = places(canvas, frame, 1)
    ring = side.place(S1, body_ring(side, S1))
    reach = 2 + 3 * frame.spacing
    assert ring[:, 0].min() - reach < y.min() < y.max() < ring[:, 0].max() + reach
    assert ring[:, 2].min() - reach < z.min() < z.max() < ring[:, 2].max() + reach


@pytest.mark.parametrize("facing", [1, -1])
def test_the_atlas_surrounds_the_dens_and_the_rest_of_the_sacrum_hangs_below_s1(facing):
    one = patient()
    side = lateral_spine(one, facing)
    frame = film(side.centre[C2 : C3 + 1], SIZE, room=50)
    canvas = torch.zeros(SIZE)
    draw_atlas(canvas, side, frame, scalars(one))
    y, z, bone = places(canvas, frame, facing)
    assert np.average(z, weights=bone) > side.centre[C2, 2] + side.half[C2, 2]
    dens = facing * side.centre[C2, 0]
    assert y.min() < dens - 20 < dens + 8 < y.max()
    frame = film(side.centre[T12 : S1 + 1], SIZE, room=90)
    canvas = torch.zeros(SIZE)
    draw_sacrum(canvas, side, frame, scalars(one))
    y, z, bone = places(canvas, frame, facing)
    middle = facing * side.centre[S1, 0]
    assert np.average(z, weights=bone) < side.centre[S1, 2]
    assert np.average(y, weights=bone) < middle, "it curves to the back"
