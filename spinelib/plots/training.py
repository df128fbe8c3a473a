"""Training curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.plots.style import PREDICTION, REFERENCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def learning_curves(history: pd.DataFrame) -> Figure:
    """Loss (training, validation), validation Dice and, where it was measured, the angles' error against epochs.

    history: columns epoch, train_loss, validation_loss, validation_dice; validation_angle_error in degrees gets a
    panel of its own. The dot is the checkpoint that is kept, by validation_score, or by Dice where that is absent.
    """
    import matplotlib.pyplot as plt

    angles = "validation_angle_error" in history
    places: list[Any] = [["loss", "dice"], ["loss", "angles"]] if angles else [["loss", "dice"]]
    figure, axes = plt.subplot_mosaic(places, figsize=(6.4, 4.0 if angles else 2.5))
    loss = axes["loss"]
    loss.plot(history["epoch"], history["train_loss"], ".-", color=REFERENCE, label="training")
    loss.plot(history["epoch"], history["validation_loss"], "s--", markersize=3, color=PREDICTION, label="validation")
    loss.set(xlabel="epoch", ylabel="loss", yscale="log")
    loss.legend()
    _plain_numbers(loss, history[["train_loss", "validation_loss"]].to_numpy())
    measure = history["validation_score" if "validation_score" in history else "validation_dice"]
    best = history.iloc[int(measure.to_numpy().argmax())]
    for name, ax in list(axes.items())[1:]:
        column = "validation_dice" if name == "dice" else "validation_angle_error"
        ax.plot(history["epoch"], history[column], ".-", color=PREDICTION)
        ax.plot([best["epoch"]], [best[column]], "o", color=PREDICTION)
        ax.set_xlabel("epoch")
    axes["dice"].set(ylabel="validation Dice", ylim=(0, 1))
    if angles:
        axes["angles"].set(ylabel="angle error (degrees)")
        axes["angles"].set_ylim(bottom=0)
    for ax in axes.values():
        ax.grid(alpha=0.25)
    return figure


def _plain_numbers(ax: Axes, values: np.ndarray) -> None:
    """Ticks of a log axis as plain numbers: a loss seldom spans more than a power of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.yaxis.set_major_formatter("{x:g}")
    narrow = np.nanmax(values) < 10 * np.nanmin(values)
    ax.yaxis.set_minor_locator(LogLocator(subs=(0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if narrow else (0.2, 0.5)))
    ax.yaxis.set_minor_formatter("{x:g}" if np.nanmax(values) < 100 * np.nanmin(values) else NullFormatter())
