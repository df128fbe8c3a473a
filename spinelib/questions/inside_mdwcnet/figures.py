"""The parallel branches of MDWC-Net: what each filter size sees, and how much it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# From small to large filters, in Okabe and Ito's colours; further sizes begin again.
COLOURS: Final = ("#CC79A7", "#E69F00", "#009E73", "#0072B2")
NARROWEST: Final = 0.02  # weights closer than this to equal shares are drawn as close
SPREAD: Final = 3.0  # a map is shown from minus to plus this many of its standard deviations


def branch_maps(maps: Mapping[int, np.ndarray], count: int = 6, height: float = 2.2) -> Figure:
    """One row per filter size, one column per channel: maps of size -> [C,H,W], each scaled by its own spread.

    The `count` channels are spread evenly over the C.
    """
    import matplotlib.pyplot as plt

    first = next(iter(maps.values()))
    channels = np.unique(np.linspace(0, len(first) - 1, count).round().astype(int))
    width = height * first.shape[2] / first.shape[1] * len(channels)
    size = (max(width + 1.2, 4.0), height * len(maps) + 0.3)
    figure, axes = plt.subplots(len(maps), len(channels), figsize=size, squeeze=False)
    for row, (kernel, values) in zip(axes, maps.items(), strict=True):
        for ax, channel in zip(row, channels, strict=True):
            scaled = (values[channel] - values[channel].mean()) / (values[channel].std() or 1.0)
            shown = ax.imshow(scaled, cmap="RdBu_r", vmin=-SPREAD, vmax=SPREAD)
            ax.set_title(f"{kernel}x{kernel}, channel {channel}", fontsize=8)
            ax.set_axis_off()
    figure.colorbar(shown, ax=axes.ravel().tolist(), shrink=0.5, label="standard deviations\nfrom the map's mean")
    return figure


def branch_weight_figure(table: pd.DataFrame) -> Figure:
    """Weight of each filter size in every block, in the order in which the network runs them.

    table: as `spinelib.models.mdwcnet.branch_weights` gives it (stage, block, kernel, mean, low, high), not empty.
    Dots are means over channels, bars reach from low to high; the dashed line is the equal share of the start.
    """
    import matplotlib.pyplot as plt

    blocks = sorted(set(zip(table["stage"], table["block"], strict=True)), key=lambda key: (_place(key[0]), key[1]))
    kernels = sorted(int(kernel) for kernel in table["kernel"].unique())
    parts = {k: table[table["kernel"] == k].set_index(["stage", "block"]).loc[blocks] for k in kernels}
    equal = 1 / len(parts)
    figure, ax = plt.subplots(figsize=(max(5.0, 0.42 * len(blocks) + 1.6), 3.2))
    for i, (kernel, rows) in enumerate(parts.items()):
        at = np.arange(len(blocks)) + 0.16 * (i - (len(parts) - 1) / 2)
        spread = np.abs(rows[["low", "high"]].to_numpy(float).T - rows["mean"].to_numpy(float))
        colour = COLOURS[i % len(COLOURS)]
        ax.errorbar(at, rows["mean"], yerr=spread, fmt="o", ms=3.5, lw=1.2, color=colour, label=f"{kernel}x{kernel}")
    ax.axhline(equal, color="#888888", linestyle="--", linewidth=0.8)
    places: dict[str, list[int]] = {}
    for x, (stage, _) in enumerate(blocks):
        places.setdefault(stage, []).append(x)
    for own in list(places.values())[1:]:
        ax.axvline(own[0] - 0.5, color="#888888", alpha=0.3, linewidth=0.8)
    ax.set_xticks([np.mean(own) for own in places.values()], [stage.replace(".", "\n") for stage in places])
    reach = max(NARROWEST, float((table[["low", "high"]] - equal).abs().to_numpy().max()) * 1.05)
    ax.set(xlabel="stage, finest is 0; its blocks side by side", ylabel="weight of the branch")
    ax.set_ylim(max(0.0, equal - reach), equal + reach)
    ax.grid(axis="y", alpha=0.25)
    figure.legend(title="filter", loc="outside right upper", fontsize=8)
    return figure


def _place(stage: str) -> tuple[bool, int]:
    """Sorts encoder.0 .. encoder.4, decoder.3 .. decoder.0: the order of the forward pass."""
    part, _, level = stage.partition(".")
    return part == "decoder", -int(level) if part == "decoder" else int(level)
