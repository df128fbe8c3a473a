"""Ribs, girdle, pelvis and lung vessels: where they run, how wide, and that density scales them."""

import numpy as np
import pytest
import torch

from spinelib.phantom.bones import RIB_WIDTH, draw_girdle, draw_pelvis, draw_ribs, draw_vessels, rib_lines
from spinelib.phantom.morphometry import S1, T1
from spinelib.phantom.spine import pose
from spinelib.phantom.trunk import trunk_of

from .made import film, generators, patient

SIZE = (160, 130)


@pytest.fixture(scope="module")
def body():
    """Patient, spine, trunk and a film that holds all of them."""
    one = patient(bone=1.0, rib_density=0.3)
    spine = pose(one)
    return one, spine, trunk_of(one, spine, bending=False), film(spine.centre, SIZE, room=160)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_ribs_reach_the_wall_of_the_chest_on_their_side_and_fall_to_the_front(body, side):
    one, spine, trunk, _ = body
    lines = rib_lines(spine, one, trunk, side)
    assert lines.shape == (12, 40, 3)
    middle = trunk.middle_at(spine.centre[T1 : T1 + 12, 2])
    out = side * (lines[..., 0] - middle[:, None])
    # They start 8 degrees round from the back and are widest at 90 degrees, which the last two do not reach.
    wide = RIB_WIDTH * float(one.organs["chest_width"] - 0.8 * one.organs["fat"])
    np.testing.assert_allclose(out.max(1)[:10], (wide * (1 - np.sin(np.radians(8))))[:10], rtol=0.005)
    assert (lines[:, -1, 1] > lines[:, 0, 1]).all()
    assert (lines[:, -1, 2] < lines[:, 0, 2]).all()


def test_twice_the_density_is_twice_the_attenuation(body):
    _, spine, trunk, frame = body
    faint, dense = (torch.zeros(SIZE) for _ in range(2))
    draw_ribs(faint, spine, frame, patient(bone=1.0, rib_density=0.2), trunk)
    draw_ribs(dense, spine, frame, patient(bone=1.0, rib_density=0.4), trunk)
    assert faint.min() >= 0
    assert faint.max() > 0
    torch.testing.assert_close(dense, 2 * faint)


def test_the_girdle_lies_above_the_chest_and_adds_to_what_is_there(body):
    one, spine, trunk, frame = body
    canvas = torch.full(SIZE, 0.5)
    draw_girdle(canvas, spine, frame, one, trunk)
    lit = canvas > 0.5
    assert canvas.min() == 0.5
    clavicle = frame.project(spine.centre[T1 + 2])[1]
    rows = lit.nonzero()[:, 0]
    assert rows.min() < clavicle < rows.max()
    assert rows.max() < frame.project(spine.centre[S1])[1]
    left, right = ((canvas - 0.5)[:, half].sum().item() for half in (slice(SIZE[1] // 2), slice(SIZE[1] // 2, None)))
    assert left == pytest.approx(right, rel=0.2)


def test_the_pelvis_begins_at_the_crest_and_a_film_that_ends_above_it_has_none(body):
    one, spine, _, frame = body
    canvas = torch.zeros(SIZE)
    draw_pelvis(canvas, spine, frame, one, generators()[1])
    top = canvas.sum(1).nonzero().min().item()
    fifth, fourth = frame.project(spine.centre[S1 - 2])[1], frame.project(spine.centre[S1 - 1])[1]
    assert fifth - 8 < top < fourth + 8
    assert canvas.min() >= 0
    short = film(spine.centre[T1 : S1 - 5], SIZE, room=5)
    empty = torch.zeros(SIZE)
    draw_pelvis(empty, spine, short, one, generators()[1])
    assert not empty.any()


def test_vessels_fan_out_from_their_roots_to_their_own_side(body):
    _, spine, _, frame = body
    middle, height = float(spine.centre[T1 + 6, 0]), float(spine.centre[T1 + 6, 2])
    roots = np.array([[middle - 30, height], [middle + 30, height]])
    canvas = torch.zeros(SIZE)
    draw_vessels(canvas, roots, frame, generators(1)[0])
    rows, columns = canvas.nonzero().T.numpy()
    x, z = frame.origin[0] + frame.spacing * columns, frame.origin[1] - frame.spacing * rows
    away = np.hypot(x[:, None] - roots[:, 0], z[:, None] - roots[:, 1]).min(1)
    assert away.max() < 130 + 10, "no branch is longer than 130 mm"
    weight = canvas[rows, columns].numpy()
    assert np.average(x[x > middle] - middle, weights=weight[x > middle]) > 30
    assert canvas.max() > 0
