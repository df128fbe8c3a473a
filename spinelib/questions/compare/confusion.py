"""Which structure was taken for which: where the voxels of every labelled structure went.

(A) SAFNet's paper looks at the mix-ups of levels on five volumes (Figure 9). (C, our choice) All test volumes, counted:
of the voxels of a structure, the share that each class took, averaged over the volumes in which it is labelled. The
diagonal is a sensitivity; what lies beside it by one level is a vertebra or disc with its neighbour's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.plots.style import label
from spinelib.questions.compare.volume_tables import FROM_ABOVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISSED = "none"
WRITTEN = 0.1  # smaller shares are colour alone


def level_confusion(cases: CaseArrays, maps: NDArray[np.uint8]) -> pd.DataFrame:
    """Shares [structure, structure and MISSED] (0..1; a row sums to 1) of the class maps [n,*S] of one entry.

    Rows are labelled structures, from above; a structure that no volume has labelled has no row.
    """
    count = len(cases.classes) + 1
    shares = np.full((len(maps), count, count), np.nan)
    for k, (truth, found) in enumerate(zip(cases.labels, maps, strict=True)):
        pairs = np.bincount(truth.ravel().astype(np.intp) * count + found.ravel(), minlength=count**2)
        voxels = pairs.reshape(count, count).astype(float)
        held = voxels.sum(1) > 0
        held[1:] &= cases.known[k]
        shares[k, held] = voxels[held] / voxels[held].sum(1, keepdims=True)
    there = np.isfinite(shares[:, :, 0]).any(0)
    mean = np.full((count, count), np.nan)
    mean[there] = np.nanmean(shares[:, there], axis=0)
    names = [MISSED, *cases.classes]
    table = pd.DataFrame(mean, index=names, columns=names)
    order = [name for name in FROM_ABOVE if name in names]
    order += [name for name in cases.classes if name not in order]
    rows = [name for name in order if there[names.index(name)]]
    return table.loc[rows, [*order, MISSED]]


def confusion_figure(tables: dict[str, pd.DataFrame]) -> Figure:
    """A square of shares for every entry, by its name in the form `method/variant`; two beside each other.

    Raises ValueError without an entry.
    """
    import matplotlib.pyplot as plt

    if not tables:
        raise ValueError("no entry has maps of these volumes")
    columns = min(2, len(tables))
    lines = -(-len(tables) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(4.6 * columns, 4.3 * lines), squeeze=False)
    for ax in axes.flat[len(tables) :]:
        ax.set_axis_off()
    for ax, (name, table) in zip(axes.flat, tables.items(), strict=False):
        _square(ax, table)
        ax.set_title(label(name), fontsize=10)
    figure.set_layout_engine("constrained")
    return figure


def _square(ax: Axes, table: pd.DataFrame) -> None:
    values = table.to_numpy(float)
    ax.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(table.columns)), table.columns, rotation=90, fontsize=7)
    ax.set_yticks(range(len(table)), table.index, fontsize=7)
    ax.set(xlabel="taken for", ylabel="reference")
    for row, column in zip(*np.nonzero(values >= WRITTEN), strict=True):
        share = values[row, column]
        colour = "white" if share > 0.5 else "black"
        ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=5.5, color=colour)
