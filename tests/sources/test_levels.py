import numpy as np
import pytest

from spinelib.sources.levels import draw_levels

SQUARE = np.array([[10.0, 10.0], [20.0, 10.0], [10.0, 18.0], [20.0, 18.0]])


def test_labels_are_places_among_the_levels_and_unknown_vertebrae_are_left_out():
    corners = {"L1": SQUARE, "L2": np.full((4, 2), np.nan), "L3": SQUARE + np.array([0, 30])}
    labels = draw_levels(corners, (60, 40), ("L1", "L2", "L3"))
    assert labels.dtype == np.uint8
    assert set(np.unique(labels)) == {0, 1, 3}
    assert labels[14, 15] == 1
    assert labels[44, 15] == 3
    assert (labels == 1).sum() == pytest.approx(80, rel=0.3)
