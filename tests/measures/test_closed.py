"""The column with its gaps closed: what a closing fills, what it leaves, and what a perfect outline reaches."""

import numpy as np
import pytest

from spinelib.measures import measure
from spinelib.measures.closed import GAP, closed

HEIGHT = 256
ROWS = round(GAP * HEIGHT)


def vertebrae(gap, body=12):
    film = np.zeros((HEIGHT, 40), np.uint8)
    for top in range(0, HEIGHT - body, body + gap):
        film[top : top + body, 10:30] = 1
    return film


def column():
    film = np.zeros((HEIGHT, 40), np.uint8)
    film[:246, 10:30] = 1
    return film


def score(prediction, reference, structure="spine_column"):
    rows = measure(prediction, reference, [structure])
    return [(row["value"], row["status"]) for row in rows if row["metric"] == "dice_closed"]


def test_discs_are_closed_and_missing_vertebrae_are_not():
    tight, wide = closed(vertebrae(6) > 0, ROWS), closed(vertebrae(14) > 0, ROWS)
    assert tight[:240, 10:30].all()
    assert not tight[:, :10].any()
    assert (wide == (vertebrae(14) > 0)).all(), "a gap as long as a vertebra is a missed vertebra"


def test_what_touches_the_edge_stays():
    assert closed(np.ones((64, 8), bool), 2).all()


def test_a_perfect_outline_of_vertebrae_reaches_one():
    ((value, status),) = score(vertebrae(6), column())
    assert value == pytest.approx(1.0, abs=0.02)
    assert status == "ok"
    found = measure(vertebrae(6), column(), ["spine_column"])
    assert value > 0.1 + next(row["value"] for row in found if row["metric"] == "dice")


def test_it_is_that_of_the_whole_film():
    outline, true = np.roll(vertebrae(6), 3, axis=1), column()
    whole = closed(outline > 0, ROWS)
    expected = 2 * (whole & (true > 0)).sum() / (whole.sum() + true.sum())
    assert score(outline, true)[0][0] == expected


def test_a_missed_column_scores_nothing_and_other_structures_have_no_row():
    assert score(np.zeros_like(column()), column()) == [(0.0, "empty_prediction")]
    assert score(vertebrae(6), column(), "spine") == []
