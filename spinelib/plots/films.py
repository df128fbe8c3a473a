"""Films with contours, corners and feature maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from spinelib.core.shown import short
from spinelib.plots.names import panel_title, plain_text, readable
from spinelib.plots.style import CORNER, PREDICTION, REFERENCE, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinelib.cases import CaseArrays

DASHED = (0, (4, 1.2))  # references, where a prediction lies on them
WINDOW = (1.0, 99.0)  # percentiles of the film shown as black and white


def _grey(image: np.ndarray) -> np.ndarray:
    """[C,H,W] or [H,W] to a [H,W] or [H,W,3] array ready for imshow."""
    image = np.asarray(image)
    if image.ndim == 3:
        image = image[0] if image.shape[0] == 1 else np.moveaxis(image[:3], 0, -1)
    return image


def overlay(
    ax: Axes,
    image: np.ndarray,
    reference: np.ndarray | None = None,
    prediction: np.ndarray | None = None,
    corners: np.ndarray | None = None,
    title: str = "",
) -> None:
    """Draw a film with the outlines of reference and prediction.

    image [H,W] or [C,H,W]; reference, prediction [H,W] {0,1}; corners [V,4,2] (x, y) in pixels, TL TR BL BR.
    """
    grey = _grey(image)
    film = grey[grey > 0] if (grey > 0).any() else grey
    low, high = np.percentile(film, WINDOW)
    ax.imshow(grey, vmin=low, vmax=max(high, low + 1))
    for mask, colour, line in ((reference, REFERENCE, DASHED), (prediction, PREDICTION, "-")):
        if mask is not None and np.any(mask):
            ax.contour(np.asarray(mask) > 0, levels=[0.5], colors=[colour], linewidths=1.1, linestyles=[line])
    if corners is not None and len(corners):
        outline = np.asarray(corners)[:, [0, 1, 3, 2, 0]]
        for quad in outline[np.isfinite(outline).all(axis=(1, 2))]:
            ax.plot(quad[:, 0], quad[:, 1], color=CORNER, linewidth=0.8)
    panel_title(ax, title, fontsize=8.5)
    ax.set_axis_off()


def overlay_legend(figure: Figure) -> None:
    """Name the two outline colours once, under the figure."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=REFERENCE, linestyle=DASHED, label="reference"),
        Line2D([], [], color=PREDICTION, label="prediction"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)


def film_grid(
    images: Sequence[np.ndarray],
    titles: Sequence[str] = (),
    references: Sequence[np.ndarray] | None = None,
    predictions: Sequence[np.ndarray] | None = None,
    corners: Sequence[np.ndarray] | None = None,
    columns: int = 6,
    height: float = 3.3,
) -> Figure:
    """Films side by side, `columns` a row, each [H,W] or [C,H,W], with whatever outlines are given."""
    import matplotlib.pyplot as plt

    rows = -(-len(images) // columns)
    shape = _grey(images[0]).shape
    width = height * shape[1] / shape[0] * min(columns, len(images))
    figure, axes = plt.subplots(
        rows, min(columns, len(images)), figsize=(max(width, 3.0), rows * (height + 0.25)), squeeze=False
    )
    for k, ax in enumerate(axes.flat):
        if k >= len(images):
            ax.set_axis_off()
            continue
        overlay(
            ax,
            images[k],
            None if references is None else references[k],
            None if predictions is None else predictions[k],
            None if corners is None else corners[k],
            titles[k] if k < len(titles) else "",
        )
    if references is not None and predictions is not None:
        overlay_legend(figure)
    return figure


def best_median_worst(
    images: np.ndarray,
    references: np.ndarray,
    predictions: np.ndarray,
    scores: np.ndarray,
    names: Sequence[str],
    each: int = 2,
) -> Figure:
    """Best, median and worst cases by `scores` [N] (higher is better), `each` films of each kind.

    images [N,C,H,W], references and predictions [N,H,W], names: N case ids for the titles.
    """
    order = np.argsort(-np.nan_to_num(np.asarray(scores, float), nan=-1.0), kind="stable")
    each = max(1, min(each, len(order) // 3 or 1))
    middle = max(0, len(order) // 2 - each // 2)
    picks = {"best": order[:each], "median": order[middle : middle + each], "worst": order[-each:]}
    chosen = [(kind, i) for kind, index in picks.items() for i in index]
    index = [i for _, i in chosen]
    titles = [f"{kind}: {scores[i]:.3f}\n{short(names[i], 22)}" for kind, i in chosen]
    return film_grid(
        [images[i] for i in index],
        titles,
        [references[i] for i in index],
        [predictions[i] for i in index],
        columns=len(index),
        height=4.2,
    )


def feature_maps(maps: np.ndarray, title: str, count: int = 8, height: float = 2.6) -> Figure:
    """The `count` channels of [C,H,W] whose activation varies most, one panel each, common colour scale."""
    import matplotlib.pyplot as plt

    maps = np.asarray(maps, dtype=np.float32)
    order = np.argsort(-maps.reshape(len(maps), -1).std(axis=1))[:count]
    limit = float(np.percentile(np.abs(maps[order]), 99)) or 1.0
    aspect = maps.shape[2] / maps.shape[1]
    size = (max(height * aspect * len(order) + 0.8, 4.0), height + 0.6)
    figure, axes = plt.subplots(1, len(order), figsize=size, squeeze=False)
    for ax, k in zip(axes[0], order, strict=True):
        shown = ax.imshow(maps[k], cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set_title(f"channel {k}", fontsize=8)
        ax.set_axis_off()
    figure.colorbar(shown, ax=axes[0].tolist(), shrink=0.7, label="activation")
    figure.suptitle(plain_text(title), fontsize=10)
    return figure


def stages(images: np.ndarray, probabilities: Mapping[str, np.ndarray], titles: Sequence[str]) -> Figure:
    """Films in the first row, then one row per stage with its probability map.

    images [N,C,H,W]; probabilities: name of the stage -> [N,H,W] in 0..1; titles: N names.
    """
    import matplotlib.pyplot as plt

    rows, count = len(probabilities) + 1, len(images)
    width = 2.6 * images.shape[-1] / images.shape[-2] * count
    figure, axes = plt.subplots(rows, count, figsize=(max(width + 1.2, 3.5), 2.75 * rows), squeeze=False)
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        overlay(ax, image, title=title)
    for row, (name, maps) in zip(axes[1:], probabilities.items(), strict=True):
        for ax, probability in zip(row, maps, strict=True):
            shown = ax.imshow(probability, cmap="magma", vmin=0, vmax=1)
            ax.set_axis_off()
        row[0].set_title(plain_text(name), fontsize=8.5, loc="left")
    figure.colorbar(shown, ax=axes[1:].ravel().tolist(), shrink=0.6, label="probability")
    return figure


def side_by_side(
    films: CaseArrays, predictions: Mapping[str, np.ndarray], scores: np.ndarray, metric: str, wide: float = 10.5
) -> Figure:
    """Best, median and worst film by `scores` [n], every entry of `predictions` [n,H,W] beside the others.

    As many entries stand in a row as `wide` (inches) takes; the film's name and score stand left of its first row.
    """
    import matplotlib.pyplot as plt

    order = np.argsort(-np.nan_to_num(scores, nan=-1.0), kind="stable")
    chosen = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    aspect = films.labels.shape[2] / films.labels.shape[1]
    width = float(np.clip(2.7 * aspect, 1.45, 2.05))
    down = -(-len(predictions) // max(1, int(wide / width)))
    across = -(-len(predictions) // down)
    figure, axes = plt.subplots(
        3 * down, across, figsize=(width * across + 0.5, 3 * down * (width / aspect + 0.3)), squeeze=False
    )
    for ax in axes.ravel():
        ax.set_axis_off()
    for block, (kind, i) in zip(axes.reshape(3, down * across), chosen.items(), strict=True):
        for ax, (name, maps) in zip(block, predictions.items(), strict=False):
            overlay(ax, films.images[i], films.labels[i], maps[i], title=label(name).replace(", ", "\n"))
        # The film's name stands left of it: below, it would widen the first column.
        text = f"{kind}: {short(films.table['case'][i], 24)}\nmean {label(metric)} {scores[i]:.2f}"
        [text] = readable(figure, [text], f"{kind} film")
        block[0].text(-0.06, 0.5, text, transform=block[0].transAxes, fontsize=8, rotation=90, ha="right", va="center")
    overlay_legend(figure)
    return figure
