"""Films: outlines in their colours, the right cases, panels and scales."""

from types import SimpleNamespace

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


def test_feature_maps_choose_the_most_variable_channels():
    maps = np.zeros((12, 8, 6), np.float32)
    maps[7] = np.random.default_rng(0).normal(size=(8, 6))
    figure = plots.feature_maps(maps, "stage", count=3)
    assert figure.axes[0].get_title() == "channel 7"


def test_side_by_side_shows_best_median_and_worst_for_every_method():
    rng = np.random.default_rng(0)
    labels = np.zeros((5, 32, 16), np.uint8)
    labels[:, 8:24, 5:11] = 1
    films = SimpleNamespace(
        images=rng.integers(1, 255, (5, 1, 32, 16)).astype(np.uint8),
        labels=labels,
        table=pd.DataFrame({"case": [f"film{i}" for i in range(5)]}),
    )
    scores = np.array([0.2, 0.9, np.nan, 0.5, 0.4])
    figure = plots.side_by_side(films, {"r2mfnet/full": labels, "unet/full": np.zeros_like(labels)}, scores, "dice")
    assert len(figure.axes) == 6
    assert [ax.get_title() for ax in figure.axes[:2]] == ["R2MF-Net", "U-Net"]
    words = [figure.axes[row * 2].texts[0].get_text() for row in range(3)]
    assert [word.split(": ")[1].split("\n")[0] for word in words] == ["film1", "film4", "film2"]
    assert [len(ax.collections) for ax in figure.axes[:2]] == [2, 1]


def test_stages_stand_below_their_films_on_one_scale_of_probability():
    images, masks = films(2)
    maps = {"coarse": 0.4 * masks, "fine": 0.9 * masks}
    figure = plots.stages(images, maps, ["a", "b"])
    shown = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in shown[:2]] == ["a", "b"]
    assert [ax.get_title(loc="left") for ax in shown[2::2]] == ["coarse", "fine"]
    np.testing.assert_allclose([ax.images[0].get_array().max() for ax in shown[2:]], [0.4, 0.4, 0.9, 0.9])
    assert {ax.images[0].get_clim() for ax in shown[2:]} == {(0, 1)}
    assert figure.axes[-1].get_ylabel() == "probability"
