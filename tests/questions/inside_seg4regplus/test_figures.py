"""Figures of Seg4Reg+ hold the numbers they are given, at the place on the film that they are meant for."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import torch

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.models.layers import resize
from spinelib.questions import inside_seg4regplus
from spinelib.questions.inside_seg4regplus.figures import enlarged


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def films(count=2, height=64, width=32):
    return np.random.default_rng(0).integers(1, 255, (count, 1, height, width)).astype(np.uint8)


def test_maps_are_enlarged_as_the_gate_enlarges_them():
    heat = np.random.default_rng(0).random((3, 2)).astype(np.float32)
    expected = resize(torch.from_numpy(heat)[None, None], (96, 64))[0, 0].numpy()
    np.testing.assert_allclose(enlarged(heat, (96, 64)), expected, atol=1e-5)
    np.testing.assert_allclose(enlarged(heat, (70, 50)), expected[:70, :50], atol=1e-5)


def test_every_film_has_a_row_with_its_maps():
    maps = {"before": np.zeros((2, 2, 1)), "after": np.ones((2, 2, 1))}
    masks = np.zeros((2, 64, 32), np.uint8)
    masks[:, 10:50, 10:20] = 1
    figure = inside_seg4regplus.activation_maps(films(), maps, ["one", "two"], masks)
    panels = figure.axes[:6]
    assert [ax.get_title() for ax in panels] == ["one", "before", "after", "two", "before", "after"]
    assert [len(ax.images) for ax in panels] == [1, 2, 2] * 2
    assert [float(ax.images[1].get_array().max()) for ax in panels if len(ax.images) > 1] == [0, 1, 0, 1]
    assert all(ax.images[1].get_clim() == (0, 1) for ax in panels if len(ax.images) > 1)
    assert figure.get_size_inches()[0] <= 6.4
    assert figure.axes[6].get_ylabel() == "activation"


@pytest.mark.parametrize("columns", [1, 4])
def test_activation_maps_stay_narrow(columns):
    maps = {f"m{i}": np.zeros((2, 2, 1)) for i in range(columns)}
    assert inside_seg4regplus.activation_maps(films(), maps, ["one", "two"]).get_size_inches()[0] <= 6.4


def answers():
    return {"image": np.array([[9, 12, 1], [30, 5, 5], [50, 0, 0]]), "guess": np.array([[20, 1, 1]] * 3)}


def test_the_triangle_joins_the_largest_angles_of_a_film():
    truth = np.array([[10, 2, 2], [np.nan] * 3, [40, 2, 45]])
    figure = inside_seg4regplus.triangle({"before": answers(), "after": {"image": answers()["image"]}}, truth)
    left = figure.axes[0]
    np.testing.assert_allclose(left.collections[1].get_offsets(), [[10, 12], [45, 50]])
    np.testing.assert_allclose(left.collections[2].get_offsets(), [[10, 20], [45, 20]])
    lines = [line[:, 1].tolist() for line in left.collections[0].get_segments()]
    assert lines == [[12, 20], [20, 50]]
    assert [ax.get_title() for ax in figure.axes] == ["before", "after"]
    assert "degrees" in left.get_ylabel()
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == ["as the truth", "R(x), the film", "R(s), the network's own mask"]


def test_a_triangle_needs_a_truth():
    with pytest.raises(ValueError, match="no film has known angles"):
        inside_seg4regplus.triangle({"before": answers()}, np.full((3, 3), np.nan))


def test_the_gate_s_channels_are_the_same_in_both_rows_on_one_scale():
    before = np.zeros((6, 8, 4), np.float32)
    before[4], before[1] = np.random.default_rng(0).random((2, 8, 4))
    before[4] *= 3
    figure = inside_seg4regplus.gate_features(films()[0], np.ones((2, 1)), before, 2 * before, count=2)
    panels = {ax.get_title(): ax for ax in figure.axes if ax.get_title()}
    assert list(panels) == ["film", "before, 4", "before, 1", "gate, 0 to 1", "behind, 4", "behind, 1"]
    drawn = {name: ax.images[0] for name, ax in panels.items()}
    np.testing.assert_allclose(drawn["behind, 4"].get_array(), 2 * drawn["before, 4"].get_array())
    assert drawn["behind, 4"].get_clim() == drawn["before, 1"].get_clim()


def test_outlines_with_and_without_the_gate():
    chances = {"with": np.zeros((2, 64, 32)), "without": np.zeros((2, 64, 32))}
    chances["with"][:, 10:50, 10:20] = 0.9
    chances["without"][1, 10:50, 10:20] = 0.9
    figure = inside_seg4regplus.gate_probabilities(films(), chances, ["one", "two"])
    assert [len(ax.collections) for ax in figure.axes] == [1, 2]
    assert mpl.colors.to_hex(figure.axes[0].collections[0].get_edgecolor()[0]).upper() == plots.PREDICTION
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["with the gate", "without the gate"]


def test_each_route_has_a_panel_with_its_error():
    table = pd.DataFrame(
        {
            "route": ["mask", "mask", "network"],
            **{"an1": [10.0, 0.0, 30.0], "an2": [14.0, 0.0, 2.0], "an3": [1.0, 0.0, 2.0]},
            **{"true_an1": [12.0, 40.0, 12.0], "true_an2": [3.0, 3.0, 3.0], "true_an3": [3.0, 3.0, 3.0]},
        }
    )
    figure = inside_seg4regplus.angle_routes(table)
    mask, network = figure.axes
    np.testing.assert_allclose(mask.collections[0].get_offsets(), [[12, 14], [40, 0]])
    np.testing.assert_allclose(network.collections[0].get_offsets(), [[12, 30]])
    assert mask.get_title() == "read from the mask\nmean error 21.0\N{DEGREE SIGN}, n = 2"
    assert len(inside_seg4regplus.angle_routes(table[:2]).axes) == 1
    with pytest.raises(ValueError, match="no film has angles"):
        inside_seg4regplus.angle_routes(table[:0])


def history(**more):
    columns = {"epoch": [1, 2, 3], "train_loss": [1.0, 0.5, 0.4], "validation_loss": [1.0, 0.6, 0.7]}
    return pd.DataFrame({**columns, "validation_dice": [0.3, 0.8, 0.7], **more})


def test_the_angle_error_has_a_panel_and_the_score_marks_the_checkpoint():
    scored = history(validation_score=[0.1, 0.6, 0.65], validation_angle_error=[20.0, 20.0, 5.0])
    loss, dice, angles = plots.learning_curves(scored).axes
    assert "degrees" in angles.get_ylabel()
    assert angles.lines[0].get_ydata().tolist() == [20, 20, 5]
    assert (dice.lines[1].get_xdata(), dice.lines[1].get_ydata()) == ([3], [0.7])
    assert (angles.lines[1].get_xdata(), angles.lines[1].get_ydata()) == ([3], [5])
    assert len(loss.lines) == 2


def test_without_a_score_the_dice_marks_the_checkpoint():
    axes = plots.learning_curves(history()).axes
    assert len(axes) == 2
    assert axes[1].lines[1].get_xdata() == [2]
