"""A film at any threshold: its outline is the edge of its mask, its reading the one of the results."""

import numpy as np
import pytest

from spinelib.apply.desk.seen import USUAL, see_film
from spinelib.apply.film import native_map
from spinelib.cases.drawing import fill_polygon
from spinelib.cases.frame import letterbox
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor

from .made import GRID, spine_corners


def filled(lines, size):
    out = np.zeros(size, np.uint8)
    for line in lines:
        fill_polygon(out, line, 1)
    return out > 0


def test_the_usual_reading_is_that_of_the_results(seen):
    reading = seen.reading()
    assert len(reading.corners) == 17
    assert reading.angles == pytest.approx(seen.found.reading.angles)
    assert abs(reading.corners - spine_corners(30.0)).mean() < 4
    assert reading.angles[0] == pytest.approx(30, abs=6)


@pytest.mark.parametrize("threshold", [0.3, USUAL, 0.8])
def test_the_outline_is_the_edge_of_the_mask(seen, threshold):
    shift = np.log(threshold / (1 - threshold))
    mask = native_map(seen.found.logits - np.float32(shift), letterbox(seen.size, GRID)) > 0
    drawn = filled(seen.outline(threshold), seen.size)
    assert 2 * (mask & drawn).sum() / (mask.sum() + drawn.sum()) > 0.98


def test_a_higher_threshold_outlines_less_and_is_read_anew(seen):
    areas = [filled(seen.outline(share), seen.size).sum() for share in (0.3, USUAL, 0.8, 0.95)]
    assert areas == sorted(areas, reverse=True)
    assert areas[0] > areas[-1]
    low, high = seen.reading(0.3), seen.reading(0.9)
    assert not np.allclose(low.corners[:17], high.corners[:17])


def test_a_file_of_no_use_is_refused(tmp_path, network_folder):
    (tmp_path / "a.png").write_text("no film")
    with pytest.raises(BadInput, match=r"a\.png"):
        see_film(Predictor.from_folder(network_folder, "cpu"), tmp_path / "a.png")
