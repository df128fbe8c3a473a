"""Figures of volumes: the right slices, proportions, colours and names."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.plots.volumes import pick_slices

from .made import panels, volumes


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def names(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()] if figure.legends else []


def test_slices_show_where_the_labels_are():
    images, labels = volumes()
    figure = plots.slices(images, labels, titles=["a", "b"], each=3)
    assert [ax.get_title() for ax in panels(figure)][1:3] == ["slice 4", "slice 5"]
    assert panels(figure)[0].get_title(loc="left") == "a\nslice 3"
    assert len(panels(figure)) == 6


def test_slices_without_labels_are_spread_over_the_volume():
    assert pick_slices(9, [], 3) == [1, 4, 7]
    assert pick_slices(2, [], 5) == [0, 1]
    assert pick_slices(7, [np.zeros((7, 4, 4), np.uint8)], 1) == [3]


def test_the_same_slices_may_be_asked_for_in_every_row():
    images, labels = volumes()
    labels[1] = np.roll(labels[1], 2, 0)
    figure = plots.slices(images, labels, titles=["a", "b"], numbers=[0, 4])
    found = [(ax.get_title() or ax.get_title(loc="left")).split("\n")[-1] for ax in panels(figure)]
    assert found == ["slice 1", "slice 5"] * 2
    with pytest.raises(ValueError, match="among the 7"):
        plots.slices(images, numbers=[7])


def test_a_single_volume_and_a_channel_axis_are_taken():
    images, labels = volumes()
    assert len(panels(plots.slices(images[0], labels[0], each=2))) == 2
    assert len(panels(plots.slices(images[:, None], labels, each=2))) == 4


def test_outlines_wear_the_colour_of_their_structure():
    images, labels = volumes(1)
    ax = panels(plots.slices(images, labels, each=1))[0]
    found = {mpl.colors.to_hex(c.get_edgecolor()[0]).upper() for c in ax.collections}
    assert found == {plots.structure_colour("L5"), plots.structure_colour("L5/S")}


def test_a_prediction_is_a_tint_that_leaves_the_background_clear():
    images, labels = volumes(1)
    figure = plots.slices(images, labels, np.where(labels == 2, 2, 0), each=1)
    tint = panels(figure)[0].images[1].get_array()
    assert mpl.colors.to_hex(tint[5, 6, :3]).upper() == plots.structure_colour("L5")
    assert tint[11, 6, 3] == 0
    assert names(figure) == ["L5", "L5/S", "line: reference", "tint: prediction"]


def test_proportions_are_those_of_the_body():
    images, labels = volumes()
    figure = plots.slices(images, labels, spacing=[(4, 1, 1), (4, 1, 2)], each=1)
    assert [ax.get_aspect() for ax in panels(figure)] == [1.0, 0.5]
    unknown = plots.slices(images[0], spacing=(np.nan, np.nan, np.nan), each=1)
    assert panels(unknown)[0].get_aspect() == 1.0


@pytest.mark.parametrize("shape", [(256, 128), (64, 64), (40, 90)])
def test_figures_fit_a_phone(shape):
    images = np.ones((3, 18, *shape), np.uint8)
    figure = plots.slices(images, each=5)
    assert figure.get_figwidth() <= 6.4
    assert figure.get_figheight() < 11


def test_best_median_and_worst_are_the_right_volumes():
    images, labels = volumes(5)
    figure = plots.volume_cases(
        images, labels, labels, [0.5, 0.9, np.nan, 0.7, 0.6], [f"c{i}" for i in range(5)], each=1
    )
    first = [ax.get_title(loc="left").split("\n")[0] for ax in panels(figure)]
    assert [line.split()[0] + " " + line.split()[-1] for line in first] == ["best: c1", "median: c4", "worst: c2"]


@pytest.mark.parametrize("count", [1, 2])
def test_few_volumes_have_one_row_each(count):
    images, labels = volumes(count)
    figure = plots.volume_cases(images, labels, labels, [0.4, 0.8][:count], ["a", "b"][:count], each=2)
    assert len(panels(figure)) == 2 * count


def test_other_shapes_are_refused():
    images, labels = volumes()
    with pytest.raises(ValueError, match="do not fit"):
        plots.slices(images, labels[:, :, :5])
    with pytest.raises(ValueError, match="images must be"):
        plots.slices(images[0, 0])


def test_a_class_map_of_other_classes_is_named_by_them():
    images, labels = volumes(1)
    figure = plots.slices(images, (labels > 0).astype(np.uint8), classes=("column",), each=1)
    assert names(figure) == ["column"]


def test_one_slice_is_named_by_its_place():
    images, labels = volumes(1)
    figure = plots.slice_figure(images[0], 2, labels[0])
    assert panels(figure)[0].get_title() == "slice 3 of 7, right to left"
    assert names(figure) == ["L5", "L5/S"]
