"""Scores of the structures of volumes, one line a structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.names import readable
from spinelib.plots.style import entry_marks, label, method_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def structure_dots(table: pd.DataFrame, metric: str, unit: str = "") -> Figure:
    """Mean and interval of one metric by structure, from above to below, a mark for every entry.

    table: columns structure, name (`method/variant`), mean, low, high; in the order in which they are drawn.
    """
    import matplotlib.pyplot as plt

    structures, names = (list(dict.fromkeys(table[column])) for column in ("structure", "name"))
    figure, ax = plt.subplots(figsize=(6.4, 0.9 + max(0.3, 0.06 * len(names) + 0.12) * len(structures)))
    offsets = np.linspace(-0.32, 0.32, len(names)) if len(names) > 1 else [0.0]
    marks = entry_marks(names)
    for offset, name in zip(offsets, names, strict=True):
        rows = table[table["name"] == name].set_index("structure").reindex(structures)
        mean, low, high = (rows[column].to_numpy(float) for column in ("mean", "low", "high"))
        y, colour = np.arange(len(structures)) + offset, method_colour(name)
        ax.hlines(y, low, high, color=colour, linewidth=1.4, alpha=0.5)
        ax.plot(mean, y, marks[name], color=colour, markersize=4, label=label(name))
    ax.set_yticks(range(len(structures)), readable(figure, structures, "structure"))
    ax.set_ylim(len(structures) - 0.4, -0.6)
    for edge in np.arange(len(structures) - 1) + 0.5:
        ax.axhline(edge, color="#DDDDDD", linewidth=0.6)
    shown = label(metric) if unit in ("", "1") else f"{label(metric)} ({unit})"
    ax.set_xlabel(f"{shown}, mean and 95 % interval over patients")
    figure.legend(loc="outside lower center", ncols=2, fontsize=7.5)
    return figure
