"""What accuracy costs: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.complexity import figures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def frontier(*rows):
    table = pd.DataFrame(rows, columns=["name", "cost", "score", "front"])
    return table.assign(low=table["score"] - 0.02, high=table["score"] + 0.01)


def test_the_front_is_joined_and_the_best_of_each_method_named():
    table = frontier(("resunet/full", 1.0, 0.8, True), ("unet/small", 1.5, 0.7, False), ("unet/full", 2.0, 0.9, True))
    table = pd.concat([table, frontier(("plunet/full", 4.0, 0.7, False))], ignore_index=True)
    figure = figures.frontier_scatter(table, "GMACs", "Dice")
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["U-Net *", "ResU-Net *", "PLU-Net"]
    (front,) = (line for line in ax.lines if line.get_linestyle() == "--")
    assert front.get_xydata().tolist() == [[1.0, 0.8], [2.0, 0.9]]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("GMACs", "Dice", "log")
    assert len(ax.containers) == 4
    bars = [container[2][0].get_segments()[0][:, 1] for container in ax.containers]
    np.testing.assert_allclose(bars, table[["low", "high"]])
    assert figure.get_size_inches()[0] <= 6.4


def test_courses_are_drawn_by_steps_and_by_core_seconds():
    lines = [("a", "unet/full", 0.9), ("b", "unet/small", 0.6), ("c", "fcn8s/full", 0.8)]
    table = pd.DataFrame(
        {"run": run, "name": name, "step": k, "core-seconds": 10.0 * k, "dice": best - 0.1 * (3 - k)}
        for run, name, best in lines
        for k in (1, 2, 3)
    )
    steps, seconds = figures.validation_curves(table).axes
    assert (steps.get_xlabel(), seconds.get_xlabel()) == ("steps", "core-seconds")
    assert {steps.get_ylabel(), seconds.get_ylabel()} == {"validation Dice"}
    assert len(steps.lines) == len(seconds.lines) == 3
    for k, line in enumerate(seconds.lines):
        np.testing.assert_allclose(line.get_xydata(), table[["core-seconds", "dice"]].to_numpy()[3 * k : 3 * k + 3])
    # Of the two U-Nets the better is named.
    assert sorted(text.get_text() for text in steps.get_legend().get_texts()) == ["FCN-8s", "U-Net"]


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="both a score and a cost"):
        figures.frontier_scatter(pd.DataFrame(), "GMACs", "Dice")
    with pytest.raises(ValueError, match="no training has a history"):
        figures.validation_curves(pd.DataFrame())
