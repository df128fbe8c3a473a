"""Marrow: the volume of a body, its grey, and lesions where they are put."""

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.marrow import MODIC, Marrow, make_marrow
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Body, Plate

from .made import canvas, scanned

HALF = np.array([24.0, 17.0, 14.0])
# Off the voxels: on its very axis a body has no direction to its wall.
MIDDLE = np.array([32.4, 24.4, 20.0])
GRID = Grid((65, 49, 41), (1.0, 1.0, 1.0), 1.0, np.eye(3), np.zeros(3))
WHOLE = (slice(0, 65), slice(0, 49), slice(0, 41))
BODY = Body(MIDDLE, np.eye(3), HALF, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, Plate(0.0), Plate(0.0))
NONE = np.zeros((0, 5))


def painted(spot=NONE, modic=NONE, vein=(2.0, 0.0), band=0.0):
    shown = canvas(GRID)
    one = Marrow(BODY, 5, WHOLE, torch.zeros(GRID.shape), 0.4, 0.3, 0.3, vein, band, spot, modic)
    one.paint(shown, fibre=0.05)
    return shown


def test_a_body_fills_its_outline_between_flat_end_plates():
    shown = painted()
    inside = shown.labels == 5
    # The cross-section lies between an ellipse and a rectangle: u^4 + v^4 + 1.1 u^2 v^2 = 1.
    u, v = np.meshgrid(*(np.linspace(-1, 1, 801),) * 2)
    share = (u**4 + v**4 + 1.1 * u**2 * v**2 < 1).mean()
    volume = share * 8 * HALF.prod()
    # Its rims are rounded.
    assert 0.93 * volume < inside.sum() < volume
    places = inside.nonzero().numpy()
    np.testing.assert_allclose(places.mean(0), MIDDLE, atol=0.1)
    np.testing.assert_allclose(np.abs(places - MIDDLE).max(0), HALF, atol=1)


def test_the_middle_has_the_grey_of_the_marrow_and_the_shell_is_dark():
    shown = painted()
    middle = tuple(MIDDLE.astype(int))
    assert shown.signal[middle].item() == pytest.approx(0.4)
    assert shown.fat[middle].item() == pytest.approx(0.4 * 0.3)
    rim = shown.signal[32, 24, 34]
    assert 0 < rim < 0.3
    assert not shown.signal[0].any()


def test_a_haemangioma_is_a_bright_ball_where_it_was_put():
    lit = painted(spot=np.array([[5.0, -3.0, 2.0, 4.0, 2.0]])).signal / painted().signal.clamp_min(1e-6)
    places = (lit > 1.5).nonzero().numpy()
    np.testing.assert_allclose(places.mean(0), MIDDLE + np.array([5, -3, 2]), atol=0.3)
    assert len(places) == pytest.approx(4 / 3 * np.pi * 4**3, rel=0.1)
    assert lit.max().item() == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize(("side", "high"), [(0.0, True), (1.0, False)])
def test_a_modic_change_lies_along_its_end_plate(side, high):
    gain, share = MODIC[1]
    shown = painted(modic=np.array([[side, 8.0, gain, share, 0.0]]))
    near, far = (35 - 4, 9) if high else (9, 35 - 4)
    assert shown.signal[32, 24, near].item() == pytest.approx(0.4 * gain, rel=0.02)
    assert shown.fat[32, 24, near].item() == pytest.approx(0.4 * gain * share, rel=0.02)
    assert shown.signal[32, 24, far].item() == pytest.approx(0.4, rel=0.02)


def test_the_vein_enters_from_behind_and_the_band_brightens_end_plates():
    vein = painted(vein=(2.0, 1.0)).signal - painted().signal
    assert vein[32, 12, 20] > 0.1, "the back is at small y"
    assert vein[32, 36, 20] == 0
    band = painted(band=0.5).signal - painted().signal
    assert band[32, 24, 31] > band[32, 24, 28] > 0
    assert band[32, 24, 20] == 0


def test_every_body_of_the_field_has_marrow_under_its_number():
    made = scanned()
    given = made.chain.label, made.chain.wear, made.c, made.grid
    shown = make_marrow(made.bodies, *given, np.random.default_rng(0), torch.Generator().manual_seed(0))
    labels = {one.label for one in shown}
    assert labels >= {1, 2, 3, 4, 5}
    assert labels <= set(made.chain.label.tolist())
    # Young discs call no Modic change.
    young = np.zeros(len(made.chain))
    calm = make_marrow(made.bodies, given[0], young, *given[2:], made.draw, made.g)
    assert not sum(len(one.modic) for one in calm)
