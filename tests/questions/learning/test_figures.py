"""What stands behind a mean Dice: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.learning import figures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_metrics_are_drawn_against_each_other_with_the_score_of_an_empty_mask():
    random = np.random.default_rng(0)
    films = [(name, f"c{k}") for name in ("unet/full", "fcn8s/full", "fcn8s/small") for k in range(8)]
    table = pd.DataFrame(films, columns=["name", "case"]).assign(share=0.1)
    table = table.assign(**{metric: random.uniform(0.5, 1, len(films)) for metric in figures.METRIC_WORDS})
    figure = figures.metric_scatters(table)
    accuracy, iou = figure.axes
    assert (accuracy.get_xlabel(), iou.get_xlabel()) == ("sensitivity", "Dice")
    assert accuracy.get_ylabel() == "pixel accuracy (GPA)"
    for ax, across, up, empty in ((accuracy, "sensitivity", "pixel_accuracy", 0.9), (iou, "dice", "miou", 0.45)):
        (dots,) = (part.get_offsets() for part in ax.collections)
        centres = [line.get_xydata()[0] for line in ax.lines if line.get_linestyle() != "--"]
        np.testing.assert_allclose(np.sort(np.asarray(dots), 0), np.sort(table[[across, up]], 0))
        means = table.groupby("name", sort=False)[[across, up]].mean()
        np.testing.assert_allclose(centres, means)
        (dashed,) = (line for line in ax.lines if line.get_linestyle() == "--")
        assert list(dashed.get_ydata()) == pytest.approx([empty, empty])
    with pytest.raises(ValueError, match="no film has scores"):
        figures.metric_scatters(table.head(0))


def test_views_that_lie_apart_stand_beside_chance():
    rows = [("unet/full", 0.02, 0.01, 0.04, 0.005), ("fcn8s/full", 0.05, 0.03, 0.07, 0.006)]
    table = pd.DataFrame(rows, columns=["name", "between views", "low", "high", "chance"])
    (ax,) = figures.view_spread_dots(table, "Dice").axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["U-Net", "FCN-8s"]
    dots = [line.get_xydata()[0].tolist() for line in ax.lines if line.get_marker() == "o"]
    assert dots == [[0.02, 1], [0.05, 0]]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "|"] == [0.005, 0.006]
    assert ax.get_xlabel().startswith("standard deviation of mean Dice over the views")
    with pytest.raises(ValueError, match="several views"):
        figures.view_spread_dots(table.head(0), "Dice")


def test_missed_and_invented_structures_are_stacked_and_the_sacrum_stands_beside():
    errors = pd.DataFrame([("safnet/full", 0.5, 0.25, 0.5, 1.0), ("unet3d/full", 1.0, 0.5, 1.0, 2.0)])
    errors.columns = ["name", "missed", "invented", "low", "high"]
    sacrum = pd.DataFrame([("unet3d/full", 0.7, 0.6, 0.8)], columns=["name", "mean", "low", "high"])
    left, right = figures.category_error_bars(errors, sacrum).axes
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in left.patches]
    assert ends == [(0, 0.5), (0.5, 0.75), (0, 1.0), (1.0, 1.5)]
    assert [line.get_xydata().tolist() for line in right.lines] == [[[0.6, 0], [0.8, 0]], [[0.7, 0]]]
    assert (left.get_xlabel().split("\n")[0], right.get_xlabel()) == ("structures per volume", "Dice of the sacrum")
    assert len(figures.category_error_bars(errors, sacrum.head(0)).axes) == 1
    with pytest.raises(ValueError, match="no volumes"):
        figures.category_error_bars(errors.head(0), sacrum)
