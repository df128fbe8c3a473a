import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spinelib.measures.cobb.rules import aasce_angles, apical_translation, end_plates, s_shaped, tilt_matrix

REAL = os.environ.get("SPINE_DATA", "")


def column(tilts, x=None, step=50.0, width=60.0, height=30.0):
    """Corners [17, 4, 2] of boxes with the given tilts (degrees) and centres, from the top down."""
    turn = np.radians(np.asarray(tilts, float))
    across = np.stack([np.cos(turn), np.sin(turn)], 1) * width / 2
    down = np.stack([-np.sin(turn), np.cos(turn)], 1) * height / 2
    centre = np.stack([np.full(17, 200.0) if x is None else np.asarray(x, float), 100 + step * np.arange(17)], 1)
    return np.stack([centre + a * across + b * down for b in (-1, 1) for a in (-1, 1)], 1)


def c_curve(top=20.0):
    """Tilts fall evenly from `top` to -`top`: one bend to one side."""
    tilts = np.linspace(top, -top, 17)
    return column(tilts, 200 + np.cumsum(np.tan(np.radians(-tilts))) * 50)


def s_curve(top=20.0, step=50.0):
    """Tilts of one whole wave that fades to 80 %: two bends to opposite sides."""
    tilts = top * np.cos(np.linspace(0, 2 * np.pi, 17)) * np.linspace(1, 0.8, 17)
    return column(tilts, 200 + np.cumsum(np.tan(np.radians(-tilts))) * step, step)


def by_loops(corners, height, row="lower"):
    """The rule written as plain loops over vertebrae, as in the description of the organisers' code."""
    left, right = (corners[:, 0] + corners[:, 2]) / 2, (corners[:, 1] + corners[:, 3]) / 2
    angle = np.zeros((17, 17))
    for i in range(17):
        for j in range(17):
            u, v = right[i] - left[i], right[j] - left[j]
            cosine = u @ v / np.linalg.norm(u) / np.linalg.norm(v)
            # Rounded, because the rule takes the first of equal angles.
            angle[i, j] = round(np.degrees(np.arccos(np.clip(cosine, -1, 1))), 7)
    largest = [max(angle[i]) for i in range(17)]
    pos2 = largest.index(max(largest))
    pos1 = list(angle[pos2]).index(max(angle[pos2]))
    ends = [point for v in corners for point in ((v[0] + v[1]) / 2, (v[2] + v[3]) / 2)]
    (x0, y0), (x1, y1) = ends[0], ends[-1]
    signs = {np.sign(round((y - y1) / (y0 - y1) - (x - x1) / (x0 - x1), 9)) for x, y in ends[:32]}
    if not {-1.0, 1.0} <= signs:
        return angle[pos2, pos1], angle[0, pos2], angle[16, pos1]
    shift = 1 if row == "lower" else 0
    second = max(angle[pos2][: pos2 + 1])
    k = list(angle[pos2]).index(second)
    if ends[2 * pos2 + shift][1] + ends[2 * pos1 + shift][1] < height:
        return angle[pos2, pos1], second, max(angle[pos1][pos1:])
    return angle[pos2, pos1], second, max(angle[k][: k + 1])


@pytest.fixture(scope="module")
def films():
    """Random spines, half of them S-shaped, and heights that put them on both sides of the branch."""
    rng = np.random.default_rng(0)
    corners, heights = [], []
    for k in range(60):
        wave = np.cos(np.linspace(rng.uniform(0, 3), rng.uniform(3, 9), 17)) * rng.uniform(5, 35)
        tilts = wave + rng.normal(0, 2, 17)
        corners.append(column(tilts, 200 + np.cumsum(np.tan(np.radians(-wave))) * 50 + rng.normal(0, 1, 17)))
        heights.append(900 if k % 2 else 1500)
    return np.array(corners), np.array(heights)


@pytest.mark.parametrize("row", ["lower", "upper"])
def test_all_films_at_once_equal_plain_loops(films, row):
    corners, heights = films
    expected = [by_loops(c, h, row) for c, h in zip(corners, heights, strict=True)]
    np.testing.assert_allclose(aasce_angles(corners, heights, row=row), expected, atol=1e-6)
    assert 10 < s_shaped(corners).sum() < 55


def test_the_rows_differ_only_where_the_branch_depends_on_them():
    corners = s_curve()[None]
    ends = end_plates(corners)[0, :, 1]
    tilt = tilt_matrix(corners)[0]
    end = int(tilt.max(1).argmax())
    other = int(tilt[end].argmax())
    between = (ends[2 * end] + ends[2 * other] + ends[2 * end + 1] + ends[2 * other + 1]) / 2
    lower, upper = (aasce_angles(corners, [between], row=row)[0] for row in ("lower", "upper"))
    np.testing.assert_array_equal(lower[:2], upper[:2])
    assert lower[2] != pytest.approx(upper[2])


def test_one_bend_has_its_whole_angle_and_no_others():
    angles = aasce_angles(c_curve(25)[None], [1200])[0]
    np.testing.assert_allclose(angles, [50, 0, 0], atol=1e-6)
    assert not s_shaped(c_curve(25)[None])[0]


def test_two_bends_count_each_once():
    angles = aasce_angles(s_curve(20)[None], [3000])[0]
    np.testing.assert_allclose(angles, [38, 0, 34], atol=1e-6)
    assert s_shaped(s_curve(20)[None])[0]


def test_angles_do_not_depend_on_scale_or_place():
    corners = np.stack([c_curve(), s_curve()])
    plain = aasce_angles(corners, [1000, 1000])
    np.testing.assert_allclose(aasce_angles(corners * 2.5, [2500, 2500]), plain, atol=1e-6)
    np.testing.assert_allclose(aasce_angles(corners + np.array([300, 0]), [1000, 1000]), plain, atol=1e-6)


def test_mirroring_keeps_the_largest_angle():
    corners = np.stack([c_curve(), s_curve()])
    mirrored = corners[:, :, [1, 0, 3, 2]] * (-1, 1)
    plain, other = aasce_angles(corners, [1000, 1000]), aasce_angles(mirrored, [1000, 1000])
    np.testing.assert_allclose(plain[:, 0], other[:, 0], atol=1e-6)


def test_the_floor_of_the_cosine_limits_angles_to_ninety_degrees():
    corners = column([0] * 16 + [120])[None]
    assert aasce_angles(corners, [1000])[0, 0] == pytest.approx(120)
    assert aasce_angles(corners, [1000], cosine_floor=0.0)[0, 0] == pytest.approx(90)


def test_a_straight_column_has_no_angle():
    np.testing.assert_allclose(aasce_angles(column([0] * 17)[None], [1000]), 0, atol=1e-6)


def test_unknown_corners_and_vertebrae_without_width_give_nan():
    unknown, flat = c_curve(), c_curve()
    unknown[3, 1, 0] = np.nan
    flat[5] = flat[5, :1]
    angles = aasce_angles(np.stack([unknown, flat, c_curve()]), [1000] * 3)
    assert np.isnan(angles[0]).all()
    assert np.isnan(angles[1]).all()
    assert np.isfinite(angles[2]).all()
    assert aasce_angles(np.empty((0, 17, 4, 2)), []).shape == (0, 3)


@pytest.mark.parametrize(
    ("corners", "heights", "row"),
    [
        (np.zeros((17, 4, 2)), [1], "lower"),
        (np.zeros((2, 17, 4, 2)), [1], "lower"),
        (np.zeros((1, 17, 4, 2)), [1], "middle"),
    ],
)
def test_what_does_not_fit_is_refused(corners, heights, row):
    with pytest.raises(ValueError, match=r"corners|heights|row"):
        aasce_angles(corners, heights, row=row)


def test_apical_translation_is_the_largest_offset_with_its_sign():
    x = np.full(17, 200.0)
    x[8] += 33
    np.testing.assert_allclose(
        apical_translation(np.stack([column([0] * 17, x), column([0] * 17, 400 - x)])), [33, -33]
    )
    leaning = column([0] * 17, np.linspace(100, 260, 17))
    assert apical_translation(leaning[None])[0] == pytest.approx(0, abs=1e-9)
    leaning[4] = np.nan
    assert np.isnan(apical_translation(leaning[None])[0])


@pytest.mark.real
@pytest.mark.skipif(not REAL, reason="set SPINE_DATA to the folder of the real images to run this")
def test_the_released_angles_follow_from_the_released_landmarks():
    from PIL import Image

    root, films = Path(REAL) / "aasce2019" / "boostnet_labeldata", 0
    for split in ("training", "test"):
        labels = root / "labels" / split
        names = (labels / "filenames.csv").read_text().split("\n")
        sizes = np.array([Image.open(root / "data" / split / name).size for name in names if name])
        points = pd.read_csv(labels / "landmarks.csv", header=None).to_numpy()
        corners = np.stack([points[:, :68] * sizes[:, :1], points[:, 68:] * sizes[:, 1:]], 2).reshape(-1, 17, 4, 2)
        released = pd.read_csv(labels / "angles.csv", header=None).to_numpy()
        assert np.abs(aasce_angles(corners, sizes[:, 1]) - released).max() < 0.5
        films += len(sizes)
    assert films == 545
