"""Figures hold what their captions promise: panels, colours, values, axes."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def films(n=6, h=32, w=16):
    rng = np.random.default_rng(0)
    images = rng.integers(1, 255, (n, 1, h, w)).astype(np.uint8)
    masks = np.zeros((n, h, w), np.uint8)
    masks[:, 8:24, 5:11] = 1
    return images, masks


def test_overlay_draws_each_outline_in_its_colour():
    images, masks = films()
    _, ax = plt.subplots()
    plots.overlay(ax, images[0], masks[0], np.roll(masks[0], 2, 0), title="film")
    colours = {mpl.colors.to_hex(c.get_edgecolor()[0]).upper() for c in ax.collections}
    assert colours == {plots.REFERENCE, plots.PREDICTION}


def test_overlay_skips_an_empty_prediction_without_failing():
    images, masks = films()
    _, ax = plt.subplots()
    plots.overlay(ax, images[0], masks[0], np.zeros_like(masks[0]))
    assert len(ax.collections) == 1


def test_overlay_leaves_out_unknown_corners():
    images, _ = films()
    corners = np.full((3, 4, 2), np.nan)
    corners[1] = [[2, 2], [6, 2], [2, 6], [6, 6]]
    _, ax = plt.subplots()
    plots.overlay(ax, images[0], corners=corners)
    assert len(ax.lines) == 1


def test_best_median_worst_are_the_right_cases():
    images, masks = films(9)
    scores = np.array([0.5, 0.9, 0.1, 0.7, 0.6, 0.3, np.nan, 0.8, 0.2])
    figure = plots.best_median_worst(images, masks, masks, scores, [f"c{i}" for i in range(9)], each=1)
    assert [ax.get_title().split("\n")[1] for ax in figure.axes] == ["c1", "c0", "c6"]


def test_film_grid_hides_the_panels_it_does_not_need():
    images, masks = films(5)
    figure = plots.film_grid(images, references=masks, columns=3)
    assert len(figure.axes) == 6
    assert sum(bool(ax.images) for ax in figure.axes) == 5


def test_leaderboard_shows_every_entry_with_its_count():
    table = pd.DataFrame(
        {
            "name": ["r2mfnet/full", "unet/full"],
            "mean": [0.9, 0.8],
            "low": [0.88, 0.7],
            "high": [0.92, 0.85],
            "n": [9, 9],
        }
    )
    ax = plots.leaderboard_figure(table, "dice").axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["R2MF-Net (n=9)", "U-Net (n=9)"]
    assert "95 %" in ax.get_xlabel()


def test_by_view_keeps_a_missing_view_as_a_gap():
    table = pd.DataFrame(
        {
            "name": ["a/full", "a/full", "b/full"],
            "view": ["coronal", "left_bending", "coronal"],
            "mean": [0.9, 0.8, 0.7],
            "low": [0.8, 0.7, 0.6],
            "high": [0.95, 0.9, 0.8],
        }
    )
    assert plots.by_view(table, "dice").axes[0].get_xticklabels()[1].get_text() == "left bending"


def test_paired_differences_and_distribution_name_metric_and_unit():
    figure = plots.paired_differences({"A - B": np.array([0.1, -0.2, 0.3])}, "hd95", "px")
    assert "HD95 (px)" in figure.axes[0].get_xlabel()
    table = pd.DataFrame({"name": ["unet/full"] * 4, "value": [0.1, 0.2, 0.3, 0.4]})
    assert "Dice" in plots.distribution(table, "dice").axes[0].get_xlabel()


def test_learning_curves_mark_the_best_epoch():
    history = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "train_loss": [1.0, 0.5, 0.4],
            "validation_loss": [1.0, 0.6, 0.7],
            "validation_dice": [0.3, 0.8, 0.7],
        }
    )
    right = plots.learning_curves(history).axes[1]
    assert right.lines[1].get_xdata() == [2]


def test_feature_maps_choose_the_most_variable_channels():
    maps = np.zeros((12, 8, 6), np.float32)
    maps[7] = np.random.default_rng(0).normal(size=(8, 6))
    figure = plots.feature_maps(maps, "stage", count=3)
    assert figure.axes[0].get_title() == "channel 7"


def test_colours_are_stable_and_shared_by_variants():
    assert plots.method_colour("r2mfnet/no_scse") == plots.method_colour("r2mfnet")
    assert plots.method_colour("newnet") == plots.method_colour("newnet") != plots.method_colour("othernet")
