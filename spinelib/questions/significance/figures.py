"""Mean ranks with their critical difference, power by patients, and intervals by method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.scale import cut_axis
from spinelib.plots.style import MARKERS, TOOL_COLOURS, label, method_colour, narrow_label
from spinelib.statistics.ranks import RankStability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "#777777"


def rank_diagram(ranks: pd.Series, groups: Sequence[Sequence[str]], critical: float, n: int = 0) -> Figure:
    """Mean ranks on a line, best left; bars join methods that the critical difference cannot tell apart.

    ranks: mean rank by `method/variant`; groups: runs of names; n: patients, for the axis.
    """
    import matplotlib.pyplot as plt

    ordered = ranks.sort_values(kind="stable")
    half = (len(ordered) + 1) // 2
    height = 1.0 + 0.12 * len(groups) + 0.27 * half
    figure, ax = plt.subplots(figsize=(6.4, height))
    low, high = np.floor(ordered.min()), np.ceil(ordered.max())
    high = max(high, low + critical)
    for level, names in enumerate(groups):
        ends = ordered[list(names)]
        y = -0.35 - 0.3 * level
        ax.plot([ends.min() - 0.03, ends.max() + 0.03], [y, y], color="black", linewidth=3.2, solid_capstyle="butt")
    floor = -0.35 - 0.3 * len(groups)
    for i, (name, rank) in enumerate(ordered.items()):
        left = i < half
        y = floor - 0.35 - 0.62 * (i if left else len(ordered) - 1 - i)
        end, side = (low - 0.15, "right") if left else (high + 0.15, "left")
        ax.plot([rank, rank, end], [0, y, y], color=method_colour(str(name)), linewidth=1.3)
        ax.text(end, y, f" {label(str(name))} {rank:.2f} ", ha=side, va="center", fontsize=8.5)
    _rank_axis(ax, low, high, critical, n)
    ax.set_ylim(floor - 0.35 - 0.62 * (half - 1) - 0.5, 1.6)
    return figure


def _rank_axis(ax: Axes, low: float, high: float, critical: float, n: int) -> None:
    """The line with its ranks, and the critical difference as a ruler above it."""
    ax.plot([low, high], [0, 0], color="black", linewidth=1)
    for rank in np.arange(low, high + 0.5):
        ax.plot([rank, rank], [0, 0.18], color="black", linewidth=1)
        ax.text(rank, 0.26, f"{rank:.0f}", ha="center", va="bottom", fontsize=8.5)
    ax.plot([low, low + critical], [1.0, 1.0], color=GREY, linewidth=2)
    words = f"critical difference {critical:.2f}" + (f", {n} patients" if n else "")
    ax.text(low, 1.1, words, ha="left", va="bottom", fontsize=8.5, color=GREY)
    ax.set_axis_off()


def rank_blobs(stability: RankStability) -> Figure:
    """A blob for every rank that an entry had in resamples, its area their share; line: 95 %; cross: the rank here."""
    import matplotlib.pyplot as plt

    shares = stability.shares
    k = len(shares)
    figure, ax = plt.subplots(figsize=(max(4.4, 2.2 + 0.36 * k), 0.9 + 0.32 * k))
    ends = stability.ranks[["low", "high", "rank"]].to_numpy(float)
    for y, (name, row) in enumerate(shares.iterrows()):
        seen = row[row > 0]
        ax.plot(ends[y, :2], [y, y], color=GREY, linewidth=1)
        ax.scatter(seen.index, np.full(len(seen), y), s=260 * seen, color=method_colour(str(name)), linewidths=0)
        ax.plot(ends[y, 2], y, "x", color="black", markersize=5)
    once = (stability.ranks["seeds"] == 1).tolist()
    names = [
        f"{label(str(name))}{', one training' if one else ''}" for name, one in zip(shares.index, once, strict=True)
    ]
    ax.set_yticks(range(k), names, fontsize=8.5)
    ax.set_ylim(k - 0.4, -0.6)
    ax.set_xlim(0.4, k + 0.6)
    ax.set_xticks(shares.columns)
    ax.set_xlabel("rank of the mean in resamples")
    ax.grid(axis="x", alpha=0.2)
    return figure


def power_curve(table: pd.DataFrame, power: float = 0.8, n: int | None = None) -> Figure:
    """Power against patients, a line per true effect. table: columns effect (d), n, power; n: marks this study."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    effects = list(dict.fromkeys(table["effect"]))
    figure, ax = plt.subplots(figsize=(5.6, 3.4))
    colours = sns.color_palette("viridis", len(effects))
    for colour, effect in zip(colours, effects, strict=True):
        part = table[table["effect"] == effect].sort_values("n")
        ax.plot(part["n"], part["power"], color=colour, linewidth=1.8, label=f"d = {effect:g}")
    ax.axhline(power, color=GREY, linestyle="--", linewidth=1)
    if n:
        ax.axvline(n, color=GREY, linewidth=1)
        ax.annotate(f"{n} patients here", (n, 0.02), (4, 0), textcoords="offset points", fontsize=8.5, color=GREY)
    ax.set_xscale("log")
    ticks = [t for t in (5, 10, 20, 50, 100, 200, 500, 1000) if table["n"].min() <= t <= table["n"].max()]
    ax.set_xticks(ticks, [f"{t}" for t in ticks])
    ax.minorticks_off()
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("patients")
    ax.set_ylabel("power of the paired t-test at 5 %")
    figure.legend(loc="outside upper center", ncols=4, fontsize=8)
    return figure


def interval_methods(table: pd.DataFrame, metric: str, titles: Mapping[str, str] | None = None) -> Figure:
    """The interval of each comparison by every method, one group per comparison; table: of `interval_table`."""
    import matplotlib.pyplot as plt

    pairs = list(dict.fromkeys(zip(table["one"], table["other"], strict=True)))
    methods = list(dict.fromkeys(table["method"]))
    figure, ax = plt.subplots(figsize=(6.4, 0.9 + 0.62 * len(pairs) + 0.1 * len(methods)))
    ax.axvline(0, color=GREY, linewidth=0.8)
    for k, method in enumerate(methods):
        rows = table[table["method"] == method]
        y = np.arange(len(pairs)) + (k - (len(methods) - 1) / 2) * 0.15
        spread = np.abs(rows[["low", "high"]].to_numpy(float).T - rows["mean"].to_numpy(float))
        words = (titles or {}).get(method, method)
        ax.errorbar(rows["mean"], y, xerr=spread, fmt=MARKERS[k], color=TOOL_COLOURS[k], markersize=3, label=words)
    ends = table.groupby(["one", "other"], sort=False).agg({"mean": "first", "low": "min", "high": "max"})
    cut_axis(ax, ends.to_numpy(float), range(len(pairs)), [GREY] * len(pairs), [0.0])
    names = [f"{narrow_label(a, 30)}\n\N{MINUS SIGN} {narrow_label(b, 30)}" for a, b in pairs]
    ax.set_yticks(range(len(pairs)), names, fontsize=8.5)
    ax.set_ylim(len(pairs) - 0.4, -0.6)
    ax.set_xlabel(f"difference in {label(metric)}")
    ax.grid(axis="x", alpha=0.25)
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    return figure
