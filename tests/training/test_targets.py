"""Angles as targets: those of the native corners, and unchanged by every move that augmentation makes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.measures.cobb.rules import aasce_angles, tilt_matrix
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.targets import targets_of

GRID = (256, 128)


def spine(tilts):
    """Corners [17, 4, 2] of boxes of these tilts in degrees, one below the other along the curve that they make."""
    turn = np.radians(tilts)
    right = np.stack([np.cos(turn), np.sin(turn)], 1)
    down = np.stack([-right[:, 1], right[:, 0]], 1)
    centre = np.array([64.0, 20.0]) + 13.0 * (np.cumsum(down, 0) - down[0])
    return np.stack([centre + 8 * a * right + 4 * b * down for b in (-1, 1) for a in (-1, 1)], 1)


C_CURVE = spine(np.linspace(25, -20, 17))
S_CURVE = spine(18 * np.cos(np.linspace(0, 2 * np.pi, 17)) * np.linspace(1, 0.6, 17))


def cases(toy_cases, corners):
    return replace(toy_cases, landmarks=np.asarray(corners, np.float32))


def test_angles_are_those_of_the_native_corners_over_ninety(toy_cases):
    corners = np.stack([C_CURVE] * 12)
    corners[3, 5, 2] = np.nan
    frames = np.tile(np.float32([0.25, 3, 5, 1000, 500]), (12, 1))
    data = replace(cases(toy_cases, corners * 0.25 + [5, 3]), frames=frames)
    found = targets_of(data, ("labels", "angles"))
    assert found["labels"] is data.labels
    assert (found["angles"].dtype, found["angles"].shape) == (np.float32, (12, 3))
    assert np.isnan(found["angles"][3]).all()
    expected = aasce_angles(C_CURVE[None], [1000])[0] / 90
    np.testing.assert_allclose(found["angles"][0], expected, atol=1e-4)
    assert expected[0] == pytest.approx(0.5)


def test_films_without_corners_have_no_angles(toy_cases):
    assert np.isnan(targets_of(toy_cases, ["angles"])["angles"]).all()


def test_another_target_is_an_error(toy_cases):
    with pytest.raises(KeyError, match="depth"):
        targets_of(toy_cases, ["depth"])


def moved(corners, geometry, count=40):
    """The corners [count, 17, 4, 2] after `count` random maps of the films' grid, mirrored ones in the usual order."""
    maps = geometry.sample(count, GRID, torch.Generator().manual_seed(0)).double().numpy()
    half = np.array(GRID[::-1]) / 2
    places = (corners + 0.5) / half - 1
    # The maps lead from the moved film to the film as it was.
    back = np.linalg.inv(maps[:, :, :2])
    there = np.einsum("nij,nvcj->nvci", back, places - maps[:, None, None, :, 2])
    mirrored = np.linalg.det(back) < 0
    there[mirrored] = there[mirrored][:, :, [1, 0, 3, 2]]
    return (there + 1) * half - 0.5


@pytest.mark.parametrize("corners", [C_CURVE, S_CURVE], ids=["c", "s"])
def test_turns_mirrors_shifts_and_scales_keep_the_angles(corners):
    there = moved(corners, Geometry())
    assert np.ptp(there[:, 0, 0], axis=0).min() > 10, "the films really move"
    tilts = tilt_matrix(corners[None])
    np.testing.assert_allclose(tilt_matrix(there), tilts.repeat(len(there), 0), atol=1e-5)
    # The height that one branch of the rule compares with moves with the spine: far below it, or far above.
    for height in (1e4, -1e4):
        expected = aasce_angles(corners[None], [height])
        np.testing.assert_allclose(
            aasce_angles(there, [height] * len(there)), expected.repeat(len(there), 0), atol=1e-5
        )


def test_where_an_s_shaped_spine_lies_touches_the_third_angle_alone():
    low, high = (aasce_angles(S_CURVE[None], [height])[0] for height in (-1e4, 1e4))
    np.testing.assert_allclose(low[:2], high[:2])
    assert abs(low[2] - high[2]) > 0.5


def test_shear_changes_them():
    there = moved(C_CURVE, Geometry(shear=15.0, rotation=0.0))
    assert np.ptp(aasce_angles(there, [1e4] * len(there))[:, 0]) > 1
