"""Figures of SAFNet: where a voxel looks, how channels share, what the gate lets through. Narrow enough for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from spinelib.plots.names import panel_title
from spinelib.questions.inside_seg4regplus.figures import enlarged

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE: Final = 6.4  # inches
COLOURS: Final = "inferno"
COVER: Final = 0.6  # how much of a map's colour covers the slice
MARK: Final = "#56B4E9"
MOMENTS: Final = ("#999999", "#009E73", "#0072B2", "#D55E00")


def voxel_maps(
    image: ArrayLike,
    looks: Mapping[str, np.ndarray],
    voxels: Mapping[str, tuple[int, int, int]],
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    each: int = 4,
    multiple: int = 16,
) -> Figure:
    """Where voxels look: a row for each, with `each` slices of one volume, its own among them, marked by a cross.

    image [D,H,W]; looks: name -> [D,h,w], summing to 1, which covers the slices up to the next `multiple` px; voxels:
    name -> (d, h, w); spacing: mm along (D, H, W). Colours: attention over an even share, one scale for all rows.
    """
    import matplotlib.pyplot as plt

    volume, mm = np.asarray(image), np.asarray(spacing, float)
    depth, height, width = volume.shape
    aspect = float(mm[1] / mm[2]) if np.isfinite(mm).all() else 1.0
    shape, each = aspect * height / width, min(each, depth)
    across = min((WIDE - 0.9) / each, 2.4 / shape)
    size = (max(across * each + 0.9, 3.4), len(looks) * (across * shape + 0.3))
    figure, axes = plt.subplots(len(looks), each, figsize=size, squeeze=False)
    most = max(float(np.percentile(look, 99.5)) * look.size for look in looks.values())
    for row, (name, look) in zip(axes, looks.items(), strict=True):
        d, h, w = voxels[name]
        for ax, number in zip(row, _around(d, depth, each), strict=True):
            ax.imshow(volume[number], aspect=aspect)
            heat = enlarged(look[number] * look.size, (height, width), multiple)
            ax.imshow(heat, cmap=COLOURS, vmin=0, vmax=most, alpha=COVER, aspect=aspect)
            ax.set_axis_off()
            ax.set_title(f"slice {number + 1}", fontsize=7.5)
            if number == d:
                ax.plot(w, h, "+", color=MARK, markersize=9, markeredgewidth=1.8)
        row[0].set_title("")
        panel_title(row[0], f"{name}\nslice {_around(d, depth, each)[0] + 1}", fontsize=7.5, loc="left")
    scale = plt.cm.ScalarMappable(plt.Normalize(0, most), COLOURS)
    bar = figure.colorbar(scale, ax=axes[:, -1].tolist(), shrink=0.6, aspect=30)
    bar.set_label("attention : even share", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    return figure


def channel_shares(shares: Mapping[str, np.ndarray]) -> Figure:
    """How much of each channel (column) goes into each (row), a panel per moment: title -> [C,C], rows summing to 1."""
    import matplotlib.pyplot as plt

    count = len(shares)
    figure, axes = plt.subplots(1, count, figsize=(min(WIDE, 2.9 * count + 0.8), 3.0), squeeze=False)
    for ax, (title, values) in zip(axes[0], shares.items(), strict=True):
        shown = ax.imshow(values, cmap=COLOURS, vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("from channel")
    axes[0, 0].set_ylabel("into channel")
    figure.colorbar(shown, ax=axes[0].tolist(), shrink=0.8, label="share")
    return figure


def gates(values: Mapping[str, np.ndarray]) -> Figure:
    """Weight of each channel in the spliced features, channels in order of it: moment -> [n,C] for n volumes.

    Lines are means over the volumes, bands reach from the least to the most.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.0, 2.9))
    for colour, (moment, found) in zip(MOMENTS, values.items(), strict=False):
        order = np.argsort(-found.mean(axis=0), kind="stable")
        at = np.arange(1, found.shape[1] + 1)
        ax.fill_between(at, found.min(axis=0)[order], found.max(axis=0)[order], color=colour, alpha=0.25, linewidth=0)
        ax.plot(at, found.mean(axis=0)[order], color=colour, label=moment)
    ax.set(xlabel="channels, most open first", ylabel="gate", ylim=(0, 1))
    ax.grid(axis="y", alpha=0.25)
    ax.legend(fontsize=8)
    return figure


def _around(number: int, depth: int, count: int) -> list[int]:
    """`count` slices of `depth`, evenly spread, `number` in the place of the nearest."""
    spread = np.linspace(0, depth - 1, count + 2)[1:-1].round().astype(int)
    spread[np.argmin(np.abs(spread - number))] = number
    return [int(k) for k in spread]
