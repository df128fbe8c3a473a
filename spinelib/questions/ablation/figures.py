"""What each part of a method is worth: differences with intervals, and scores along a swept option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.measures.registry import higher_is_better
from spinelib.plots.style import label, method_colour
from spinelib.questions.ablation.words import PART_WORDS
from spinelib.statistics.contrast_verdicts import BETTER, NOT_NAMED, ONE_TRAINING, OPEN, UNLEARNED, WORSE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PART_COLOURS = {BETTER: "#009E73", WORSE: "#D55E00", OPEN: "#777777", ONE_TRAINING: "#56B4E9", NOT_NAMED: "#BBBBBB"}
PART_COLOURS |= {UNLEARNED: "#F0E442"}
PART_MARKS = {BETTER: ">", WORSE: "<", OPEN: "o", ONE_TRAINING: "s", NOT_NAMED: "v", UNLEARNED: "X"}
LINE = 34  # letters of a part's name in a line


def part_effects(table: pd.DataFrame) -> Figure:
    """Difference with minus without each part, a row each: mean, 95 % interval, coloured by verdict.

    table: rows of `ablation.effects` of one method, structure and metric. Diamonds: the paper's own differences, which
    are not comparable. Rows whose comparison was named beforehand have a full mark, the others an open one.
    """
    import matplotlib.pyplot as plt

    metric, unit = str(table["metric"].iloc[0]), str(table["unit"].iloc[0])
    figure, ax = plt.subplots(figsize=(6.4, 1.2 + 0.44 * len(table)))
    ax.axvline(0, color="#777777", linewidth=0.8, zorder=1)
    for y, (mean, low, high) in enumerate(table[["mean", "low", "high"]].to_numpy(float)):
        colour = PART_COLOURS[table["verdict"].iloc[y]]
        ax.plot([low, high], [y, y], color=colour, linewidth=2.4, alpha=0.7)
        mark = PART_MARKS[table["verdict"].iloc[y]]
        ax.plot([mean], [y], mark, color=colour, mfc=colour if table["named"].iloc[y] else "white", markersize=6)
    ax.plot(table["published"], range(len(table)), "D", color="black", mfc="white", markersize=4.5, linestyle="none")
    ax.set_yticks(range(len(table)), [_name(row) for row in table.to_dict("records")], fontsize=8.5)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.locator_params(axis="x", nbins=6)
    words = label(metric) if unit == "1" else f"{label(metric)} ({unit})"
    side = "right" if higher_is_better(metric) else "left"
    ax.set_xlabel(f"{words} with the part minus without; {side} of 0 it is better")
    ax.grid(axis="x", alpha=0.25)
    _legend(figure, set(table["verdict"]), published=bool(np.isfinite(table["published"].to_numpy(float)).any()))
    return figure


def _legend(figure: Figure, verdicts: set[str], published: bool) -> None:
    from matplotlib.lines import Line2D

    shown = {verdict: colour for verdict, colour in PART_COLOURS.items() if verdict in verdicts}
    handles = [
        Line2D([], [], color=colour, linewidth=2.4, marker=PART_MARKS[name], label=PART_WORDS[name])
        for name, colour in shown.items()
    ]
    if published:
        look: dict[str, Any] = {"color": "black", "mfc": "white", "markersize": 4.5}
        handles.append(Line2D([], [], marker="D", linestyle="none", label="the paper's (not comparable)", **look))
    figure.legend(handles=handles, loc="outside upper center", ncols=min(2, len(handles)), fontsize=8)


def _name(row: Mapping[Any, Any]) -> str:
    import textwrap

    view = f"{label(row['view'])} films" if row["view"] not in ("", "all") else "all views" * bool(row["view"])
    return "\n".join([*textwrap.wrap(str(row["part"]), LINE), *([view] if view else [])])


def sweep_line(table: pd.DataFrame, metric: str, unit: str = "1") -> Figure:
    """Mean and 95 % interval along a swept option; table: rows of `ablation.sweeps` of one method and data set."""
    import matplotlib.pyplot as plt

    table = table.sort_values("at")
    figure, ax = plt.subplots(figsize=(4.6, 3.2))
    spread = np.abs(table[["low", "high"]].to_numpy(float).T - table["mean"].to_numpy(float))
    colour = method_colour(str(table["method"].iloc[0]))
    ax.errorbar(table["at"], table["mean"], yerr=spread, fmt="o-", color=colour, capsize=3)
    ax.set_xticks(table["at"])
    ax.set_xlabel(str(table["option"].iloc[0]))
    ax.set_ylabel(label(metric) if unit == "1" else f"{label(metric)} ({unit})")
    ax.grid(alpha=0.25)
    return figure
