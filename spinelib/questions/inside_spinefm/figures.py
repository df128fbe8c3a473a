"""The walk of SpineFM along a film, the training of its stages, and its scores by level.

Figures are at most 6.4 inches wide. A colour means the same in all of them: what the detector found, what was accepted,
where a walk stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.core.shown import short
from spinelib.plots.films import WINDOW
from spinelib.plots.names import panel_title, readable
from spinelib.plots.style import PREDICTION, REFERENCE
from spinelib.questions.inside_spinefm.look import weakest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinelib.spinefm.evaluate import VertebraScores
    from spinelib.spinefm.read import FilmReading
    from spinelib.spinefm.walk import Step

WIDE, ACROSS = 6.4, 6
PROMPT, NEXT, REFUSED = "#F0E442", "#009E73", "#D55E00"
MEASURES = {
    "detector": ("validation_score", "F1 of detections"),
    "segmenter": ("validation_dice", "Dice in the patch"),
    "predictor": ("validation_miss", "miss (vertebra sides)"),
    "ends": ("validation_score", "mean accuracy"),
}


def walk_steps(image: np.ndarray, film: FilmReading, patch: int, words: Sequence[str]) -> Figure:
    """A panel per decision of the walk on a film [C,H,W]: where the segmenter looked, its answer, the next point.

    patch: side of the segmenter's patch, px, drawn dotted; words: the result of each step. Yellow cross: prompt;
    outline: mask, orange when accepted, red otherwise; green arrow: from the mask's centre to the next prompt.
    """
    import matplotlib.pyplot as plt

    steps = film.reading.walk.steps
    rows = max(1, -(-len(steps) // ACROSS))
    figure, axes = plt.subplots(rows, ACROSS, figsize=(WIDE, 1.32 * rows + 0.1), squeeze=False, layout="constrained")
    grey = np.asarray(image, float).mean(0)
    for ax in axes.ravel():
        ax.set_axis_off()
    for ax, step, text in zip(axes.ravel(), steps, words, strict=False):
        _panel(ax, grey, step, patch)
        following = _following(step, steps)
        if following is not None and np.isfinite([step.centre, following.prompt]).all():
            style = {"arrowstyle": "->", "color": NEXT, "linewidth": 1.3}
            arrow = ax.annotate("", following.prompt, step.centre, arrowprops=style)
            # Next points far away must not make their panel smaller.
            arrow.set_in_layout(False)
        ax.set_title(f"{step.direction} {step.number}\n{text}", fontsize=6.2, pad=2)
    return figure


def _following(step: Step, steps: Sequence[Step]) -> Step | None:
    """The step that was asked from where `step` ended; none behind the middle start point or the last step."""
    outer = {1: ("up", 1), 3: ("down", 1)}
    wanted = outer.get(step.number) if step.direction == "start" else (step.direction, step.number + 1)
    return next((one for one in steps if (one.direction, one.number) == wanted), None)


def _panel(ax: Axes, grey: np.ndarray, step: Step, patch: int) -> None:
    from matplotlib.patches import Rectangle

    low, high = _window(grey)
    ax.imshow(grey, vmin=low, vmax=high)
    if step.mask is not None and step.mask.any():
        colour, style = (PREDICTION, "-") if step.accepted else (REFUSED, "--")
        ax.contour(step.mask, levels=[0.5], colors=[colour], linewidths=1.2, linestyles=style)
    (x, y), half = step.prompt, 0.65 * patch
    corner = (x - patch / 2, y - patch / 2)
    ax.add_patch(Rectangle(corner, patch, patch, fill=False, edgecolor="white", linestyle=":", linewidth=0.8))
    ax.plot([x], [y], "x", color=PROMPT, markersize=5, markeredgewidth=1.3)
    ax.set(xlim=(x - half, x + half), ylim=(y + half, y - half))


def _window(grey: np.ndarray) -> tuple[float, float]:
    """Greys shown as black and white; percentiles of the film itself."""
    low, high = np.percentile(grey[grey > 0] if (grey > 0).any() else grey, WINDOW)
    return float(low), float(max(high, low + 1))


def walk_films(
    images: np.ndarray,
    films: Sequence[FilmReading],
    references: np.ndarray,
    titles: Sequence[str],
    columns: int = 3,
) -> Figure:
    """Films [n,C,H,W] with every vertebra that was found, where their walks began and where and why they ended.

    references: label maps [n,H,W], outlined blue. Dots: detections, filled the three that the walk began with; a cross
    marks a place where the walk stopped without accepting.
    """
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    columns = min(columns, len(images))
    rows, (height, width) = -(-len(images) // columns), images.shape[-2:]
    wide = min(WIDE / columns, 2.6)
    size = (wide * columns, rows * (wide * height / width + 0.42) + 0.4)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.ravel():
        ax.set_axis_off()
    for ax, image, film, labels, title in zip(axes.ravel(), images, films, references, titles, strict=False):
        _film(ax, np.asarray(image, float).mean(0), film, labels)
        panel_title(ax, title, fontsize=7)
    handles = [
        Line2D([], [], color=REFERENCE, label="reference"),
        Line2D([], [], color=PREDICTION, label="vertebra found"),
        Line2D([], [], color=PROMPT, marker="o", linestyle="", markersize=4, label="start point"),
        Line2D([], [], color=REFUSED, marker="x", linestyle="", markersize=5, label="stop"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=7.5, columnspacing=1.0)
    return figure


def worst_films(scores: VertebraScores) -> Figure:
    """The test films of lowest Dice, the worst first, as `walk_films` draws them."""
    index = weakest(scores)
    titles = [f"{short(scores.films.table['case'][i], 20)}\nDice {scores.dice[i]:.2f}" for i in index]
    return walk_films(scores.films.images[index], [scores.read[i] for i in index], scores.references[index], titles)


def _film(ax: Axes, grey: np.ndarray, film: FilmReading, labels: np.ndarray) -> None:
    low, high = _window(grey)
    ax.imshow(grey, vmin=low, vmax=high)
    for value in np.unique(labels[labels > 0]):
        ax.contour(labels == value, levels=[0.5], colors=[REFERENCE], linewidths=0.8)
    for one in film.vertebrae:
        if one.mask.any():
            ax.contour(one.mask, levels=[0.5], colors=[PREDICTION], linewidths=1.0)
    reading = film.reading
    for k, found in enumerate(reading.detections):
        chosen = reading.start is not None and k in reading.start
        if chosen or found.score > 0.6:
            ax.plot(*found.centre, "o", color=PROMPT, markersize=3, fillstyle="full" if chosen else "none")
    for step in reading.walk.steps:
        if step.stop and not step.accepted and np.isfinite(step.prompt).all():
            ax.plot(*step.prompt, "x", color=REFUSED, markersize=5, clip_on=True)
    ax.set(xlim=(-0.5, grey.shape[1] - 0.5), ylim=(grey.shape[0] - 0.5, -0.5))


def stage_curves(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """A row per stage: its loss in training and on validation, and what it is validated by, by epoch.

    histories: by name of the stage, columns epoch, train_loss, validation_loss and those of MEASURES. The dot marks the
    weights that were kept. Raises ValueError without a stage.
    """
    import matplotlib.pyplot as plt

    if not histories:
        raise ValueError("no stage was trained")
    size = (WIDE, 1.75 * len(histories) + 0.3)
    figure, axes = plt.subplots(len(histories), 2, figsize=size, squeeze=False, layout="constrained")
    for (left, right), (name, table) in zip(axes, histories.items(), strict=True):
        losses = {"training": ("train_loss", REFERENCE), "validation": ("validation_loss", PREDICTION)}
        if name == "detector":
            # Its losses need targets; it is validated by what it finds alone.
            del losses["validation"]
        for words, (column, colour) in losses.items():
            left.plot(table["epoch"], table[column], ".-", color=colour, label=words)
        shown = table[[column for column, _ in losses.values()]].to_numpy(float)
        far = shown.min() > 0 and shown.max() > 10 * shown.min()
        left.set(ylabel="loss", yscale="log" if far else "linear")
        left.set_ylim(bottom=None if far else 0)
        column, words = MEASURES[name]
        best = int(table["validation_score"].to_numpy().argmax())
        right.plot(table["epoch"], table[column], ".-", color=PREDICTION)
        right.plot(table["epoch"].iloc[best], table[column].iloc[best], "o", color=PREDICTION)
        right.set(ylabel=words)
        right.set_ylim(bottom=0, top=None if name == "predictor" else 1.02)
        left.set_title(name, loc="left", fontsize=9)
        for ax in (left, right):
            ax.grid(alpha=0.25)
    axes[-1, 0].legend(fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    return figure


def level_scores(table: pd.DataFrame) -> Figure:
    """Share of vertebrae found and mean Dice (misses as zero) with 95 % intervals, level by level from above.

    table: of `vertebrae.level_board`. Raises ValueError without a level.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no level was scored")
    figure, ax = plt.subplots(figsize=(4.6, 0.24 * len(table) + 1.2), layout="constrained")
    looks = {"identified": (NEXT, "s", "identified"), "dice": (PREDICTION, "o", "Dice, misses as zero")}
    for shift, (metric, (colour, mark, words)) in zip((-0.14, 0.14), looks.items(), strict=True):
        mean, low, high = (table[side, metric].to_numpy(float) for side in ("mean", "low", "high"))
        low, high = np.where(np.isfinite(low), low, mean), np.where(np.isfinite(high), high, mean)
        place = np.arange(len(table)) + shift
        away = np.clip([mean - low, high - mean], 0, None)
        ax.errorbar(mean, place, xerr=away, fmt=mark, color=colour, markersize=4, label=words)
    ax.set_yticks(np.arange(len(table)), readable(figure, [str(level) for level in table.index], "level"))
    ax.set(xlim=(0, 1.03), ylim=(len(table) - 0.5, -0.5), xlabel="share identified; Dice")
    ax.grid(alpha=0.25)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    return figure
