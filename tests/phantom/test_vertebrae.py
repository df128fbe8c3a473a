"""Vertebrae on the film: where their bodies lie, what scales them, and that nothing leaves the film."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.phantom.morphometry import L5, T1
from spinelib.phantom.spine import pose
from spinelib.phantom.vertebrae import draw_vertebrae

from .made import film, patient

SIZE = (220, 130)


def drawn(frame, spine, **organs):
    canvas = torch.zeros(SIZE)
    draw_vertebrae(canvas, spine, frame, patient(**organs))
    return canvas


@pytest.fixture(scope="module")
def spine():
    return pose(patient())


@pytest.fixture(scope="module")
def frame(spine):
    return film(spine.centre[T1 : L5 + 1], SIZE, room=40)


def test_bone_scales_everything_and_posterior_parts_alone_follow_their_own_visibility(spine, frame):
    full, half = drawn(frame, spine, bone=1.0), drawn(frame, spine, bone=0.5)
    assert full.min() >= 0
    torch.testing.assert_close(full, 2 * half)
    bodies, once, twice = (drawn(frame, spine, bone=1.0, posterior=value) for value in (0.0, 0.8, 1.6))
    assert (once >= bodies).all()
    torch.testing.assert_close(twice - bodies, 2 * (once - bodies), atol=1e-5, rtol=1e-4)


def test_bodies_lie_at_their_projected_centres_with_discs_between(spine, frame):
    canvas = drawn(frame, spine, bone=1.0, posterior=0.0, shell=0.0)
    centre = frame.project(spine.centre[T1 : L5 + 1])
    disc = frame.project((spine.centre[T1:L5] + spine.centre[T1 + 1 : L5 + 1]) / 2)
    at_body, at_disc = (
        np.array([canvas[round(y), round(x)].item() for x, y in points.tolist()]) for points in (centre, disc)
    )
    assert (at_body > 0).all()
    # Lumbar discs are seen along their plane; those of the chest lean, so that bodies overlap there.
    assert at_disc[-4:].mean() < 0.5 * at_body[-4:].mean()
    columns = torch.arange(SIZE[1], dtype=torch.float32)
    for x, y in centre.tolist():
        row = canvas[round(y)]
        assert (row * columns).sum() / row.sum() == pytest.approx(x, abs=2)


def test_nothing_is_drawn_outside_the_film(spine, frame):
    letterboxed = replace(frame, top=40, left=50, height=120, width=30)
    canvas = drawn(letterboxed, spine)
    inside = torch.zeros(SIZE, dtype=torch.bool)
    inside[40:160, 50:80] = True
    assert not canvas[~inside].any()
    torch.testing.assert_close(canvas[inside], drawn(frame, spine)[inside])
