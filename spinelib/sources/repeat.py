"""How well two label sets of one exposure agree: the noise floor of every score on these labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.cases.audit import DuplicatePair
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.manifest import Case
from spinelib.cases.readers.film import read_film
from spinelib.cases.registration import Match, refine
from spinelib.cases.thumbnails import thumbnail
from spinelib.measures.pair import diagonal
from spinelib.measures.surface import boundary_distances

Points = NDArray[np.float64]

# Height of the films that are registered and of the masks that are compared, px.
HEIGHT = 512
COLUMNS = (
    *("a", "b", "across_split", "similarity", "dice", "level_shift", "boundary_median", "boundary_p95"),
    *("difference_an1", "difference_an2", "difference_an3", "difference_mean", "smape"),
)


def repeat_agreement(
    cases: Sequence[Case],
    folder: Path | str,
    corners: Mapping[str, Points],
    angles: Mapping[str, ArrayLike],
    pairs: Iterable[DuplicatePair],
) -> pd.DataFrame:
    """One row per pair of cases that show one exposure and were both labelled.

    `corners` [17, 4, 2] px of the file and three `angles` (degrees) by case id.
    `dice` compares the unions of the quadrilaterals after registration of the films, `boundary_*` are the median and
    the 95th percentile of the distances of both boundaries to the other, in % of the length of the first (the diagonal
    of its box), `level_shift` is by how many levels the names of overlapping vertebrae differ, `difference_*` are
    absolute (degrees), `smape` is that of the AASCE challenge for this pair (%).
    """
    by_id = {case.case: case for case in cases}
    rows = []
    for pair in pairs:
        if all(name in corners and name in angles for name in (pair.a, pair.b)):
            paths = [Path(folder) / by_id[name].image for name in (pair.a, pair.b)]
            places = [read_film(path).place for path in paths]
            edges = [
                (place.to_film(corners[name]) + 0.5) * (HEIGHT / place.film[0])
                for place, name in zip(places, (pair.a, pair.b), strict=True)
            ]
            masks = _on_one_film(paths, edges, pair)
            facts = _angle_facts(np.asarray(angles[pair.a], float), np.asarray(angles[pair.b], float))
            first = (pair.a, pair.b, pair.across_split, pair.similarity, _dice(*masks), _level_shift(*masks))
            rows.append(dict(zip(COLUMNS, (*first, *boundary_facts(*masks), *facts), strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def summarise_repeats(table: pd.DataFrame, across_split: bool = True) -> dict[str, float]:
    """Means of the repeat table: number of `pairs`, share `shifted` by a level, Dice, differences, SMAPE.

    Over the pairs of a training and a test film, or with `across_split=False` over all.
    """
    rows = table[table["across_split"]] if across_split else table
    names = ("dice", "difference_an1", "difference_mean", "smape")
    shifted = float((rows["level_shift"] != 0).mean())
    return {"pairs": float(len(rows)), "shifted": shifted, **{name: float(rows[name].mean()) for name in names}}


def _on_one_film(
    paths: Sequence[Path], corners: Sequence[NDArray[np.floating]], pair: DuplicatePair
) -> list[NDArray[np.uint8]]:
    """Label maps of both films on the first, from corners [17, 4, 2] that count from pixel edges at HEIGHT px."""
    first, second = (thumbnail(path, HEIGHT) for path in paths)
    start = Match(pair.similarity, pair.overlap, pair.scale, (pair.shift_y, pair.shift_x))
    match = refine(first, second, start, HEIGHT)
    moved = corners[1] * match.scale + np.array(match.shift[::-1]) * HEIGHT
    # Twice the size, so that edges of a pixel do not matter.
    shape = 2 * first.shape[0], 2 * first.shape[1]
    return [draw_quadrilaterals(2 * points - 0.5, shape) for points in (corners[0], moved)]


def _dice(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    both = int(((a > 0) & (b > 0)).sum())
    return 2 * both / max(int((a > 0).sum() + (b > 0).sum()), 1)


def _level_shift(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    both = (a > 0) & (b > 0)
    shifts, pixels = np.unique(b[both].astype(int) - a[both].astype(int), return_counts=True)
    return int(shifts[pixels.argmax()]) if len(shifts) else 0


def boundary_facts(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, float]:
    """Median and 95th percentile of the distances of both boundaries, % of the first's length; NaN for an empty one."""
    if not (a.any() and b.any()):
        return np.nan, np.nan
    extent = [int(np.ptp(places)) + 1 for places in np.nonzero(a)]
    distances = np.concatenate(boundary_distances(a > 0, b > 0, (1, 1)))
    median, p95 = 100 * np.percentile(distances, (50, 95)) / diagonal(extent, (1, 1))
    return float(median), float(p95)


def _angle_facts(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, ...]:
    difference = np.abs(a - b)
    total = float(a.sum() + b.sum())
    return *difference, difference.mean(), 100 * float(difference.sum()) / total if total else 0.0
