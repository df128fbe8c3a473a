"""Names beside the axes: in the order of their points, looking like them."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.plots.margin import LINE, column_height, names_beside, sparse

from ..crowding import crowded


def test_a_column_is_as_high_as_its_labels_ask():
    assert column_height(["a", "b"]) == pytest.approx(2 * LINE)
    assert column_height(["a", "b\nc"]) == pytest.approx(2.75 * LINE)


@pytest.mark.parametrize("turned", [False, True])
def test_names_stand_from_the_highest_to_the_lowest_with_their_looks_and_no_lines_lead_to_them(turned):
    figure, ax = plt.subplots(figsize=(4, 3), layout="constrained")
    ax.set_ylim(*((10, 0) if turned else (0, 10)))
    looks = [{"color": f"#{k}{k}0000", "marker": mark, "linestyle": "--"} for k, mark in enumerate("osD")]
    names_beside(ax, [1.0, 9.0, 1.0], ["low", "high $x$", "as low"], looks)
    legend = ax.get_legend()
    words = ["low", "as low", r"high \$x\$"] if turned else [r"high \$x\$", "low", "as low"]
    assert [text.get_text() for text in legend.get_texts()] == words
    first = legend.get_lines()[0]
    assert (first.get_color(), first.get_marker()) == (("#000000", "o") if turned else ("#110000", "s"))
    assert not ax.texts
    assert crowded(figure) == []
    plt.close(figure)


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
