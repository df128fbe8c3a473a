"""What corrupted images cost: losses, curves over severity, the order of the methods, image quality, worst cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.plots.films import overlay, overlay_legend
from spinelib.plots.names import panel_title
from spinelib.plots.style import entry_looks, entry_marks, method_colour, narrow_label, short_label
from spinelib.plots.volumes import draw_slice, grey_window, pixel_ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinelib.questions.robustness.gallery import Shown

WIDE = 6.4  # inches
TOP = 0.5  # loss at the end of the colour scale
PANEL = 34  # letters above one of three panels in a row
LONG = 24  # letters of a name that leave room for three in a row


def _legend(figure: Figure, ax: Axes) -> None:
    """The entries drawn in `ax`, once, under the figure."""
    handles, words = ax.get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=_across(words), fontsize=7)


def _across(words: Sequence[str]) -> int:
    """Names of a legend in a row."""
    return min(len(words), 2 if max(map(len, words)) > LONG else 3)


def loss_map(table: pd.DataFrame, severity: int, titles: Mapping[str, str]) -> Figure:
    """Loss of every entry under every corruption at one severity, per cent of its clean Dice; bold: interval above 0.

    table: from `robustness.losses` of one data set; titles: of the corruptions by name.
    """
    import matplotlib.pyplot as plt

    rows = table[table["severity"] == severity]
    names, kinds = list(rows["name"].unique()), list(rows["condition"].unique())
    wide = (rows.pivot(index="name", columns="condition", values=c).loc[names, kinds] for c in ("loss", "low"))
    loss, low = (table.to_numpy(float) for table in wide)
    figure, ax = plt.subplots(figsize=(WIDE, 1.5 + 0.27 * len(names)))
    shown = ax.imshow(loss, cmap="YlOrRd", vmin=0, vmax=TOP, aspect="auto", interpolation="nearest")
    for i, j in np.ndindex(loss.shape):
        value = float(loss[i, j])
        style: dict[str, Any] = {"color": "white" if value > 0.6 * TOP else "black", "fontsize": 7}
        style["weight"] = "bold" if low[i, j] > 0 else "normal"
        # Without any clean Dice there is nothing to lose.
        words = f"{round(100 * value):d}" if np.isfinite(value) else "-"
        ax.text(j, i, words, ha="center", va="center", **style)
    ax.set_xticks(range(len(kinds)), [titles.get(k, k) for k in kinds], rotation=55, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), [narrow_label(name, 30) for name in names])
    ax.tick_params(length=0, labelsize=8)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(shown, ax=ax, shrink=0.8, pad=0.01, extend="max", label="share of Dice lost")
    bar.ax.tick_params(labelsize=7)
    return figure


def severity_curves(
    table: pd.DataFrame, titles: Mapping[str, str], levels: Mapping[str, str], columns: int = 3
) -> Figure:
    """Mean Dice of every entry against severity, a panel per corruption, the clean score at 0.

    table: from `robustness.curves` of one data set; titles and levels: name and physical range by corruption.
    """
    import matplotlib.pyplot as plt

    kinds, names = list(table["condition"].unique()), list(table["name"].unique())
    down = -(-len(kinds) // columns)
    size = (WIDE, 1.65 * down + 0.17 * -(-len(names) // _across(list(map(short_label, names)))) + 0.3)
    figure, axes = plt.subplots(down, columns, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax, kind in zip(axes.flat, kinds, strict=False):
        _curve_panel(ax, table[table["condition"] == kind], names)
        ax.set_title(f"{titles.get(kind, kind)}\n{fill(levels.get(kind, ''), PANEL)}".strip(), fontsize=7)
    for ax in axes.flat[len(kinds) :]:
        ax.set_axis_off()
    ends = table[["mean"]].agg(["min", "max"])["mean"]
    axes[0, 0].set_ylim(max(0.0, ends["min"] - 0.05), min(1.0, ends["max"] + 0.05))
    axes[0, 0].set_xticks(sorted(table["severity"].unique()))
    for ax in axes.flat[max(0, len(kinds) - columns) : len(kinds)]:
        ax.set_xlabel("severity (0: clean)", fontsize=7.5)
        ax.tick_params(labelbottom=True)
    figure.supylabel("mean Dice", fontsize=8.5)
    _legend(figure, axes[0, 0])
    return figure


def _curve_panel(ax: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    looks = entry_looks(names)
    for name in names:
        own = rows[rows["name"] == name].sort_values("severity")
        ax.plot(own["severity"], own["mean"], markersize=3, linewidth=1.1, label=short_label(name), **looks[name])
    ax.grid(axis="y", alpha=0.25)
    ax.tick_params(labelsize=7)


def order_dots(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Kendall's tau between the clean order and that under each corruption, with its interval, and who is best then.

    table: from `robustness.rank_stability` of one data set.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(WIDE, 0.8 + 0.27 * len(table)))
    bests = table[["best", "best_clean"]].to_numpy(str).tolist()
    for y, (tau, low, high) in enumerate(table[["tau", "low", "high"]].to_numpy(float)):
        best, before = bests[y]
        ax.plot([low, high], [y, y], color="#4D4D4D", linewidth=2, alpha=0.5)
        fill = "#4D4D4D" if best == before else "white"
        ax.plot([tau], [y], "o", color="#4D4D4D", markerfacecolor=fill, markersize=5.5)
        ax.text(1.06, y, narrow_label(best, 26), va="center", fontsize=7.5, color=method_colour(best))
    ax.axvline(0, color="#888888", linewidth=0.8)
    ax.set_yticks(range(len(table)), [titles.get(k, k) for k in table["condition"]])
    ax.set_ylim(len(table) - 0.4, -0.9)
    ax.set_xlim(-1.05, 1.05)
    ax.text(1.06, -0.85, "best then", fontsize=7.5)
    ax.set_xlabel("Kendall's τ with the clean order (1: the same), 95 % interval over patients", fontsize=8.5)
    ax.grid(axis="x", alpha=0.25)
    return figure


def quality_strata(table: pd.DataFrame, measures: Mapping[str, str]) -> Figure:
    """Mean Dice with interval in the low, middle and high third of the cases by each measure of image quality.

    table: from `robustness.by_stratum`; measures: axis names by measure.
    """
    import matplotlib.pyplot as plt

    names = list(table["name"].unique())
    figure, axes = plt.subplots(
        2, 2, figsize=(WIDE, 4.6 + 0.17 * -(-len(names) // _across(list(map(short_label, names))))), sharey=True
    )
    offsets = np.linspace(-0.3, 0.3, len(names)) if len(names) > 1 else np.zeros(1)
    marks = entry_marks(names)
    for ax, (measure, axis) in zip(axes.flat, measures.items(), strict=True):
        rows = table[table["measure"] == measure]
        words = [f"{s}\n{f:.2g} to {t:.2g}" for s, f, t in rows[["stratum", "from", "to"]].drop_duplicates().to_numpy()]
        for offset, name in zip(offsets, names, strict=True):
            own = rows[rows["name"] == name]
            spread = np.abs(own[["low", "high"]].to_numpy(float).T - own["mean"].to_numpy(float))
            style: dict[str, Any] = {"fmt": marks[name], "color": method_colour(name)}
            x = np.arange(len(own)) + offset
            ax.errorbar(x, own["mean"], yerr=spread, markersize=3, elinewidth=1.1, label=short_label(name), **style)
        ax.set_xticks(range(len(words)), words, fontsize=7)
        ax.set_title(axis, fontsize=8.5)
        ax.grid(axis="y", alpha=0.25)
    figure.supylabel("mean Dice, 95 % interval", fontsize=8.5)
    _legend(figure, axes[0, 0])
    return figure


def case_gallery(cases: Sequence[Shown], columns: int = 5) -> Figure:
    """Cases of one data set with reference and prediction, where there is one; of volumes one slice each.

    cases: from `robustness.sheet` or `robustness.worst_shown`.
    """
    import matplotlib.pyplot as plt

    down, volumes = -(-len(cases) // columns), cases[0].reference.ndim == 3
    height, width = cases[0].reference.shape[-2:]
    ratio = height / width * (float(pixel_ratios(cases[0].spacing, 1)[0]) if volumes else 1.0)
    words = 0.14 * max(case.title.count("\n") + 1 for case in cases)
    size = (WIDE, down * (min(WIDE / columns * ratio, 3.0) + words) + 0.25)
    figure, axes = plt.subplots(down, columns, figsize=size, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, case in zip(axes.flat, cases, strict=False):
        _case_panel(ax, case)
        panel_title(ax, case.title, fontsize=6.5)
    if not volumes and cases[0].prediction is not None:
        overlay_legend(figure)
    return figure


def _case_panel(ax: Axes, case: Shown) -> None:
    if case.reference.ndim == 2:
        overlay(ax, case.image, case.reference, case.prediction)
        return
    volume = case.image[0]
    # The slice that shows most of what is looked for.
    k = int((case.reference > 0).sum(axis=(1, 2)).argmax())
    prediction = None if case.prediction is None else case.prediction[k]
    ratio = float(pixel_ratios(case.spacing, 1)[0])
    draw_slice(ax, volume[k], case.reference[k], prediction, case.classes, grey_window(volume), ratio)
