"""What metrics of outlines share: the reference's length and the boundary distances, searched for once."""

import numpy as np
import pytest

from spinelib.measures import surface
from spinelib.measures.pair import Pair
from tests.measures.masks import box


def pair(**scales):
    reference = box((40, 50), (5, 35), (5, 45))
    return Pair(np.roll(reference, 2, axis=1), reference, scales, (90, 90), (30, 40))


def test_the_length_is_the_diagonal_in_the_physical_unit():
    assert pair(px=(1.0, 1.0)).length == 50
    assert pair(px=(1.0, 1.0), mm=(0.5, 0.5)).length == 25


def test_square_pixels_are_searched_once_and_others_by_themselves(monkeypatch):
    asked, search = [], surface.boundary_distances
    monkeypatch.setattr(surface, "boundary_distances", lambda *given: asked.append(given[2]) or search(*given))
    square, oblong = pair(px=(1.0, 1.0), mm=(0.5, 0.5)), pair(px=(1.0, 1.0), mm=(1.0, 0.25))
    for _ in range(2):
        np.testing.assert_allclose(square.distances["mm"].of_reference, 0.5 * square.distances["px"].of_reference)
    assert asked == [(1.0, 1.0)]
    assert surface.hd95(oblong.distances["mm"]) == pytest.approx(0.5)
    assert asked[1:] == [(1.0, 1.0), (1.0, 0.25)]
