"""Lateral cervical films beside the vertebrae: where neck, airway, skull and jaw lie, whichever way one faces."""

import numpy as np
import pytest
import torch

from spinelib.phantom.cervical import CervicalTissue, draw_jaw
from spinelib.phantom.sagittal import C2, C3, C7, T1, lateral_spine

from .made import film, generators, patient, places, scalars

SIZE = (110, 90)
STILL = torch.zeros(SIZE)  # outlines that do not wander


@pytest.fixture(params=[1, -1], ids=["right", "left"])
def side(request):
    return lateral_spine(patient(bone=1.0), request.param)


@pytest.fixture
def frame(side):
    return film(side.centre[C2 : T1 + 1], SIZE, room=70)


@pytest.fixture
def tissue(side, frame):
    return CervicalTissue(side, frame, scalars(patient(bone=1.0)), *generators())


def test_the_neck_is_as_thick_as_the_organ_says_and_holds_the_spine(side, frame, tissue):
    path = tissue.neck(STILL)
    assert path.max() == pytest.approx(1.8 * tissue.o["neck_width"], rel=0.01)
    assert path.min() == 0
    for x, y in frame.project(side.centre[C3 : C7 + 1]).tolist():
        assert path[round(y), round(x)] > 0.5 * path.max()


def test_the_airway_lies_before_the_bodies_and_under_the_skull(side, frame, tissue):
    y, z, air = places(tissue.airway(STILL), frame, side.facing)
    below = z < side.height(C3)
    assert (y[below] > side.wall(z[below], 1.0)).all()
    assert air.max() <= 30 * side.scale
    assert z.max() < tissue.dens[1] + 30 * side.scale


def test_the_skull_lies_above_the_dens_and_its_vault_is_bright(side, frame, tissue):
    skull = tissue.skull()
    _, z, bone = places(skull, frame, side.facing)
    assert np.average(z, weights=bone) > tissue.dens[1]
    assert z.min() > tissue.dens[1] - 25 * side.scale
    assert skull.min() >= 0


def test_the_whole_attenuation_is_never_negative_and_least_in_the_air_around(frame, tissue):
    total = tissue.attenuation()
    assert total.shape == SIZE
    assert total.min() >= 0
    assert total[:, [0, -1]].min() < 0.1 * total.max()


def test_the_jaw_lies_before_the_dens_and_bone_scales_it(side, frame):
    canvases = [torch.zeros(SIZE) for _ in range(2)]
    # Without fillings: their metal does not follow the bone.
    seed = next(k for k in range(20) if not _filled(side, frame, k))
    for canvas, bone in zip(canvases, (0.5, 1.0), strict=True):
        draw_jaw(canvas, side, frame, scalars(patient(bone=bone)), generators(seed)[0])
    torch.testing.assert_close(canvases[1], 2 * canvases[0])
    tip = side.place(C2, np.array([3.0, 24.0 * side.scale]))
    y, _, weight = places(canvases[1], frame, side.facing)
    assert np.average(y, weights=weight) > side.facing * tip[0] + 30 * side.scale


def _filled(side, frame, seed):
    canvas = torch.zeros(SIZE)
    draw_jaw(canvas, side, frame, scalars(patient(bone=0.0)), generators(seed)[0])
    return canvas.max() > 0


def test_facing_the_other_way_mirrors_the_film():
    shown = []
    for facing in (1, -1):
        side = lateral_spine(patient(), facing)
        canvas = torch.zeros(SIZE)
        draw_jaw(canvas, side, film(side.centre[C2 : T1 + 1], SIZE, room=70), scalars(patient()), generators()[0])
        shown.append(canvas)
    torch.testing.assert_close(shown[0], shown[1].flip(1), atol=2e-3, rtol=0)
