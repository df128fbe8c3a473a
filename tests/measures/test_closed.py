"""The column with its gaps closed: what a closing fills, what it leaves, and that a perfect outline reaches 1."""

import numpy as np
import pytest

from spinelib.cases import draw_quadrilaterals
from spinelib.measures import measure
from spinelib.measures.closed import GAP, closed
from tests.measures.cobb.spines import c_curve

HEIGHT = 256
ROWS = round(GAP * HEIGHT)


def vertebrae(gap, body=12):
    film = np.zeros((HEIGHT, 40), np.uint8)
    for top in range(0, HEIGHT - body, body + gap):
        film[top : top + body, 10:30] = 1
    return film


def score(prediction, reference, structure="spine"):
    rows = measure(prediction, reference, [structure])
    return [(row["value"], row["status"]) for row in rows if row["metric"] == "dice_closed"]


def test_discs_are_closed_and_missing_vertebrae_are_not():
    tight, wide = closed(vertebrae(6) > 0, ROWS), closed(vertebrae(14) > 0, ROWS)
    assert tight[:240, 10:30].all()
    assert not tight[:, :10].any()
    assert (wide == (vertebrae(14) > 0)).all(), "a gap as long as a vertebra is a missed vertebra"


def test_what_touches_the_edge_stays():
    assert closed(np.ones((64, 8), bool), 2).all()


def test_a_volume_is_closed_along_its_rows():
    film = vertebrae(6) > 0
    assert (closed(np.stack([film, ~film]), ROWS)[0] == closed(film, ROWS)).all()


@pytest.mark.parametrize(
    "outline", [vertebrae(6), vertebrae(9), np.minimum(draw_quadrilaterals(c_curve(40), (256, 128)), 1)]
)
def test_a_perfect_outline_reaches_one(outline):
    assert score(outline, outline) == [(1.0, "ok")]


def test_filled_discs_and_open_ones_are_the_same_column():
    filled = np.zeros_like(vertebrae(6))
    filled[:246, 10:30] = 1
    ((value, _),) = score(filled, vertebrae(6))
    assert value == pytest.approx(1.0)
    (dice,) = (row["value"] for row in measure(filled, vertebrae(6), ["spine"]) if row["metric"] == "dice")
    assert dice < 0.85


def test_it_is_that_of_the_whole_film():
    outline, true = np.roll(vertebrae(6), 3, axis=1), vertebrae(6)
    whole, column = closed(outline > 0, ROWS), closed(true > 0, ROWS)
    assert score(outline, true)[0][0] == 2 * (whole & column).sum() / (whole.sum() + column.sum())


def test_a_missed_spine_scores_nothing_and_other_structures_have_no_row():
    assert score(np.zeros_like(vertebrae(6)), vertebrae(6)) == [(0.0, "empty_prediction")]
    assert score(vertebrae(6), vertebrae(6), "lung") == []
