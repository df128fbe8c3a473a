"""Training curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spinelib.plots.style import PREDICTION, REFERENCE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def learning_curves(history: pd.DataFrame) -> Figure:
    """Loss (training, validation) and validation Dice against epochs.

    history: columns epoch, train_loss, validation_loss, validation_dice.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.7))
    left.plot(history["epoch"], history["train_loss"], ".-", color=REFERENCE, label="training")
    left.plot(history["epoch"], history["validation_loss"], ".-", color=PREDICTION, label="validation")
    left.set(xlabel="epoch", ylabel="loss", yscale="log")
    left.legend()
    right.plot(history["epoch"], history["validation_dice"], ".-", color=PREDICTION)
    best = int(history["validation_dice"].to_numpy().argmax())
    right.plot(*history[["epoch", "validation_dice"]].to_numpy(float)[best], "o", color=PREDICTION)
    right.set(xlabel="epoch", ylabel="validation Dice", ylim=(0, 1))
    for ax in (left, right):
        ax.grid(alpha=0.25)
    return figure
