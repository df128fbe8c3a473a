"""Training curves: what is drawn, the checkpoint that is kept, and axes with units."""

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


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


def test_the_kept_checkpoint_is_that_of_the_score_and_angles_have_a_panel_in_degrees():
    history = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "train_loss": [1.0, 0.5, 0.4],
            "validation_loss": [1.0, 0.6, 0.7],
            "validation_dice": [0.3, 0.8, 0.7],
            "validation_score": [0.1, 0.2, 0.6],
            "validation_angle_error": [20.0, 9.0, 4.0],
        }
    )
    loss, dice, angles = plots.learning_curves(history).axes
    assert loss.get_yscale() == "log"
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    assert (angles.get_ylabel(), dice.get_ylabel()) == ("angle error (degrees)", "validation Dice")
    assert [ax.lines[1].get_xydata()[0].tolist() for ax in (dice, angles)] == [[3, 0.7], [3, 4.0]]
    assert {ax.get_xlabel() for ax in (loss, dice, angles)} == {"epoch"}
