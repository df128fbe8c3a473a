"""How often tests reject and intervals cover where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from spinelib.plots.style import MARKERS, TOOL_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAND = 0.02  # two points around the promise
LEAST = 60  # per cent of a panel of coverage: what covers less than that lies on its floor


def promise_lines(
    table: pd.DataFrame, kind: str, of: str = "differences", titles: Mapping[str, str] | None = None
) -> Figure:
    """Share of rejections or of intervals that hold the truth against the number of patients, a panel per shape.

    table: columns kind, of, tool, shape, n, value, error (shares); bars are two Monte Carlo errors; the band is the
    promise within two points. of: differences, means, ranks or tau.
    """
    import matplotlib.pyplot as plt

    rows = table[(table["kind"] == kind) & (table["of"] == of)]
    shapes, tools = list(dict.fromkeys(rows["shape"])), list(dict.fromkeys(rows["tool"]))
    promise = 5.0 if kind == "rejection" else 95.0
    # Coverage has one scale; a test that fails on one shape would flatten the others.
    axes_options: dict[str, Any] = {"sharex": True, "sharey": kind == "coverage", "squeeze": False}
    figure, axes = plt.subplots(
        len(shapes), 1, figsize=(5.6, 0.7 + 1.75 * len(shapes) + 0.1 * len(tools)), **axes_options
    )
    for ax, shape in zip(axes[:, 0], shapes, strict=True):
        ax.axhspan(promise - 100 * BAND, promise + 100 * BAND, color="#BBBBBB", alpha=0.45, linewidth=0)
        for k, tool in enumerate(tools):
            part = rows[(rows["shape"] == shape) & (rows["tool"] == tool)].sort_values("n")
            # A small shift keeps the bars of several tools apart.
            x = part["n"] * 1.03 ** (k - (len(tools) - 1) / 2)
            words = (titles or {}).get(tool, tool)
            options: dict[str, Any] = {
                "color": TOOL_COLOURS[k % len(TOOL_COLOURS)],
                "fmt": f"{MARKERS[k % len(MARKERS)]}-",
                "markersize": 4,
            }
            ax.errorbar(
                x,
                (100 * part["value"]).clip(lower=LEAST if kind == "coverage" else 0),
                200 * part["error"],
                linewidth=1.1,
                label=words,
                **options,
            )
        ax.set_title(f"{of}: {shape}", loc="left", fontsize=9)
        ax.set_ylabel("rejected (%)" if kind == "rejection" else "covered (%)")
        ax.grid(axis="y", alpha=0.2)
    _sizes(axes[-1, 0], sorted(rows["n"].unique()))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=8)
    return figure


def wrong_analysis_lines(table: pd.DataFrame) -> Figure:
    """Rejections where nothing differs: wrong ones filled, right ones open; table: of `statistics.wrong_analyses`."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.6, 3.6))
    ax.axhspan(100 * (0.05 - BAND), 100 * (0.05 + BAND), color="#BBBBBB", alpha=0.45, linewidth=0)
    for k, name in enumerate(dict.fromkeys(table["analysis"])):
        part = table[table["analysis"] == name].sort_values("n")
        right = bool(part["right"].iloc[0])
        options: dict[str, Any] = {"fmt": "o--" if right else "s-", "mfc": "white" if right else None, "markersize": 5}
        ax.errorbar(
            part["n"], 100 * part["rejection"], 200 * part["error"], color=TOOL_COLOURS[k // 2], label=name, **options
        )
    _sizes(ax, sorted(table["n"].unique()))
    ax.set_yscale("log")
    ticks = (2, 5, 10, 20, 50)
    ax.set_yticks(ticks, [f"{t}" for t in ticks])
    ax.minorticks_off()
    ax.set_ylabel("rejected at 5 % (%)")
    ax.grid(axis="y", alpha=0.2)
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    return figure


def _sizes(ax: Axes, sizes: Sequence[int]) -> None:
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{n}" for n in sizes])
    ax.minorticks_off()
    ax.set_xlabel("patients")
