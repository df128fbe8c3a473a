"""How often the tests reject when nothing differs, and how often the intervals hold the truth: of paired differences.

Every sample is drawn with a true mean difference of 0 (`calibration_shapes`), so a test at 5 % should reject 5 % of
them and a 95 % interval should hold 0 in 95 %. `like` draws from differences that a study has seen instead. Each block
of repetitions has resamples of its own. Means and ranks: `calibration_means`, `calibration_ranks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.statistics import intervals, paired_tests
from spinelib.statistics.calibration_shapes import DIFFERENCES, Draw

Array = NDArray[np.float64]
SIZES = (3, 5, 8, 12, 20, 35, 64, 128)
FEWEST = 8  # patients from which on the promise is kept or the failure named
REPETITIONS = 20_000
REPLICATES = 999
BLOCK = 500
ALPHA = 0.05
TESTS: dict[str, Callable[..., Any]] = {
    "t": paired_tests.t_test,
    "wilcoxon": paired_tests.wilcoxon_test,
    "permutation": paired_tests.permutation_test,
    "wider": paired_tests.wider_test,
}
# A difference has no limit that a scale could be taken from.
CANDIDATES = tuple(name for name in intervals.INTERVAL_METHODS if name != "scaled")
TEST_TITLES = {"t": "paired t", "wilcoxon": "Wilcoxon", "permutation": "permutation", "wider": "of the interval in use"}
TOLERANCE = 0.02  # a share of 93 to 97 %, or of 3 to 7 %, keeps its promise
COLUMNS = ["kind", "of", "tool", "used", "shape", "n", "value", "error", "width", "repetitions"]
USED = {"rejection": "t", "coverage": intervals.DEFAULT_INTERVAL}


def calibrate(
    sizes: Sequence[int] = SIZES,
    shapes: Sequence[str] = tuple(DIFFERENCES),
    repetitions: int = REPETITIONS,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> pd.DataFrame:
    """Shares in 0..1 for every tool, shape and number of patients n, columns COLUMNS.

    kind `rejection`: of the tests at ALPHA; `coverage`: of the 95 % intervals, with `width`, their mean width over that
    of Student's. of: `differences` here; used: whether boards and verdicts use this tool. error: Monte Carlo standard
    error. Raises ValueError for an unknown shape, fewer than two patients or
    no repetition.
    """
    unknown = sorted(set(shapes) - set(DIFFERENCES))
    if unknown or not sizes or min(sizes) < 2 or repetitions < 1:
        raise ValueError(
            f"needs shapes among {', '.join(DIFFERENCES)}, sizes of 2 or more and repetitions of 1 or more"
        )
    rows = [row for shape in shapes for n in sizes for row in _cell(shape, n, repetitions, seed, replicates)]
    return pd.DataFrame(rows, columns=COLUMNS)


def like(
    observed: Mapping[str, Array], repetitions: int = BLOCK, seed: int = 0, replicates: int = REPLICATES
) -> pd.DataFrame:
    """`calibrate` for samples drawn from differences seen, shifted to mean 0: `observed` gives [patients] by name.

    Samples are as large as what was seen. It tells how the tools do on such shapes, not whether the methods differ.
    Differences that are the same in every patient have no shape, and no rows.
    """
    rows: list[dict[str, Any]] = []
    for name, d in observed.items():
        centred = np.asarray(d, float) - np.mean(d)
        if not np.ptp(centred) > 0:
            continue
        draw = partial(_drawn, centred)
        rows += _cell(name, len(centred), repetitions, seed, replicates, draw)
    return pd.DataFrame(rows, columns=COLUMNS)


def _drawn(values: Array, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.choice(values, shape)


def _cell(
    shape: str, n: int, repetitions: int, seed: int, replicates: int, draw: Draw | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of one shape and size."""
    # A cell does not depend on which others are asked for.
    rng = np.random.default_rng([seed, n, list(DIFFERENCES).index(shape) if draw is None else len(DIFFERENCES)])
    samples = _samples(draw or DIFFERENCES[shape], n, repetitions, rng)
    parts = [_block(d, k, replicates) for k, d in enumerate(samples)]
    total = {key: sum(part[key] for part in parts) for key in parts[0]}
    for kind, names in (("rejection", TESTS), ("coverage", CANDIDATES)):
        for tool in names:
            share = float(total[kind, tool]) / repetitions
            width = total["width", tool] / total["width", "t"] if kind == "coverage" else np.nan
            about = (kind, "differences", tool, tool == USED[kind], shape, n)
            yield calibrated(*about, share, monte_carlo_error(share, repetitions), width, repetitions)


def calibrated(*facts: Any) -> dict[str, Any]:
    """One row of a calibration, its cells in the order of COLUMNS."""
    return dict(zip(COLUMNS, facts, strict=True))


def _samples(draw: Draw, n: int, repetitions: int, rng: np.random.Generator) -> Iterator[Array]:
    """Differences [n, columns] in blocks of BLOCK columns."""
    for first in range(0, repetitions, BLOCK):
        yield draw(rng, (n, min(BLOCK, repetitions - first)))


def _block(d: Array, k: int, replicates: int) -> dict[tuple[str, str], float]:
    """Rejections, intervals that hold 0 and summed widths of the samples [n, columns] of block k."""
    found: dict[tuple[str, str], float] = {}
    for name, test in TESTS.items():
        given = partial(test, replicates=replicates, seed=k) if name == "permutation" else test
        found["rejection", name] = float(np.sum(given(d) <= ALPHA))
    for name in CANDIDATES:
        _, low, high = intervals.difference_interval(d, method=name, replicates=replicates, seed=k)
        found["coverage", name] = float(np.sum((low <= 0) & (high >= 0)))
        found["width", name] = float(np.sum(high - low))
    return found


def monte_carlo_error(share: float, repetitions: int) -> float:
    """Standard error of a share counted over so many repetitions; never 0, as if one more had gone the other way."""
    honest = (share * repetitions + 0.5) / (repetitions + 1)
    return float(np.sqrt(honest * (1 - honest) / repetitions))


def with_verdicts(table: pd.DataFrame, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """`table` with `verdict`: whether a share keeps its promise of 5 or 95 % within `tolerance`.

    `holds`: within it; `unclear`: outside by less than two Monte Carlo errors; otherwise what is wrong: `rejects too
    often` or `too seldom`, `covers too little` or `too much`.
    """
    promise = np.where(table["kind"] == "rejection", ALPHA, 1 - ALPHA)
    off = (table["value"] - promise).to_numpy(float)
    words = np.where(
        table["kind"] == "rejection",
        np.where(off > 0, "rejects too often", "rejects too seldom"),
        np.where(off > 0, "covers too much", "covers too little"),
    )
    clear = np.abs(off) - 2 * table["error"].to_numpy(float) > tolerance
    near = np.abs(off) <= tolerance
    return table.assign(verdict=np.where(near, "holds", np.where(clear, words, "unclear")))


def broken_promises(judged: pd.DataFrame, fewest: int = FEWEST) -> pd.DataFrame:
    """The rows of `with_verdicts` whose tool is in use and does not keep its promise, from `fewest` patients on."""
    return judged[judged["used"] & (judged["n"] >= fewest) & (judged["verdict"] != "holds")]


def ranking(table: pd.DataFrame, of: str = "differences", fewest: int = FEWEST) -> pd.DataFrame:
    """The intervals of a calibration, best first: by how far the smallest share that they cover is below 95 %.

    of: `differences`, `means` or `ranks`; from `fewest` patients on. Columns tool, least, mean_distance (from 95 %, in
    0..1), shape, n, width. An interval that covers more than it says is wide, one that covers less is wrong.
    """
    rows = table[(table["kind"] == "coverage") & (table["of"] == of) & (table["n"] >= fewest)]
    rows = rows.assign(off=(rows["value"] - (1 - ALPHA)).abs()).rename(columns={"value": "least"})
    worst = rows.loc[rows.groupby("tool")["least"].idxmin()]
    worst = worst.assign(mean_distance=worst["tool"].map(rows.groupby("tool")["off"].mean()))
    worst["width"] = worst["tool"].map(rows.groupby("tool")["width"].mean())
    order = ["tool", "least", "mean_distance", "shape", "n", "width"]
    return worst.sort_values("least", ascending=False, kind="stable")[order].reset_index(drop=True)


def wide(table: pd.DataFrame, kind: str, of: str = "differences") -> pd.DataFrame:
    """Shares in per cent as text, "5.0 ± 0.2" (one Monte Carlo error), one line per tool and shape, a column per n."""
    rows = table[(table["kind"] == kind) & (table["of"] == of)]
    words = [f"{100 * value:.1f} ± {100 * error:.1f}" for value, error in rows[["value", "error"]].to_numpy(float)]
    cells = rows.assign(words=words).pivot(index=["shape", "tool"], columns="n", values="words")
    return cells.reindex(pd.MultiIndex.from_frame(rows[["shape", "tool"]].drop_duplicates()))
