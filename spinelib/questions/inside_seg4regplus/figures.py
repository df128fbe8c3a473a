"""Figures of Seg4Reg+: activation maps over films, three answers against the truth, the gate, two ways to an angle.

Narrow enough for a phone. Under a map the film is grey and faint, so that brightness and hue are the map's alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from spinelib.plots.films import overlay
from spinelib.plots.style import PREDICTION, REFERENCE, method_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY: Final = "#4D4D4D"
# Where an answer comes from: its name, one of Okabe and Ito's colours, and marks that differ without colour.
ANSWERS: Final = {
    "image": ("R(x), the film", "#0072B2", "o"),
    "mask": ("R(m), the reference mask", "#009E73", "s"),
    "guess": ("R(s), the network's own mask", "#D55E00", "^"),
}
ROUTES: Final = {"mask": ("read from the mask", "#0072B2"), "network": ("answered", method_colour("seg4regplus"))}
COLOURS: Final = "inferno"
# How much of a map's colour covers the film.
COVER: Final = 0.55
ROW: Final = 6.2  # inches


def activation_maps(
    images: np.ndarray,
    maps: Mapping[str, np.ndarray],
    titles: Sequence[str],
    references: np.ndarray | None = None,
    multiple: int = 32,
) -> Figure:
    """A row per film: the film, then every map over it, all on one scale from 0 to 1.

    images [n,C,H,W]; maps: title of the column -> [n,h,w], which cover the film up to the next `multiple` px, as the
    network pads it, and are resized as its gate resizes them; titles: n names; references [n,H,W] {0,1}.
    """
    import matplotlib.pyplot as plt

    height, width = images.shape[-2:]
    across = len(maps) + 1
    wide = min(1.3, (ROW - 0.8) / across)
    size = (wide * across + 0.8, len(images) * (wide * height / width + 0.3))
    figure, axes = plt.subplots(len(images), across, figsize=size, squeeze=False)
    for i, (row, title) in enumerate(zip(axes, titles, strict=True)):
        mask = None if references is None else references[i]
        overlay(row[0], images[i], mask, title=title)
        for ax, (name, own) in zip(row[1:], maps.items(), strict=True):
            overlay(ax, images[i], mask, title=name)
            heat = enlarged(own[i], (height, width), multiple)
            ax.imshow(heat, cmap=COLOURS, vmin=0, vmax=1, alpha=COVER)
    scale = plt.cm.ScalarMappable(plt.Normalize(0, 1), COLOURS)
    figure.colorbar(scale, ax=axes[:, -1].tolist(), shrink=0.5, aspect=30, label="activation")
    return figure


def enlarged(heat: np.ndarray, size: tuple[int, int], multiple: int = 32) -> np.ndarray:
    """A map [h,w] on the film's grid `size` (bilinear, edges aligned), without what only pads it."""
    from scipy import ndimage

    padded = [-(-length // multiple) * multiple for length in size]
    factors = [long / short for long, short in zip(padded, heat.shape, strict=True)]
    large = ndimage.zoom(np.asarray(heat, float), factors, order=1, mode="nearest", grid_mode=True)
    return large[: size[0], : size[1]]


def triangle(answers: Mapping[str, Mapping[str, np.ndarray]], truth: np.ndarray) -> Figure:
    """Largest of the three angles of every film by each answer against the truth, degrees; a panel per moment.

    answers: "before training" and so on -> name of ANSWERS -> [n,3] degrees; truth [n,3], NaN where unknown. A line
    joins the answers for one film: the shorter, the more consistent. Raises ValueError when no film has a truth.
    """
    import matplotlib.pyplot as plt

    largest = np.asarray(truth, float).max(axis=1)
    known = np.isfinite(largest)
    if not known.any():
        raise ValueError("no film has known angles")
    figure, axes = plt.subplots(1, len(answers), figsize=(ROW, 3.7), sharex=True, sharey=True, squeeze=False)
    for ax, (moment, given) in zip(axes[0], answers.items(), strict=True):
        _identity(ax, largest[known])
        found = {key: np.asarray(values)[known].max(axis=1) for key, values in given.items()}
        ends = np.stack(list(found.values()))
        ax.vlines(largest[known], ends.min(axis=0), ends.max(axis=0), color="#BBBBBB", linewidth=1)
        for key, values in found.items():
            name, colour, mark = ANSWERS[key]
            ax.scatter(largest[known], values, s=20, color=colour, marker=mark, alpha=0.8, linewidths=0, label=name)
        ax.set_title(moment)
        ax.set_xlabel("true largest angle (degrees)")
    axes[0, 0].set_ylabel("answer (degrees)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, fontsize=8.5)
    return figure


def _identity(ax: Axes, values: np.ndarray) -> None:
    ends = [0.0, 1.05 * float(values.max())]
    ax.plot(ends, ends, "--", color=GREY, linewidth=1, label="as the truth")
    ax.grid(alpha=0.25)


def gate_features(
    image: np.ndarray, gate: np.ndarray, before: np.ndarray, behind: np.ndarray, count: int = 4
) -> Figure:
    """The `count` most varied channels of decoder features before (upper row) and behind the gate (lower row).

    image [C,H,W] and gate [h,w] in 0..1 stand on the left; before and behind [C',H',W'] share one scale of colour.
    """
    import matplotlib.pyplot as plt

    order = np.argsort(-before.reshape(len(before), -1).std(axis=1), kind="stable")[:count]
    limit = float(np.percentile(behind[order], 99.5)) or 1.0
    wide = (ROW - 1.2) / (len(order) + 1)
    tall = wide * before.shape[1] / before.shape[2] + 0.3
    figure, axes = plt.subplots(2, len(order) + 1, figsize=(ROW, 2 * tall), squeeze=False)
    overlay(axes[0, 0], image, title="film")
    axes[1, 0].imshow(gate, cmap=COLOURS, vmin=0, vmax=1, interpolation="bilinear")
    axes[1, 0].set_title("gate, 0 to 1", fontsize=8.5)
    axes[1, 0].set_axis_off()
    for row, features, where in zip(axes, (before, behind), ("before", "behind"), strict=True):
        for ax, k in zip(row[1:], order, strict=True):
            shown = ax.imshow(features[k], cmap="viridis", vmin=0, vmax=limit)
            ax.set_title(f"{where}, {k}", fontsize=8.5)
            ax.set_axis_off()
    figure.colorbar(shown, ax=axes[:, -1].tolist(), shrink=0.6, aspect=30, label="feature")
    return figure


def gate_probabilities(images: np.ndarray, probabilities: Mapping[str, np.ndarray], titles: Sequence[str]) -> Figure:
    """Outline of the spine per film by the same weights with the gate (orange) and without it (blue, dashed).

    images [n,C,H,W]; probabilities: "with" and "without" -> probability [n,H,W]; titles: n names.
    """
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    count, (height, width) = len(images), images.shape[-2:]
    wide = min(1.9, ROW / count)
    figure, axes = plt.subplots(1, count, figsize=(max(wide * count, 3.0), wide * height / width + 0.5), squeeze=False)
    styles: dict[str, tuple[str, Any]] = {"with": (PREDICTION, "-"), "without": (REFERENCE, "--")}
    for i, (ax, title) in enumerate(zip(axes[0], titles, strict=True)):
        overlay(ax, images[i], title=title)
        for key, (colour, line) in styles.items():
            if (probabilities[key][i] >= 0.5).any():
                ax.contour(probabilities[key][i], levels=[0.5], colors=[colour], linestyles=[line], linewidths=1.1)
    handles = [Line2D([], [], color=c, linestyle=line, label=f"{key} the gate") for key, (c, line) in styles.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def angle_routes(table: pd.DataFrame) -> Figure:
    """Largest predicted against largest true angle of every film, degrees, a panel per route.

    table: columns route ("mask" or "network"), an1..an3 and true_an1..true_an3. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no film has angles to draw")
    names = [f"an{k}" for k in (1, 2, 3)]
    routes = list(dict.fromkeys(table["route"]))
    figure, axes = plt.subplots(
        1, len(routes), figsize=(ROW / 2 * len(routes), 3.4), sharex=True, sharey=True, squeeze=False
    )
    for ax, route in zip(axes[0], routes, strict=True):
        own = table[table["route"] == route]
        truth = own[[f"true_{name}" for name in names]].to_numpy(float).max(axis=1)
        found = own[names].to_numpy(float).max(axis=1)
        _identity(ax, np.concatenate([truth, found]))
        words, colour = ROUTES[route]
        ax.scatter(truth, found, s=17, color=colour, alpha=0.65, linewidths=0)
        ax.set_title(f"{words}\nmean error {np.abs(found - truth).mean():.1f}\N{DEGREE SIGN}, n = {len(own)}")
        ax.set_xlabel("true largest angle (degrees)")
    axes[0, 0].set_ylabel("predicted (degrees)")
    return figure
