"""What stands behind a mean Dice: other metrics of the same films, views, and structures that were mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.margin import LETTERS
from spinelib.plots.style import entry_marks, label, method_colour, narrow_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.4
PAIRS = (("sensitivity", "pixel_accuracy"), ("dice", "miou"))
METRIC_WORDS = {
    "sensitivity": "sensitivity",
    "pixel_accuracy": "pixel accuracy (GPA)",
    "dice": "Dice",
    "miou": "mean IoU",
}


def metric_scatters(table: pd.DataFrame) -> Figure:
    """Pixel accuracy against sensitivity and mean IoU against Dice: a dot per film and run, a large one per entry.

    table: of `learning.film_metrics`. Both axes of a panel have one scale, so that a flat cloud is a metric
    that hardly moves. Dashed: what an empty mask scores. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no film has scores")
    share = float(table.groupby("case")["share"].median().mean())
    empty = {"pixel_accuracy": 1 - share, "miou": (1 - share) / 2}
    means = table.groupby("name", sort=False)[list(METRIC_WORDS)].mean()
    methods = list(dict.fromkeys(name.partition("/")[0] for name in means.index))
    rows, marks = -(-len(methods) // 4), entry_marks(methods)
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.2 + 0.18 * rows))
    # In random order, so that no entry's dots cover those of the others.
    table = table.sample(frac=1, random_state=0)
    for ax, (across, up) in zip(axes, PAIRS, strict=True):
        colours = [method_colour(name) for name in table["name"]]
        ax.scatter(table[across], table[up], s=4, c=colours, alpha=0.25, linewidths=0, rasterized=True)
        for name, row in means.iterrows():
            look = {"color": method_colour(str(name)), "marker": marks[str(name).partition("/")[0]]}
            ax.plot(row[across], row[up], ms=6, mec="white", mew=0.7, zorder=3, **look)
        ax.axhline(empty[up], color="0.4", lw=0.8, ls="--")
        low = min(table[[across, up]].min().min(), empty[up]) - 0.06
        ax.set(xlim=(low, 1.01), ylim=(low, 1.01), xlabel=METRIC_WORDS[across], ylabel=METRIC_WORDS[up])
        ax.annotate("empty mask", (low, empty[up]), (3, -3), textcoords="offset points", va="top", fontsize=8)
        ax.set_box_aspect(1)
        ax.grid(alpha=0.25)
    keys = [plt.Line2D([], [], marker=marks[n], ls="", color=method_colour(n), label=label(n)) for n in methods]
    figure.legend(handles=keys, loc="outside lower center", ncols=4, fontsize=8, handletextpad=0.1, columnspacing=1)
    figure.set_layout_engine("constrained")
    return figure


def _rows(ax: Axes, names: pd.Series) -> np.ndarray:
    """One line per entry, the first on top."""
    places = np.arange(len(names))[::-1]
    ax.set_yticks(places, [narrow_label(name, LETTERS) for name in names], fontsize=8, linespacing=0.95)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.grid(axis="x", alpha=0.25)
    return places


def view_spread_dots(table: pd.DataFrame, score: str) -> Figure:
    """How far the means of the views lie apart, with its interval, for every entry, steadiest on top.

    table: of `learning.view_spread`. The grey tick is what chance alone comes to. Raises ValueError without a
    row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no data with several views")
    figure, ax = plt.subplots(figsize=(WIDTH, 0.9 + 0.26 * len(table)))
    places = _rows(ax, table["name"])
    for place, row in zip(places, table.to_dict("records"), strict=True):
        middle, colour = row["between views"], method_colour(row["name"])
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=1)
        ax.plot(middle, place, "o", color=colour, ms=6)
        ax.plot(row["chance"], place, "|", color="0.4", ms=9, mew=1.5)
    ax.set_xlim(left=0)
    ax.set_xlabel(f"standard deviation of mean {score} over the views (tick: by chance)")
    return figure


def category_error_bars(errors: pd.DataFrame, sacrum: pd.DataFrame) -> Figure:
    """Structures missed and invented per volume (left), and the sacrum's Dice with its interval (right).

    errors: of `learning.category_errors`; sacrum: of `sacrum_board`, may be empty. Raises ValueError
    without errors to show.
    """
    import matplotlib.pyplot as plt

    if errors.empty:
        raise ValueError("no volumes")
    panels = 1 if sacrum.empty else 2
    figure, axes = plt.subplots(1, panels, figsize=(WIDTH, 1.3 + 0.3 * len(errors)), sharey=True, squeeze=False)
    ax = axes[0, 0]
    places = _rows(ax, errors["name"])
    for place, row in zip(places, errors.to_dict("records"), strict=True):
        colour = method_colour(row["name"])
        ax.barh(place, row["missed"], 0.55, color=colour)
        ax.barh(place, row["invented"], 0.55, left=row["missed"], color=colour, alpha=0.4)
        ax.plot([row["low"], row["high"]], [place, place], color="black", lw=1)
    ax.set_xlabel("structures per volume\n(dark: missed, pale: invented)")
    if panels == 2:
        own, right = sacrum.set_index("name"), axes[0, 1]
        for place, name in zip(places, errors["name"], strict=True):
            if name in own.index:
                mean, low, high = own.loc[name, ["mean", "low", "high"]].to_numpy(float)
                right.plot([low, high], [place, place], color=method_colour(name), lw=1)
                right.plot(mean, place, "o", color=method_colour(name))
        right.set(xlabel="Dice of the sacrum", xlim=(0, 1))
        right.grid(axis="x", alpha=0.25)
    return figure
