"""Agreement of predicted with reference angles: Bland-Altman, scatter, severity classes, errors per method.

The figures are narrow, so that their text stays legible on a phone. A dot is a patient, with all of its films averaged.
(A, stated in the paper) Two surgeons who each choose the end vertebrae differ by less than 7.2 degrees on 95 % of films
(Morrissy et al., J Bone Joint Surg Am 72:320-327, 1990): the mark that `angle_errors` draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.measures.cobb.clinical import SEVERITIES
from spinelib.plots.style import label, method_colour, narrow_label
from spinelib.statistics import raters
from spinelib.statistics.raters import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OBSERVERS = 7.2
GREY = "#4D4D4D"
# Height of the axes that a label of three lines takes.
GAP = 0.17


def bland_altman_plot(
    reference: ArrayLike,
    prediction: ArrayLike,
    name: str,
    patients: ArrayLike | None = None,
    *,
    reach: float | None = None,
    **options: Any,
) -> Figure:
    """Difference (prediction - reference) against mean of both angles, degrees: bias and limits, each in its interval.

    One angle per film; name: `method` or `method/variant`. The dotted line is the differences' slope. `reach` fixes
    the y axis to -reach..reach, so that methods can be compared; `options` go to `agreement.bland_altman`. Raises
    ValueError as that does.
    """
    import matplotlib.pyplot as plt

    found = raters.bland_altman(reference, prediction, patients, **options)
    first, second = _columns(reference, prediction, patients)
    mean, colour = (first + second) / 2, method_colour(name)
    figure, ax = plt.subplots(figsize=(4.8, 3.8))
    ax.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
    ax.scatter(mean, second - first, s=17, color=colour, alpha=0.65, linewidths=0, zorder=3)
    for line, hue, style in ((found.upper, GREY, "--"), (found.bias, colour, "-"), (found.lower, GREY, "--")):
        _level(ax, line, hue, style)
    if np.isfinite(found.slope.value):
        ends = np.array([mean.min(), mean.max()])
        ax.plot(ends, found.bias.value + found.slope.value * (ends - mean.mean()), ":", color=colour, linewidth=1.6)
    if reach is not None:
        ax.set_ylim(-reach, reach)
    elif not found.sd > 1e-6:
        ax.set_ylim(found.bias.value - 1, found.bias.value + 1)
    _name_levels(ax, {"lower limit": found.lower, "bias": found.bias, "upper limit": found.upper})
    ax.set_xlabel("mean of prediction and reference (degrees)")
    ax.set_ylabel("prediction \N{MINUS SIGN} reference (degrees)")
    ax.set_title(f"{label(name)}, n = {found.n} patients\n{_slope_words(found)}", loc="left")
    return figure


def predicted_reference(
    reference: ArrayLike, prediction: ArrayLike, name: str, patients: ArrayLike | None = None
) -> Figure:
    """Predicted against reference angle, degrees, with the line of identity and the ICC(2,1) in the title.

    One angle per film. Raises ValueError as `agreement.icc` does and for unequal lengths.
    """
    import matplotlib.pyplot as plt

    first, second = _columns(reference, prediction, patients)
    found = raters.icc(np.stack([first, second], 1))
    figure, ax = plt.subplots(figsize=(4.4, 4.4))
    low, high = min(0.0, first.min(), second.min()), max(first.max(), second.max())
    ends = low - 0.04 * (high - low), high + 0.04 * (high - low)
    ax.plot(ends, ends, "--", color=GREY, linewidth=1, label="identity")
    ax.scatter(first, second, s=17, color=method_colour(name), alpha=0.65, linewidths=0, zorder=3)
    ax.set(xlim=ends, ylim=ends, aspect="equal")
    ax.set_xlabel("reference angle (degrees)")
    ax.set_ylabel("predicted angle (degrees)")
    ax.legend(loc="lower right")
    ax.set_title(f"{label(name)}, n = {len(first)} patients\nICC(2,1) {_words(found, 2)}", loc="left")
    return figure


def severity_matrix(table: ArrayLike, name: str, classes: tuple[str, ...] = SEVERITIES) -> Figure:
    """Severity classes of reference (rows) and prediction (columns): counts, and shares of each row as colour.

    table: counts [classes, classes], as of `agreement.severity_confusion`; the title has the kappa with quadratic
    weights. Raises ValueError as `agreement.weighted_kappa` does and for another number of classes.
    """
    import matplotlib.pyplot as plt

    counts = np.asarray(table)
    found = raters.weighted_kappa(counts)
    if len(counts) != len(classes):
        raise ValueError(f"{len(counts)} rows for {len(classes)} classes")
    rows = counts.sum(1)
    shares = counts / np.maximum(rows, 1)[:, None]
    figure, ax = plt.subplots(figsize=(4.6, 4.2))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    for i, j in np.ndindex(*counts.shape):
        share = f"{100 * shares[i, j]:.0f} %" if rows[i] else "\N{EN DASH}"
        ink = "white" if shares[i, j] > 0.55 else "black"
        ax.text(j, i, f"{counts[i, j]:.0f}\n{share}", ha="center", va="center", color=ink, fontsize=10)
    places = range(len(classes))
    ax.set_xticks(places, list(classes))
    ax.set_yticks(places, [f"{c}\n(n = {n:.0f})" for c, n in zip(classes, rows, strict=True)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("class of the predicted angle")
    ax.set_ylabel("class of the reference angle")
    title = f"{label(name)}, n = {counts.sum():.0f} patients\nweighted kappa {_words(found, 2)}"
    ax.set_title(title, loc="left")
    return figure


def angle_errors(table: pd.DataFrame, observers: float | None = OBSERVERS) -> Figure:
    """Absolute error of the major curve, degrees, per method: a strip of patients over a box, with the median.

    table: columns name (`method/variant`), patient, value (one error per film); a patient's films are averaged. The
    dashed line is how far two surgeons differ, None leaves it out. Raises ValueError for a table without a row or
    with values that are not finite or negative.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    values = table["value"].to_numpy(float)
    if not len(values) or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("errors must be finite, none negative, and one at least")
    rows = table.groupby(["name", "patient"], sort=False)["value"].mean().reset_index()
    names = list(dict.fromkeys(table["name"]))
    figure, ax = plt.subplots(figsize=(4.8, 1.1 + 0.55 * len(names)))
    if observers is not None:
        ax.axvline(observers, color=GREY, linestyle="--", linewidth=1, zorder=0)
        words = f"two surgeons, 95 %: {observers:g}\N{DEGREE SIGN}"
        ax.annotate(words, (observers, 1), (2, 3), ("data", "axes fraction"), "offset points", fontsize=8, color=GREY)
    sns.boxplot(rows, x="value", y="name", order=names, ax=ax, color="white", fliersize=0, linewidth=0.9, width=0.6)
    rng = np.random.default_rng(0)
    for y, name in enumerate(names):
        x = rows.loc[rows["name"] == name, "value"].to_numpy(float)
        y_dots = y + rng.uniform(-0.15, 0.15, len(x))
        ax.scatter(x, y_dots, s=13, color=method_colour(name), alpha=0.6, linewidths=0, zorder=3, clip_on=False)
    middle = rows.groupby("name")["value"].agg(["median", "size"]).loc[names]
    ticks = [f"{narrow_label(n)}\n{m:.1f}\N{DEGREE SIGN}, n = {k}" for n, m, k in middle.itertuples()]
    ax.set_yticks(range(len(names)), ticks)
    ax.set(xlim=(0, None), ylim=(len(names) - 0.4, -0.6), ylabel="")
    ax.set_xlabel("error of the major curve (degrees)\none dot per patient; beside names: median")
    return figure


def _columns(reference: ArrayLike, prediction: ArrayLike, patients: ArrayLike | None) -> raters.Array:
    """Both readings of each patient, [2, patients]."""
    first, second = np.asarray(reference, float), np.asarray(prediction, float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"angles must both be [films], not {list(first.shape)} and {list(second.shape)}")
    return raters.by_patient(np.stack([first, second], 1), patients).T


def _level(ax: Axes, line: Estimate, colour: str, style: str) -> None:
    """A horizontal line and its interval as a band."""
    if not np.isfinite(line.value):
        return
    ax.axhline(line.value, color=colour, linestyle=style, linewidth=1.4, zorder=2)
    if np.isfinite([line.low, line.high]).all():
        ax.axhspan(line.low, line.high, color=colour, alpha=0.13, linewidth=0, zorder=1)


def _name_levels(ax: Axes, lines: dict[str, Estimate]) -> None:
    """Names and values of the lines, lowest first, right of the axes; kept apart where the lines are close."""
    low, high = ax.get_ylim()
    known = {words: line for words, line in lines.items() if np.isfinite(line.value)}
    places = np.array([(line.value - low) / (high - low) for line in known.values()])
    middle = len(places) // 2
    gaps = GAP * (np.arange(len(places)) - middle)
    below = np.arange(len(places)) < middle
    edge = 0.06 + GAP * middle
    centre = np.clip(places[middle], edge, 1 - edge)
    places = np.where(below, np.minimum(places, centre + gaps), np.maximum(places, centre + gaps))
    for (words, line), place in zip(known.items(), np.clip(places, 0.04, 0.96), strict=True):
        text = f"{words}\n{_words(line, 1, break_line=True)}"
        ax.annotate(text, (1, place), (4, 0), "axes fraction", "offset points", va="center", fontsize=8.5)


def _slope_words(found: raters.Limits) -> str:
    if not np.isfinite(found.slope.value):
        return "slope unknown"
    p = "p < 0.001" if found.p_slope < 0.001 else f"p = {found.p_slope:.2g}"
    return f"slope {_words(found.slope, 2)}, {p}"


def _words(line: Estimate, digits: int, *, break_line: bool = False) -> str:
    """The value with its interval, if it has one, with proper minus signs."""
    if not np.isfinite(line.value):
        return "unknown"
    value, low, high = (f"{x:.{digits}f}".replace("-", "\N{MINUS SIGN}") for x in line)
    if not np.isfinite([line.low, line.high]).all():
        return value
    return f"{value}{chr(10) if break_line else ' '}[{low}, {high}]"
