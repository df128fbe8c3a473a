"""Time two callables in turn, print the ratio with its spread, keep a row."""

from __future__ import annotations

import csv
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).with_name("results.csv")


@dataclass(frozen=True)
class Row:
    """One comparison: medians `ours` and `peer` in `unit`; `ratio` above 1 is in our favour; `where` it ran."""

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    where: str


def compare(name: str, ours: Callable[[], Any], peer: Callable[[], Any], repeats: int = 15) -> Row:
    """Time both in turn after one warm-up each; the ratio is the median of peer / ours over the pairs.

    Prints the row with the quartiles of the ratio: on a shared machine the spread says how far to trust it.
    """
    ours(), peer()
    times = np.array([[_milliseconds(ours), _milliseconds(peer)] for _ in range(repeats)])
    low, ratio, high = np.percentile(times[:, 1] / times[:, 0], [25, 50, 75])
    mine, other = np.median(times, axis=0)
    print(f"{name:58s} {mine:9.2f} {other:9.2f} ms   {ratio:6.1f} x ({low:.1f} to {high:.1f})", flush=True)
    return Row(name, round(float(mine), 3), round(float(other), 3), round(float(ratio), 2), "ms", where())


def where() -> str:
    """Processor of this machine, and the thread count that the benchmarks use."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, 1 thread"


def append(rows: Iterable[Row], path: Path = RESULTS) -> None:
    """Add rows to the results table; a new file gets its header first."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)


def _milliseconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)
