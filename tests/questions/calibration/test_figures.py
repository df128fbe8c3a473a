"""Figures of the calibration: what is drawn where."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from spinelib.plots.style import use_style
from spinelib.questions.calibration import figures
from spinelib.statistics.intervals import INTERVAL_TITLES
from tests.crowding import crowded


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_calibration_has_a_panel_per_shape_and_a_line_per_tool():
    rows = [
        {"kind": "coverage", "of": "means", "tool": tool, "shape": shape, "n": n, "value": 0.94, "error": 0.002}
        for tool in ("t", "bca")
        for shape in ("normal", "skewed")
        for n in (10, 64)
    ]
    figure = figures.promise_lines(pd.DataFrame(rows), "coverage", "means", {"t": "Student's t"})
    assert len(figure.axes) == 2
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["Student's t", "bca"]


@pytest.mark.parametrize("shapes", [1, 3])
def test_the_name_of_every_interval_can_be_read(shapes):
    rows = [
        {"kind": "coverage", "of": "means", "tool": tool, "shape": f"s{k}", "n": n, "value": 0.94, "error": 0.01}
        for tool in INTERVAL_TITLES
        for k in range(shapes)
        for n in (6, 50)
    ]
    use_style()
    assert crowded(figures.promise_lines(pd.DataFrame(rows), "coverage", "means", INTERVAL_TITLES)) == []
