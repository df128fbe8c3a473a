"""Figures of volumes as data: sizes and greys of their structures, and slices of several sources shuffled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.names import readable
from spinelib.plots.style import source_colour
from spinelib.plots.volumes import draw_slice, grey_window, pick_slices, pixel_ratios

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from spinelib.cases import CaseArrays


def structure_strips(facts: pd.DataFrame, columns: Mapping[str, str], order: Sequence[str]) -> Figure:
    """A row per entry of `columns` (column of `facts`: text of the axis), a dot per volume, structures in `order`.

    facts: data, structure and the columns. Sources stand beside each other in their colours, with their median as a
    bar.
    """
    import matplotlib.pyplot as plt

    shown = [name for name in order if name in set(facts["structure"])]
    sources = list(dict.fromkeys(facts["data"]))
    figure, axes = plt.subplots(len(columns), 1, figsize=(6.4, 2.1 * len(columns) + 0.3), sharex=True, squeeze=False)
    for ax, (column, text) in zip(axes[:, 0], columns.items(), strict=True):
        for j, source in enumerate(sources):
            shift = (j - (len(sources) - 1) / 2) * 0.7 / len(sources)
            for k, name in enumerate(shown):
                rows = facts[(facts["data"] == source) & (facts["structure"] == name)]
                values = rows[column].dropna().to_numpy(float)
                if not len(values):
                    continue
                colour = source_colour(source)
                ax.plot(np.full(len(values), k + shift), values, ".", color=colour, alpha=0.5, markersize=4)
                ax.plot([k + shift - 0.14, k + shift + 0.14], [np.median(values)] * 2, color=colour, linewidth=1.6)
        ax.set_ylabel(text)
        ax.grid(axis="y", alpha=0.25)
    axes[-1, 0].set_xticks(range(len(shown)), readable(figure, shown, "structure"), rotation=60, fontsize=7.5)
    for source in sources:
        axes[0, 0].plot([], [], "o", color=source_colour(source), label=source)
    figure.legend(loc="outside upper center", ncols=len(sources), fontsize=8)
    return figure


def mixed_slices(sets: Mapping[str, CaseArrays], each: int, rng: np.random.Generator, columns: int = 5) -> Figure:
    """The middle slice of `each` volumes of every source, shuffled, the source named above each."""
    import matplotlib.pyplot as plt

    chosen = [
        (name, arrays, int(i))
        for name, arrays in sets.items()
        for i in rng.choice(len(arrays), min(each, len(arrays)), replace=False)
    ]
    order = rng.permutation(len(chosen))
    rows = -(-len(chosen) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(6.4, 2.5 * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, place in zip(axes.flat, order, strict=False):
        name, arrays, i = chosen[int(place)]
        volume = arrays.images[i, 0]
        number = pick_slices(arrays.labels.shape[1], [arrays.labels[i]], 1)[0]
        ratio = float(pixel_ratios(arrays.spacing[i], 1)[0])
        draw_slice(ax, volume[number], None, None, arrays.classes, grey_window(volume), ratio)
        ax.set_title(name, fontsize=7.5)
    return figure
