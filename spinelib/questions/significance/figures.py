"""Differences with their intervals, ranks with their critical difference, and how well the machinery is calibrated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.plots.scores import MARKERS
from spinelib.plots.style import label, method_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito again: tools are not methods, but a reader should tell them apart as easily.
TOOLS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#4D4D4D", "#8A6D00")
GREY = "#777777"
BAND = 0.005
VERDICTS = {
    "replicated": "#009E73",
    "agrees here": "#7FCEB9",
    "contradicted": "#D55E00",
    "disagrees here": "#EFAE7C",
    "inconclusive": "#F0E442",
    "not testable here": "#D9D9D9",
}


def forest(
    table: pd.DataFrame,
    metric: str,
    unit: str = "",
    margin: float | None = None,
    level: float = 0.95,
    marks: str = "",
) -> Figure:
    """Mean paired difference with its interval, a row per comparison, in the order given.

    table: columns one, other, mean, low, high, n, and where known `view` (named beside) and `p` (printed right); any
    number may be NaN. margin: shades what counts as no difference. marks: a column of further values, as diamonds.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 0.9 + 0.44 * len(table)))
    if margin:
        ax.axvspan(-margin, margin, color="#56B4E9", alpha=0.16, linewidth=0, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    for y, (mean, low, high) in enumerate(table[["mean", "low", "high"]].to_numpy(float)):
        colour = method_colour(table["one"].iloc[y])
        ax.plot([low, high], [y, y], color=colour, linewidth=2.2, alpha=0.65)
        ax.plot([mean], [y], "s", color=colour, markersize=5.5)
        if "p" in table:
            words = p_words(table["p"].iloc[y])
            ax.annotate(words, (1, y), (4, 0), ("axes fraction", "data"), "offset points", va="center", fontsize=8.5)
    if marks:
        ax.plot(table[marks], range(len(table)), "D", color="black", mfc="white", markersize=5, linestyle="none")
    ax.set_yticks(range(len(table)), _pair_names(table), fontsize=8.5)
    ax.set_ylim(len(table) - 0.4, -0.6)
    words = label(metric) if unit in ("", "1") else f"{label(metric)} ({unit})"
    ax.locator_params(axis="x", nbins=6)
    ax.set_xlabel(f"difference in {words}, mean and {100 * level:g} % interval")
    ax.grid(axis="x", alpha=0.25)
    return figure


def _pair_names(table: pd.DataFrame) -> list[str]:
    """Give "one - other" and below it the view, if there is one, and n, of every row."""
    views = [f"{label(view)}, " for view in table["view"]] if "view" in table else [""] * len(table)
    rows = zip(table["one"], table["other"], views, table["n"], strict=True)
    return [f"{label(a)} \N{MINUS SIGN} {label(b)}\n({view}n = {n:.0f})" for a, b, view, n in rows]


def verdict_bars(counts: pd.DataFrame) -> Figure:
    """Lines of the ledger by paper, a bar each, split by verdict. counts: papers by verdicts, as of `claims.tally`."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 1.1 + 0.42 * len(counts)))
    start = np.zeros(len(counts))
    for verdict in counts:
        widths = counts[verdict].to_numpy(float)
        bars = ax.barh(range(len(counts)), widths, left=start, label=verdict, color=VERDICTS.get(str(verdict), GREY))
        ax.bar_label(bars, [f"{w:.0f}" if w else "" for w in widths], label_type="center", fontsize=8)
        start += widths
    names = [re.split(r"(?<= \d{4})", str(paper))[0] for paper in counts.index]
    ax.set_yticks(range(len(counts)), names, fontsize=8.5)
    ax.invert_yaxis()
    ax.set_xlabel("lines of the ledger")
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    return figure


def p_words(p: float) -> str:
    """A p-value as printed in figures."""
    if not np.isfinite(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.095 else f"p = {p:.2f}"


def critical_difference(ranks: pd.Series, groups: Sequence[Sequence[str]], critical: float, n: int = 0) -> Figure:
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


def calibration(table: pd.DataFrame, kind: str, titles: Mapping[str, str] | None = None) -> Figure:
    """Share of rejections or of intervals that hold the truth against the number of patients, a panel per shape.

    table: columns kind, tool, shape, n, value, error (shares); bars are two Monte Carlo errors; the band is the promise
    within half a point.
    """
    import matplotlib.pyplot as plt

    rows = table[table["kind"] == kind]
    shapes, tools = list(dict.fromkeys(rows["shape"])), list(dict.fromkeys(rows["tool"]))
    promise = 5.0 if kind == "rejection" else 95.0
    # Coverage has one scale; a test that fails on one shape would flatten the others.
    axes_options: dict[str, Any] = {"sharex": True, "sharey": kind == "coverage", "squeeze": False}
    figure, axes = plt.subplots(len(shapes), 1, figsize=(5.6, 0.7 + 1.75 * len(shapes)), **axes_options)
    for ax, shape in zip(axes[:, 0], shapes, strict=True):
        ax.axhspan(promise - 100 * BAND, promise + 100 * BAND, color="#BBBBBB", alpha=0.45, linewidth=0)
        for k, tool in enumerate(tools):
            part = rows[(rows["shape"] == shape) & (rows["tool"] == tool)].sort_values("n")
            # A small shift keeps the bars of several tools apart.
            x = part["n"] * 1.03 ** (k - (len(tools) - 1) / 2)
            words = (titles or {}).get(tool, tool)
            options: dict[str, Any] = {
                "color": TOOLS[k % len(TOOLS)],
                "fmt": f"{MARKERS[k % len(MARKERS)]}-",
                "markersize": 4,
            }
            ax.errorbar(x, 100 * part["value"], 200 * part["error"], linewidth=1.1, label=words, **options)
        ax.set_title(f"{shape} differences", loc="left", fontsize=9)
        ax.set_ylabel("rejected (%)" if kind == "rejection" else "covered (%)")
        ax.grid(axis="y", alpha=0.2)
    _sizes(axes[-1, 0], sorted(rows["n"].unique()))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)
    return figure


def _sizes(ax: Axes, sizes: Sequence[int]) -> None:
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{n}" for n in sizes])
    ax.minorticks_off()
    ax.set_xlabel("patients")


def wrong_analyses(table: pd.DataFrame) -> Figure:
    """Rejections where nothing differs, wrong analyses (filled) and right ones (open); table: of `wrong_analyses`."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.6, 3.6))
    ax.axhspan(100 * (0.05 - BAND), 100 * (0.05 + BAND), color="#BBBBBB", alpha=0.45, linewidth=0)
    for k, name in enumerate(dict.fromkeys(table["analysis"])):
        part = table[table["analysis"] == name].sort_values("n")
        right = bool(part["right"].iloc[0])
        options: dict[str, Any] = {"fmt": "o--" if right else "s-", "mfc": "white" if right else None, "markersize": 5}
        ax.errorbar(part["n"], 100 * part["rejection"], 200 * part["error"], color=TOOLS[k // 2], label=name, **options)
    _sizes(ax, sorted(table["n"].unique()))
    ax.set_yscale("log")
    ticks = (2, 5, 10, 20, 50)
    ax.set_yticks(ticks, [f"{t}" for t in ticks])
    ax.minorticks_off()
    ax.set_ylabel("rejected at 5 % (%)")
    ax.grid(axis="y", alpha=0.2)
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
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
    figure, ax = plt.subplots(figsize=(6.4, 0.9 + 0.62 * len(pairs)))
    ax.axvline(0, color=GREY, linewidth=0.8)
    for k, method in enumerate(methods):
        rows = table[table["method"] == method]
        y = np.arange(len(pairs)) + (k - (len(methods) - 1) / 2) * 0.15
        spread = np.abs(rows[["low", "high"]].to_numpy(float).T - rows["mean"].to_numpy(float))
        words = (titles or {}).get(method, method)
        ax.errorbar(rows["mean"], y, xerr=spread, fmt=MARKERS[k], color=TOOLS[k], markersize=3, label=words)
    ax.set_yticks(range(len(pairs)), [f"{label(a)}\n\N{MINUS SIGN} {label(b)}" for a, b in pairs], fontsize=8.5)
    ax.set_ylim(len(pairs) - 0.4, -0.6)
    ax.set_xlabel(f"difference in {label(metric)}")
    ax.grid(axis="x", alpha=0.25)
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    return figure
