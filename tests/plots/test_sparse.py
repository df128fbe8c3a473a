"""Marks of lines: a few along each, and the one of a single point."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from spinelib.plots.margin import sparse


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_line_of_any_number_of_points_is_seen(count):
    figure, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    points = np.linspace(0.2, 0.8, count)
    ax.plot(points, points, marker="o", color="black", markevery=sparse(points))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    assert np.asarray(Image.open(buffer).convert("L")).min() < 50
