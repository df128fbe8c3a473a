"""Figures of SAFNet show the slice of the voxel that is asked, on one scale, and stay narrow."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.questions import inside_safnet


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def panels(figure):
    return [ax for ax in figure.axes if ax.images]


@pytest.mark.parametrize(("depth", "each"), [(12, 4), (3, 4), (1, 4)])
def test_the_slice_of_the_voxel_is_shown_and_marked(depth, each):
    image = np.random.default_rng(0).integers(1, 255, (depth, 64, 40)).astype(np.uint8)
    voxels = {"L3": (depth - 1, 30, 20), "front": (0, 30, 3)}
    looks = {name: np.full((depth, 4, 3), 1 / (12 * depth)) for name in voxels}
    figure = inside_safnet.voxel_maps(image, looks, voxels, each=each)
    columns = min(depth, each)
    shown = panels(figure)[: 2 * columns]
    assert len(shown) == 2 * columns
    marked = [ax for ax in shown if ax.lines]
    assert [(int(ax.lines[0].get_xdata()[0]), int(ax.lines[0].get_ydata()[0])) for ax in marked] == [(20, 30), (3, 30)]
    assert f"slice {depth}" in marked[0].get_title() + marked[0].get_title(loc="left")
    assert all(ax.images[1].get_clim() == shown[0].images[1].get_clim() for ax in shown)
    # An even map is 1 everywhere.
    np.testing.assert_allclose(shown[0].images[1].get_array(), 1)
    assert not shown[0].get_title()
    assert figure.get_size_inches()[0] <= 6.4


def test_slices_keep_the_proportions_of_the_body():
    image, look = np.ones((4, 32, 32)), {"a": np.full((4, 2, 2), 1 / 16)}
    figure = inside_safnet.voxel_maps(image, look, {"a": (0, 1, 1)}, spacing=(4.0, 2.0, 1.0))
    assert panels(figure)[0].get_aspect() == 2


def test_channel_shares_have_a_panel_for_each_moment():
    figure = inside_safnet.channel_shares({"before": np.eye(8), "after": np.full((8, 8), 1 / 8)})
    assert [ax.get_title() for ax in panels(figure)[:2]] == ["before", "after"]
    np.testing.assert_array_equal(panels(figure)[0].images[0].get_array(), np.eye(8))
    assert figure.get_size_inches()[0] <= 6.4


def test_gates_are_drawn_from_the_most_open():
    values = np.array([[0.2, 0.9, 0.5], [0.4, 0.7, 0.5]])
    figure = inside_safnet.gates({"before": values, "after": values})
    line = figure.axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [0.8, 0.5, 0.3])
    band = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (pytest.approx(0.2), pytest.approx(0.9))
