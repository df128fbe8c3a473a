"""Sagittal slices of volumes with the outlines of their structures.

The reference is a line, the prediction a tint of the same colour: where tint and line part, the prediction is wrong.
Panels keep the proportions of the body. A structure that is not labelled in a volume has no line there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spinelib.core.shown import short
from spinelib.core.structures import STRUCTURES
from spinelib.plots.names import panel_title, readable
from spinelib.plots.style import structure_colour

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 6.4  # inches
TALL = 3.1  # the most that one row of slices takes, inches
WINDOW = (1.0, 99.5)  # percentiles of the volume shown as black and white
TINT = 0.45  # opacity of a prediction
NAMES = 7  # structures in a row of the legend


def slices(
    images: ArrayLike,
    references: ArrayLike | None = None,
    predictions: ArrayLike | None = None,
    titles: Sequence[str] = (),
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    classes: Sequence[str] = STRUCTURES,
    each: int = 4,
    numbers: Sequence[int] = (),
    legend: bool = True,
) -> Figure:
    """A row for every volume: `each` sagittal slices, evenly spread over those that hold labels, or those of `numbers`.

    images [n,D,H,W], [n,1,D,H,W] or [D,H,W]; references, predictions: class maps of the same volumes, 0 background,
    k is classes[k - 1]; titles: n texts; spacing: mm along (D, H, W), [3] or [n,3] (NaN: square pixels); numbers: the
    same slices (from 0) for every volume. Raises ValueError for other shapes and slices that there are not.
    """
    import matplotlib.pyplot as plt
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    shown = stack(images)
    maps = [None if m is None else class_maps(m, shown.shape) for m in (references, predictions)]
    chosen = _chosen(shown, maps, each, numbers)
    ratios = pixel_ratios(spacing, len(shown))
    columns = max(map(len, chosen))
    # Height over width of the widest panel decides how large all of them are.
    shape = float(ratios.max()) * shown.shape[2] / shown.shape[3]
    width = min(WIDE / columns, TALL / shape)
    handles = _handles(maps, chosen, classes) if legend else []
    size = (max(width * columns, 3.0), len(shown) * (width * shape + 0.4) + _legend_height(handles))
    tight: Any = ConstrainedLayoutEngine(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    figure, axes = plt.subplots(len(shown), columns, figsize=size, squeeze=False, layout=tight)
    for i, (row, wanted) in enumerate(zip(axes, chosen, strict=True)):
        window = grey_window(shown[i])
        for k, ax in enumerate(row):
            ax.set_axis_off()
            if k < len(wanted):
                d = wanted[k]
                parts = [None if m is None else m[i, d] for m in maps]
                draw_slice(ax, shown[i, d], parts[0], parts[1], classes, window, float(ratios[i]))
                ax.set_title(f"slice {d + 1}", fontsize=7.5)
        if i < len(titles):
            row[0].set_title("")
            panel_title(row[0], f"{titles[i]}\nslice {wanted[0] + 1}", "volume", fontsize=7.5, loc="left")
    _legend(figure, handles)
    return figure


def volume_cases(
    images: ArrayLike,
    references: ArrayLike,
    predictions: ArrayLike,
    scores: ArrayLike,
    names: Sequence[str],
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    classes: Sequence[str] = STRUCTURES,
    each: int = 4,
) -> Figure:
    """The best, the median and the worst volume by `scores` [n] (higher is better, NaN is worst), a row each.

    images [n,D,H,W] or [n,1,D,H,W]; references, predictions [n,D,H,W]; names: n case ids; spacing, classes and `each`
    as for `slices`. With fewer than three volumes every one has one row.
    """
    values = np.nan_to_num(np.asarray(scores, float), nan=-1.0)
    order = np.argsort(-values, kind="stable")
    kinds = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    picks = dict(zip(kinds.values(), kinds, strict=True)) if len(order) < 3 else {i: k for k, i in kinds.items()}
    index = sorted(picks, key=lambda i: float(-values[i]))
    spread = np.asarray(spacing, float)
    return slices(
        np.asarray(images)[index],
        np.asarray(references)[index],
        np.asarray(predictions)[index],
        [f"{picks[i]}: {np.asarray(scores, float)[i]:.3f}  {short(names[i], 28)}" for i in index],
        spacing=spread[index] if spread.ndim == 2 else spread,
        classes=classes,
        each=each,
    )


def slice_figure(
    image: ArrayLike,
    number: int,
    reference: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    classes: Sequence[str] = STRUCTURES,
) -> Figure:
    """Slice `number` (from 0) of one volume [D,H,W], as large as a phone shows it; the maps as for `slices`."""
    import matplotlib.pyplot as plt

    volume = stack(image)
    maps = [None if m is None else class_maps(m, volume.shape) for m in (reference, prediction)]
    ratio = float(pixel_ratios(spacing, 1)[0])
    shape = ratio * volume.shape[2] / volume.shape[3]
    width = min(WIDE, 5.0 / shape)
    handles = _handles(maps, [[number]], classes)
    figure, ax = plt.subplots(figsize=(max(width, 3.0), width * shape + 0.3 + _legend_height(handles)))
    parts = [None if m is None else m[0, number] for m in maps]
    draw_slice(ax, volume[0, number], parts[0], parts[1], classes, grey_window(volume[0]), ratio)
    ax.set_axis_off()
    ax.set_title(f"slice {number + 1} of {volume.shape[1]}, right to left", fontsize=8.5)
    _legend(figure, handles)
    return figure


def pick_slices(depth: int, maps: Sequence[np.ndarray], each: int) -> list[int]:
    """At most `each` slice numbers, evenly over those of `depth` where a map [D,H,W] has a label (all, without one)."""
    held = np.zeros(depth, bool)
    for m in maps:
        held |= m.any(axis=(1, 2))
    where = np.flatnonzero(held) if held.any() else np.arange(depth)
    # The middles of equal parts: the outermost slices show the least.
    at = (np.arange(each) + 0.5) * len(where) / each - 0.5
    return sorted({int(where[round(k)]) for k in at.tolist()})


def _chosen(shown: np.ndarray, maps: Sequence[np.ndarray | None], each: int, numbers: Sequence[int]) -> list[list[int]]:
    """The slices of each volume of [n,D,H,W]."""
    depth = shown.shape[1]
    if any(not 0 <= k < depth for k in numbers):
        raise ValueError(f"slices {list(numbers)} are not all among the {depth} that there are")
    picked = ([m[i] for m in maps if m is not None] for i in range(len(shown)))
    return [list(numbers) or pick_slices(depth, held, each) for held in picked]


def stack(images: ArrayLike) -> np.ndarray:
    """Images as [n,D,H,W], of [n,D,H,W], [n,1,D,H,W] or [D,H,W]; raises ValueError for other shapes."""
    values = np.asarray(images)
    if values.ndim == 5 and values.shape[1] == 1:
        values = values[:, 0]
    values = values[None] if values.ndim == 3 else values
    if values.ndim != 4 or 0 in values.shape:
        raise ValueError(f"images must be [n,D,H,W], [n,1,D,H,W] or [D,H,W], not {list(np.shape(images))}")
    return values


def class_maps(maps: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Class maps as [n,D,H,W]; raises ValueError where they do not have the `shape` of the images."""
    values = np.asarray(maps)
    values = values[None] if values.ndim == 3 else values
    if values.shape != shape:
        raise ValueError(f"class maps {list(values.shape)} do not fit images {list(shape)}")
    return values


def pixel_ratios(spacing: ArrayLike, count: int) -> np.ndarray:
    """Height over width of a pixel of each volume, [n]; 1 where the spacing is unknown."""
    mm = np.broadcast_to(np.asarray(spacing, float), (count, 3))
    ratio = mm[:, 1] / mm[:, 2]
    return np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)


def grey_window(volume: np.ndarray) -> tuple[float, float]:
    """The greys of a volume [D,H,W] that are shown as black and white."""
    held = volume[volume > 0] if (volume > 0).any() else volume
    low, high = np.percentile(held, WINDOW)
    return float(low), float(max(high, low + 1e-6))


def draw_slice(
    ax: Axes,
    image: np.ndarray,
    reference: np.ndarray | None,
    prediction: np.ndarray | None,
    classes: Sequence[str],
    window: tuple[float, float],
    ratio: float,
) -> None:
    """One slice [H,W] with the outlines of `reference` and the tint of `prediction`."""
    from matplotlib.colors import to_rgb

    ax.imshow(image, cmap="gray", vmin=window[0], vmax=window[1], aspect=ratio)
    if prediction is not None and prediction.any():
        table = np.array([(0, 0, 0, 0), *((*to_rgb(structure_colour(name)), TINT) for name in classes)])
        ax.imshow(table[prediction.astype(int)], aspect=ratio, interpolation="nearest")
    if reference is not None:
        for k in np.unique(reference[reference > 0]):
            colour = structure_colour(classes[int(k) - 1])
            ax.contour(reference == k, levels=[0.5], colors=[colour], linewidths=0.9)


def _handles(
    maps: Sequence[np.ndarray | None], chosen: Sequence[Sequence[int]], classes: Sequence[str]
) -> list[Artist]:
    """What the legend names: the structures in the chosen slices, and what lines and tints are, where both are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    drawn = [m[i, k] for m in maps if m is not None for i, numbers in enumerate(chosen) for k in numbers]
    found = sorted({int(k) for m in drawn for k in np.unique(m) if k})
    handles: list[Artist] = [Patch(color=structure_colour(classes[k - 1]), label=classes[k - 1]) for k in found]
    if found and all(m is not None for m in maps):
        handles.append(Line2D([], [], color="#666666", label="line: reference"))
        handles.append(Patch(color="#BBBBBB", label="tint: prediction"))
    return handles


def _legend_height(handles: Sequence[Artist]) -> float:
    return 0.16 * -(-len(handles) // NAMES) + 0.1 * bool(handles)


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """The names of the structures that are drawn, once, under the figure."""
    if handles:
        options = {"handlelength": 1.0, "columnspacing": 0.9, "labelspacing": 0.25}
        words = readable(figure, [str(handle.get_label()) for handle in handles], "structure")
        figure.legend(handles, words, loc="outside lower center", ncols=NAMES, fontsize=6.5, **options)
