"""Cases as their data want them drawn: films as films, volumes as sagittal slices. Notebooks need not ask which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spinelib.core.shown import short
from spinelib.plots.films import best_median_worst, film_grid, side_by_side
from spinelib.plots.style import label
from spinelib.plots.volumes import pick_slices, slices, volume_cases

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from spinelib.cases import CaseArrays

ROWS = 3  # volumes in a figure of examples
ENTRIES = 8  # predictions of one volume in a figure
EACH = 5  # slices in each of their rows


def examples(cases: CaseArrays, index: ArrayLike) -> Figure:
    """The cases at `index` with their reference labels: films by view, of volumes the first ROWS as slices."""
    chosen = cases.subset(index)
    if not _volumes(chosen):
        return film_grid(list(chosen.images), chosen.table["view"].tolist(), references=list(chosen.labels))
    some = chosen.subset(np.arange(min(ROWS, len(chosen))))
    titles = [short(name, 28) for name in some.table["case"]]
    return slices(some.images, some.labels, titles=titles, spacing=some.spacing, classes=some.classes)


def extremes(cases: CaseArrays, predictions: np.ndarray, scores: ArrayLike, names: Sequence[str]) -> Figure:
    """Best, median and worst case by `scores` [n], higher is better, with reference and prediction.

    cases: any that contain those called `names` (n case ids); predictions: class maps [n,*S] on their grid. Raises
    KeyError for a name that is not there.
    """
    place = {case: i for i, case in enumerate(cases.table["case"])}
    chosen = cases.subset(np.array([place[name] for name in names], int))
    shown: tuple[Any, ...] = (chosen.images, chosen.labels, predictions, np.asarray(scores, float), names)
    if _volumes(chosen):
        return volume_cases(*shown, spacing=chosen.spacing, classes=chosen.classes)
    return best_median_worst(*shown)


def comparisons(
    cases: CaseArrays, predictions: Mapping[str, np.ndarray], scores: np.ndarray, metric: str
) -> dict[str, Figure]:
    """Best, median and worst case by `scores` [n] with the predictions of every entry, figures by name.

    predictions: class maps [n,*S] by method/variant. Films: one figure, its name is empty. Volumes: ``best``,
    ``median`` and ``worst``, with a row of slices for each of the first ENTRIES.
    """
    if not _volumes(cases):
        return {"": side_by_side(cases, predictions, scores, metric)}
    order = np.argsort(-np.nan_to_num(scores, nan=-1.0), kind="stable")
    picks = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    return {kind: _entries(cases, predictions, int(i), float(scores[i]), metric) for kind, i in picks.items()}


def _entries(cases: CaseArrays, predictions: Mapping[str, np.ndarray], i: int, score: float, metric: str) -> Figure:
    """Volume `i` once for every entry, its slices in a row."""
    names = list(predictions)[:ENTRIES]
    maps = np.stack([predictions[name][i] for name in names])
    again = cases.subset([i] * len(names))
    titles = [label(name) for name in names]
    titles[0] = f"{short(cases.table['case'][i], 28)}, mean {label(metric)} {score:.2f}\n{titles[0]}"
    # The same slices in every row, whatever an entry predicts where.
    numbers = pick_slices(cases.grid[0], [cases.labels[i]], EACH)
    facts: dict[str, Any] = {"spacing": again.spacing, "classes": again.classes, "numbers": numbers}
    return slices(again.images, again.labels, maps, titles, **facts)


def _volumes(cases: CaseArrays) -> bool:
    return len(cases.grid) == 3
