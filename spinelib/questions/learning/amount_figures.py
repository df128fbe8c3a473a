"""Errors and scores against the number of training films."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spinelib.plots.margin import LINE, names_beside
from spinelib.plots.style import entry_marks, label, method_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.4
ROUTES = {"mask": ("-", "o"), "network": ("--", "s"), "corners": (":", "D")}
# Intervals of two lines at one number of films stand beside each other.
APART = 1.035


def amount_lines(table: pd.DataFrame, error: str, unit: str) -> Figure:
    """Mean error with its interval against the number of training films; filled: from scratch, open: pretrained.

    table: of `learning.training_amounts`, columns family, route, start, training films, value, low, high. Raises
    ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no runs with different numbers of training films")
    figure, ax = plt.subplots(figsize=(5.6, 3.8))
    keys = table[["family", "route", "start"]].drop_duplicates().to_numpy(str)
    for k, (family, route, start) in enumerate(keys):
        own = table[(table[["family", "route", "start"]] == [family, route, start]).all(axis=1)]
        style, mark = ROUTES.get(route, ("-", "o"))
        colour = method_colour(family.split(" ")[0] if route == "mask" else f"{family.split(' ')[0]}_{route}")
        films = own["training films"] * APART ** (k - (len(keys) - 1) / 2)
        away = [own["value"] - own["low"], own["high"] - own["value"]]
        # A single amount is a mark without a line.
        line = style if len(own) > 1 else ""
        words = f"{family}\n{route}, {start}"
        fill = colour if start == "from scratch" else "white"
        ax.errorbar(
            films, own["value"], away, fmt=mark + line, color=colour, markerfacecolor=fill, capsize=2, label=words
        )
    _film_axis(ax, table)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("training films")
    ax.set_ylabel(f"{error} ({unit})")
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    figure.set_layout_engine("constrained")
    ax.grid(alpha=0.25)
    return figure


def film_amount_lines(table: pd.DataFrame, score: str) -> Figure:
    """Mean score with its interval against the number of training films, one line per method; open: pretrained.

    table: of `learning.film_amounts`. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no runs with different numbers of training films")
    groups = [part for _, part in table.groupby(["family", "start"], sort=False)]
    figure, ax = plt.subplots(figsize=(WIDTH, max(3.2, 1.3 * LINE * len(groups))))
    ends = []
    marks = entry_marks([own["family"].iloc[0] for own in groups])
    for k, own in enumerate(groups):
        family, start = own[["family", "start"]].iloc[0]
        colour = method_colour(family)
        # Intervals of several lines at one number of films stand beside each other.
        films = own["training films"] * 1.02 ** (k - (len(groups) - 1) / 2)
        away = [own["value"] - own["low"], own["high"] - own["value"]]
        fill, line = (colour, "-") if start == "from scratch" else ("white", "--")
        style: dict[str, Any] = {
            "fmt": marks[family],
            "ls": line if len(own) > 1 else "",
            "markerfacecolor": fill,
            "ms": 5,
            "elinewidth": 0.8,
        }
        ax.errorbar(films, own["value"], away, color=colour, **style)
        words = label(family.split(" ")[0]) + ("" if start == "from scratch" else ", pretrained")
        look = {"color": colour, "marker": marks[family], "markerfacecolor": fill, "linestyle": style["ls"]}
        ends.append((own["value"].iloc[-1], words, look))
    _film_axis(ax, table)
    ax.set(xlabel="training films", ylabel=score)
    ax.grid(alpha=0.25)
    names_beside(ax, *zip(*ends, strict=True))
    return figure


def _film_axis(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of training films with a mark at each amount; none at all stands left of the fewest."""
    amounts = sorted(table["training films"].unique())
    fewest = min(films for films in amounts if films)
    ax.set_xscale("symlog", linthresh=fewest, linscale=0.5) if amounts[0] == 0 else ax.set_xscale("log")
    ax.set_xticks(amounts, [str(films) for films in amounts])
    ax.minorticks_off()
