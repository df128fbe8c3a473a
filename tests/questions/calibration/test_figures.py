"""Figures of the calibration: what is drawn where."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from spinelib.questions.calibration import figures


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
