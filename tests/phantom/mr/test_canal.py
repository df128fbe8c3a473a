"""The canal: fluid and cord in the sac, nothing where the sac has ended, fat around."""

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.canal import make_canal

from .made import canvas, scanned


@pytest.fixture(scope="module")
def made():
    return scanned()


@pytest.fixture(scope="module")
def painted(made):
    shown = canvas(made.grid, value=0.2)
    canal(made).paint(shown)
    return shown


def canal(made, seed=0):
    draw, g = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    return make_canal(made.way, made.chain, made.bodies, made.grid, made.c, draw, g)


def middle(made, values, rows):
    """Values [rows] on the middle line of the canal."""
    d = (made.way.canal_d / made.grid.spacing[0]).round().long()
    w = (made.way.canal / made.grid.spacing[2]).round().long()
    return values[d[rows], rows.nonzero()[:, 0], w[rows]]


def test_the_middle_of_the_canal_is_cord_above_and_fluid_below(made, painted):
    cord = made.way.cord[:, 0] > 3
    fluid = (made.way.cord[:, 0] == 0) & (made.way.sac[:, 1] > 4)
    assert cord.any()
    assert fluid.any()
    inside = {name: middle(made, painted.signal, rows) for name, rows in (("cord", cord), ("fluid", fluid))}
    assert inside["cord"].median().item() == pytest.approx(made.c.cord, rel=0.15)
    # Roots and flow take some of the brightness.
    assert 0.3 * made.c.fluid < inside["fluid"].min() < inside["fluid"].max() <= made.c.fluid + 1e-5
    assert inside["fluid"].median() > 1.3 * inside["cord"].median()
    assert middle(made, painted.fat, fluid).max() < 0.05


def test_below_the_end_of_the_sac_the_canal_holds_fat(made, painted):
    end = made.way.sac[:, 1] < 0.2
    assert end.any()
    signal, fat = middle(made, painted.signal, end), middle(made, painted.fat, end)
    assert signal.median().item() == pytest.approx(0.85 * made.c.fat, rel=0.15)
    torch.testing.assert_close(fat, signal, atol=0.05, rtol=0.1)


def test_nothing_is_painted_outside_its_box_nor_labelled(made, painted):
    here = canal(made)
    outside = torch.ones(made.grid.shape, dtype=torch.bool)
    outside[here.box] = False
    # Foramina have boxes of their own, beside the bodies above the sacrum.
    for centre, axes, size in here.roots:
        box = made.grid.box(centre, np.abs(axes.T) @ size * 1.15 + 1.0)
        if box is not None:
            outside[box] = False
    assert (painted.signal[outside] == torch.tensor(0.2)).all()
    assert not painted.labels.any()


def test_a_root_leaves_on_either_side_of_every_free_vertebra(made):
    here = canal(made)
    assert len(here.roots) == 2 * (len(made.chain) - made.chain.first)
    for k, (centre, _, _) in enumerate(here.roots):
        body = made.bodies[made.chain.first + k // 2]
        side, front, up = (centre - body.centre) @ body.frame.T
        assert side * (-1, 1)[k % 2] > 0
        assert front < -body.half[1]
        assert up < 0
