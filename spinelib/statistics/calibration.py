"""How often the tests reject when nothing differs, and how often the intervals hold the truth.

Every sample is drawn with a true mean difference of 0, so a test at 5 % should reject 5 % of them and a 95 % interval
should hold 0 in 95 %. (C, our choice) The three shapes: `normal`; `swapped`, the difference of two equal methods with
skewed scores (exponential less exponential), which is what no difference between two methods looks like; and `skewed`,
an exponential shifted to mean 0 (skewness 2): means agree but the methods cannot be swapped, the hard case for
everything built on symmetry or normality. `like` draws from differences that a study has seen instead. Each block of
repetitions has resamples of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.statistics import intervals, paired_tests

Array = NDArray[np.float64]
SIZES = (10, 20, 64, 128)
REPETITIONS = 20_000
REPLICATES = 1_999
BLOCK = 500
ALPHA = 0.05
Draw = Callable[[np.random.Generator, tuple[int, int]], Array]
SHAPES: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "swapped": lambda rng, shape: rng.exponential(size=shape) - rng.exponential(size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
}
TESTS: dict[str, Callable[..., Any]] = {
    "t": paired_tests.t_test,
    "wilcoxon": paired_tests.wilcoxon_test,
    "permutation": paired_tests.permutation_test,
}
TEST_TITLES = {"t": "paired t", "wilcoxon": "Wilcoxon", "permutation": "permutation"}
COLUMNS = ["kind", "tool", "shape", "n", "value", "error", "width", "repetitions"]


def calibrate(
    sizes: Sequence[int] = SIZES,
    shapes: Sequence[str] = tuple(SHAPES),
    repetitions: int = REPETITIONS,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> pd.DataFrame:
    """Shares in 0..1 for every tool, shape and number of patients n, columns COLUMNS.

    kind `rejection`: of the tests at ALPHA; `coverage`: of the 95 % intervals, with `width`, their mean width over that
    of Student's. error: Monte Carlo standard error. Raises ValueError for an unknown shape, fewer than two patients or
    no repetition.
    """
    unknown = sorted(set(shapes) - set(SHAPES))
    if unknown or not sizes or min(sizes) < 2 or repetitions < 1:
        raise ValueError(f"needs shapes among {', '.join(SHAPES)}, sizes of 2 or more and repetitions of 1 or more")
    rows = [row for shape in shapes for n in sizes for row in _cell(shape, n, repetitions, seed, replicates)]
    return pd.DataFrame(rows, columns=COLUMNS)


def like(
    observed: Mapping[str, Array], repetitions: int = BLOCK, seed: int = 0, replicates: int = REPLICATES
) -> pd.DataFrame:
    """`calibrate` for samples drawn from differences seen, shifted to mean 0: `observed` gives [patients] by name.

    Samples are as large as what was seen. It tells how the tools do on such shapes, not whether the methods differ.
    """
    rows: list[dict[str, Any]] = []
    for name, d in observed.items():
        centred = np.asarray(d, float) - np.mean(d)
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
    rng = np.random.default_rng([seed, n, list(SHAPES).index(shape) if draw is None else len(SHAPES)])
    samples = _samples(draw or SHAPES[shape], n, repetitions, rng)
    parts = [_block(d, k, replicates) for k, d in enumerate(samples)]
    total = {key: sum(part[key] for part in parts) for key in parts[0]}
    for kind, names in (("rejection", TESTS), ("coverage", intervals.INTERVAL_METHODS)):
        for tool in names:
            share = float(total[kind, tool]) / repetitions
            width = total["width", tool] / total["width", "t"] if kind == "coverage" else np.nan
            facts = (kind, tool, shape, n, share, monte_carlo_error(share, repetitions), width, repetitions)
            yield dict(zip(COLUMNS, facts, strict=True))


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
    for name in intervals.INTERVAL_METHODS:
        _, low, high = intervals.mean_interval(d, method=name, replicates=replicates, seed=k)
        found["coverage", name] = float(np.sum((low <= 0) & (high >= 0)))
        found["width", name] = float(np.sum(high - low))
    return found


def monte_carlo_error(share: float, repetitions: int) -> float:
    """Standard error of a share counted over so many repetitions; never 0, as if one more had gone the other way."""
    honest = (share * repetitions + 0.5) / (repetitions + 1)
    return float(np.sqrt(honest * (1 - honest) / repetitions))


def with_verdicts(table: pd.DataFrame, tolerance: float = 0.005) -> pd.DataFrame:
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


def ranking(table: pd.DataFrame) -> pd.DataFrame:
    """The intervals of `calibrate`'s table, best first: largest and mean distance from 95 %, and where it is largest.

    Columns tool, worst (distance in 0..1), mean_distance, shape, n. The first is the one to use.
    """
    rows = table[table["kind"] == "coverage"]
    rows = rows.assign(off=(rows["value"] - (1 - ALPHA)).abs())
    worst = rows.loc[rows.groupby("tool")["off"].idxmax()].rename(columns={"off": "worst"})
    worst = worst.assign(mean_distance=worst["tool"].map(rows.groupby("tool")["off"].mean()))
    order = ["tool", "worst", "mean_distance", "shape", "n", "value"]
    return worst.sort_values("worst", kind="stable")[order].reset_index(drop=True)


def wide(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Shares in per cent as text, "5.0 ± 0.2" (one Monte Carlo error), one line per tool and shape, a column per n."""
    rows = table[table["kind"] == kind]
    words = [f"{100 * value:.1f} ± {100 * error:.1f}" for value, error in rows[["value", "error"]].to_numpy(float)]
    cells = rows.assign(words=words).pivot(index=["shape", "tool"], columns="n", values="words")
    return cells.reindex(pd.MultiIndex.from_frame(rows[["shape", "tool"]].drop_duplicates()))
