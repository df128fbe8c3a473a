"""Lateral lumbar films beside the vertebrae: trunk, air, gas, ribs and pelvis in their places."""

import numpy as np
import pytest
import torch

from spinelib.phantom.lumbar import LumbarTissue, draw_lateral_pelvis, draw_lower_ribs
from spinelib.phantom.sagittal import L1, L5, S1, T12, lateral_spine

from .made import film, generators, patient, places, scalars

SIZE = (110, 120)


@pytest.fixture(params=[1, -1], ids=["right", "left"])
def side(request):
    return lateral_spine(patient(), request.param)


@pytest.fixture
def frame(side):
    return film(side.centre[T12 - 3 : S1 + 1], SIZE, room=130)


def tissue(side, frame, **organs):
    return LumbarTissue(side, frame, scalars(patient(**organs)), *generators())


def test_the_trunk_ends_at_the_skin_of_the_back_and_holds_the_spine(side, frame):
    here = tissue(side, frame)
    total = here.attenuation()
    assert total.min() >= 0
    # The outline wanders by a few mm around the skin.
    assert not total[(here.y < here.skin - 20) | (here.y > here.skin + here.deep + 20)].any()
    for x, y in frame.project(side.centre[L1 : L5 + 1]).tolist():
        assert total[round(y), round(x)] > 0.4 * total.max()


def test_lungs_lie_above_the_lumbar_spine_and_grow_with_their_organ(side, frame):
    small, large = (tissue(side, frame, lung_depth=depth).lungs() for depth in (0.3, 0.6))
    torch.testing.assert_close(large, 2 * small)
    y, z, _ = places(large, frame, side.facing)
    # Behind and in front they reach deeper than at the spine.
    assert z[np.abs(y - side.wall(z, 0.0)) < 15].min() > side.height(L1 + 2)


def test_gas_lies_before_the_spine_and_never_thicker_than_4_cm(side, frame):
    here = tissue(side, frame, gas=2.0)
    air = here.gas()
    y, z, thick = places(air, frame, side.facing)
    assert 0 < thick.max() <= 40 * side.scale
    assert np.average(y - side.wall(z, 0.0), weights=thick) > 20
    assert tissue(side, frame, gas=2.0).gas().equal(air)


def test_ribs_run_from_the_back_to_the_front_of_the_chest_and_follow_their_density(side, frame):
    faint, dense = (torch.zeros(SIZE) for _ in range(2))
    for canvas, density in ((faint, 0.2), (dense, 0.4)):
        draw_lower_ribs(canvas, side, frame, scalars(patient(rib_density=density)), generators()[0])
    torch.testing.assert_close(dense, 2 * faint)
    y, z, _ = places(dense, frame, side.facing)
    back = side.wall(np.array([side.height(T12)]), -1.0)[0]
    assert y.min() < back < y.max()
    assert z.max() < side.height(T12 - 4)
    assert z.min() > side.height(S1)


def test_the_pelvis_hangs_on_the_sacrum(side, frame):
    canvas = torch.full(SIZE, 1.0)
    draw_lateral_pelvis(canvas, side, frame, scalars(patient()), generators()[0])
    assert canvas.min() == 1
    y, z, bone = places(canvas - 1, frame, side.facing)
    assert z.max() < side.height(L5 - 1)
    assert np.average(z, weights=bone) < side.height(S1)
    # Both wings lie over each other about the sacrum, from behind it to before it.
    sacrum = side.wall(np.array([side.height(S1)]), 0.0)[0]
    assert y.min() < sacrum - 30
    assert y.max() > sacrum + 50
