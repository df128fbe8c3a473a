"""Films with their end vertebrae: the lines that are drawn make the angle that is written."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.measures.cobb.masks import from_mask
from spinelib.measures.cobb.reading import from_corners
from tests.measures.cobb.spines import GRID, c_curve, mask_of, s_curve

FILM = (0.0, float(GRID[0]))
WIDEST = 6.4


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def words(ax):
    return [text.get_text() for text in ax.texts]


def drawn(ax, style):
    return np.array([line.get_xydata() for line in ax.lines if line.get_linestyle() == style])


@pytest.mark.parametrize("corners", [c_curve(40), s_curve(50)])
def test_the_lines_make_the_angle_and_lie_on_the_outer_end_plates(corners):
    reading = from_corners(corners, FILM)
    upper, lower = lines = plots.end_lines(reading)
    across = lines[:, 1] - lines[:, 0]
    turn = np.degrees(np.arctan2(across[:, 1], across[:, 0]))
    assert abs(turn[0] - turn[1]) == pytest.approx(reading.angles[0], abs=1e-6)
    np.testing.assert_allclose(upper.mean(0), corners[reading.ends[0], :2].mean(0))
    np.testing.assert_allclose(lower.mean(0), corners[reading.ends[1], 2:].mean(0))


def test_prediction_and_reference_have_lines_of_their_own():
    truth = from_corners(c_curve(40), FILM)
    mask = mask_of(c_curve(30))
    found = from_mask(mask, FILM)
    figure = plots.cobb_films(np.zeros((1, 1, *GRID)), mask[None], [found], [truth], ["best"], answers=[33.25])
    ax = figure.axes[0]
    np.testing.assert_allclose(drawn(ax, "--"), plots.end_lines(truth))
    np.testing.assert_allclose(drawn(ax, "-"), plots.end_lines(found))
    assert words(ax) == [
        "reference 40.0\N{DEGREE SIGN}",
        f"mask {found.angles[0]:.1f}\N{DEGREE SIGN}",
        "network 33.2\N{DEGREE SIGN}",
    ]
    assert ax.get_title() == "best"


def test_a_film_without_a_reading_says_so_and_has_no_line():
    truth = from_corners(c_curve(40), FILM)
    empty = np.zeros((1, *GRID), np.uint8)
    found = from_mask(empty[0], FILM)
    ax = plots.cobb_films(np.zeros((1, 1, *GRID)), empty, [found], [truth], ["worst"]).axes[0]
    assert "mask none: empty" in words(ax)
    assert not len(drawn(ax, "-"))
    with pytest.raises(ValueError, match="empty has no end vertebrae"):
        plots.end_lines(found)


def test_three_films_fit_a_phone():
    truth = from_corners(c_curve(40), FILM)
    mask = mask_of(c_curve(40))
    many = plots.cobb_films(np.zeros((3, 1, *GRID)), np.stack([mask] * 3), [truth] * 3, [truth] * 3, list("abc"))
    assert many.get_size_inches()[0] <= WIDEST
    assert len(many.axes) == 3


def test_confidence_against_error_shows_what_was_read():
    n = 40
    confidence = np.linspace(0, 1, n)
    rows = pd.DataFrame({"confidence": confidence, "cobb_error": 10 * (1 - confidence), "read_from": "vertebrae"})
    rows.loc[:9, "read_from"] = "centreline"
    figure = plots.confidence_error(rows)
    ax = figure.axes[0]
    _, names = ax.get_legend_handles_labels()
    assert names[:2] == ["read from the vertebrae, n = 30", "read from the centreline, n = 10"]
    middle = ax.lines[0].get_xydata()
    assert len(middle) == 5
    np.testing.assert_allclose(middle[:, 1], 10 * (1 - middle[:, 0]))
    assert figure.get_size_inches()[0] <= WIDEST
    with pytest.raises(ValueError, match="no reading"):
        plots.confidence_error(rows.head(0))
