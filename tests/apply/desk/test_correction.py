"""Corners that are moved: read by the same rule as everything else, and taken back step by step."""

import numpy as np
import pytest

from spinelib.apply.desk.correction import Correction
from spinelib.measures.cobb.reading import from_corners


@pytest.fixture
def now(seen):
    return Correction(seen)


def moved(corners, vertebra, by):
    out = corners.copy()
    out[vertebra, 1] += by
    return out


def test_moved_corners_are_read_by_the_rule(now, seen):
    corners = moved(now.corners, len(now.corners) // 2, (0, -40))
    before = now.reading.angles[0]
    now.move(corners)
    expected = from_corners(corners, (0.0, seen.size[0]))
    assert now.reading.angles == pytest.approx(expected.angles)
    assert now.reading.ends == expected.ends
    assert now.corrected
    assert abs(now.reading.angles[0] - before) > 3


def test_moves_of_one_step_are_taken_back_together(now):
    first = now.corners
    for k in range(1, 4):
        now.move(moved(first, 3, (k, k)), step="drag")
    second = now.corners
    now.move(moved(second, 5, (9, 9)), step="another")
    now.undo()
    assert np.array_equal(now.corners, second)
    now.undo()
    assert np.array_equal(now.corners, first)
    assert not now.corrected
    assert not now.can_undo
    now.undo()
    assert np.array_equal(now.corners, first)


def test_a_threshold_reads_again_and_undo_brings_corrections_back(now):
    now.move(moved(now.corners, 2, (4, 0)))
    mine = now.corners
    now.read_at(0.8, step=1)
    now.read_at(0.9, step=1)
    assert now.threshold == 0.9
    assert not now.corrected
    now.undo()
    assert np.array_equal(now.corners, mine)
    assert (now.threshold, now.corrected) == (0.5, True)
    now.reset()
    assert not now.corrected
    now.undo()
    assert np.array_equal(now.corners, mine)


def test_corners_stay_on_the_film_and_nonsense_is_refused(now, seen):
    now.move(moved(now.corners, 0, (9999, -9999)))
    assert now.corners[0, 1].tolist() == [seen.size[1] - 0.5, -0.5]
    with pytest.raises(ValueError, match="corners must be"):
        now.move(now.corners[:-1])
    with pytest.raises(ValueError, match="finite"):
        now.move(now.corners * np.nan)


def test_a_vertebra_less_or_more_changes_the_names(now):
    assert (now.names[0], now.names[-1]) == ("T1", "L5")
    gone = now.corners[4]
    now.remove(4)
    assert now.names[:2] == ["1", "2"]
    assert now.reading.status == "missing"
    now.add_below(3)
    assert now.names[4] == "T5"
    assert abs(now.corners[4] - gone).max() < 6
    pitch = now.corners[16].mean(0) - now.corners[15].mean(0)
    now.add_below(16)
    assert now.corners[17].mean(0) - now.corners[16].mean(0) == pytest.approx(pitch)
    for wrong in (-1, 18):
        with pytest.raises(ValueError, match="no vertebra"):
            now.remove(wrong)
