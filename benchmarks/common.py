"""Time several callables in turn, print the ratio of two with its spread, keep a row.

(C) The contenders take turns, round by round (A B A B ...), so that another program on the machine slows all of them
alike; a ratio is the median over the rounds, its spread their quartiles. Beside the clock stands the processor's own
time, that of worker processes included: a contender with workers must not look cheap because others do its work.
A peer that fails costs its own row alone.
"""

from __future__ import annotations

import csv
import math
import multiprocessing
import os
import platform
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from numpy.typing import NDArray

from spinelib.runs import machine

if TYPE_CHECKING:
    import torch

RESULTS = Path(__file__).with_name("results.csv")
# What stands for a card where there is none, and its name in rows that nobody publishes.
DRY, DRY_CARD = "dry", "no card: a dry run"
Values = NDArray[np.float64]
# Seconds by the clock and of the processor, [rounds, 2].
Times = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One comparison: medians `ours` and `peer` in `unit`; `ratio` above 1 is in our favour; `where` it ran.

    low, high: quartiles of the ratio; core_ratio: the same ratio of processor time. None where there is none.
    commit, date: of the code that was measured, a + after it where that was changed since; `append` fills them in.
    intercept: of an exponent, where its line is at one (`benchmarks.bench_growth`), with its unit.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    where: str
    low: float | None = None
    high: float | None = None
    core_ratio: float | None = None
    commit: str = ""
    date: str = ""
    intercept: str = ""


def compare(name: str, ours: Callable[[], Any], peer: Callable[[], Any], repeats: int = 15) -> Row:
    """Time both in turn after one warm-up each; see `against`."""
    return against(name, race({"ours": ours, "peer": peer}, repeats), "ours", "peer")


def race(contenders: Mapping[str, Callable[[], Any]], repeats: int = 15, warm_ups: int = 1) -> dict[str, Times]:
    """Call the contenders in turn, `repeats` times each after `warm_ups`, and give the times of each.

    Worker processes that a contender starts while it warms up sleep during the others' turns. One that fails is told
    and left out, its times NaN; but for the first, whose failure is an error.
    """
    workers: dict[str, list[int]] = {}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    try:
        for name, call in contenders.items():
            before = set(_children())
            _attempt(name, contenders, times, partial(_repeat, call, warm_ups))
            workers[name] = [pid for pid in _children() if pid not in before]
            _signal(workers[name], signal.SIGSTOP)
        for _ in range(repeats):
            for name in list(times):
                _signal(workers[name], signal.SIGCONT)
                _attempt(name, contenders, times, partial(_keep, times[name], contenders[name]))
                _signal(workers[name], signal.SIGSTOP)
    finally:
        _signal([pid for pids in workers.values() for pid in pids], signal.SIGCONT)
    return {name: np.array(times.get(name, np.full((repeats, 2), np.nan))) for name in contenders}


def _repeat(call: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        call()


def _keep(times: list[tuple[float, float]], call: Callable[[], Any]) -> None:
    times.append(_timed(call))


def _attempt(name: str, contenders: Iterable[str], times: dict[str, Any], call: Callable[[], Any]) -> None:
    """Call; a peer that fails (its own library, its own version) leaves the race: it goes out of `times`."""
    try:
        call()
    except Exception as error:
        if name == next(iter(contenders)):
            raise
        print(f"{name}: fails, left out ({type(error).__name__}: {error})", flush=True)
        del times[name]


def against(name: str, times: Mapping[str, Times], ours: str, peer: str, per: int = 1, card: str = "") -> Row:
    """The row of two contenders of a race; the ratio is the median of peer / ours over the rounds.

    per: pieces of work in one call, of which the milliseconds are told. card: name of the graphics card, if they ran
    on one. Prints the row with the quartiles of the ratio: on a shared machine the spread says how far to trust it.
    """
    mine, other = times[ours], times[peer]
    if np.isnan(other).any():
        return Row(name, 1000 * float(np.median(mine[:, 0])) / per, math.nan, math.nan, "ms", where(card))
    low, ratio, high = np.percentile(other[:, 0] / mine[:, 0], [25, 50, 75])
    cores = float(np.median(other[:, 1] / np.maximum(mine[:, 1], 1e-9)))
    medians = [1000 * float(np.median(part[:, 0])) / per for part in (mine, other)]
    spread = f"({low:.2f} to {high:.2f}), core time {cores:.2f} x"
    print(f"{name:72s} {medians[0]:9.2f} {medians[1]:9.2f} ms {ratio:7.2f} x {spread}", flush=True)
    mine_ms, other_ms, ratio, low, high, cores = (round(float(x), 3) for x in (*medians, ratio, low, high, cores))
    return Row(name, mine_ms, other_ms, ratio, "ms", where(card), low, high, cores)


def told(name: str, ours: float, peer: float, ratio: float | Values, unit: str, core_ratio: float | None = None) -> Row:
    """The printed row of two numbers that no race gave; `ratio`: of every round, where there are several."""
    low, middle, high = (round(float(x), 3) for x in np.percentile(ratio, [25, 50, 75]))
    several = np.ndim(ratio) > 0
    cores = "" if core_ratio is None else f", core time {core_ratio:.2f} x"
    spread = f" ({low:.2f} to {high:.2f})" if several else ""
    print(f"{name:72s} {ours:9.3g} {peer:9.3g} {unit} {middle:7.2f} x{spread}{cores}", flush=True)
    row = Row(name, float(f"{ours:.4g}"), float(f"{peer:.4g}"), middle, unit, where())
    row = replace(row, low=low, high=high) if several else row
    return row if core_ratio is None else replace(row, core_ratio=round(float(core_ratio), 3))


def python_path() -> str:
    """PYTHONPATH of a process that is to import this repository and what this one imports."""
    return os.pathsep.join(filter(None, [str(RESULTS.parents[1]), os.environ.get("PYTHONPATH", "")]))


def kinds() -> list[str]:
    """Devices to measure: cpu, and cuda where there is a card; or those that SPINE_BENCH_DEVICES names.

    One of its names is dry: what is measured on a card, as small as can be, on a CPU.
    """
    named = os.environ.get("SPINE_BENCH_DEVICES", "").split()
    import torch

    return named or ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def device_and_card(kind: str) -> tuple[torch.device, str]:
    """The device of one of `kinds`, tuned, and the name of the card; '' for a processor."""
    import torch

    from spinelib.core.devices import device_name, tune

    device = torch.device("cpu" if kind == DRY else kind)
    tune(device)
    return device, DRY_CARD if kind == DRY else device_name(device) if device.type == "cuda" else ""


def own_memory() -> float:
    """Resident MB without pages of files; where the system does not tell them apart, the peak of both."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s*(\d+) kB", status.read_text(encoding="utf-8")) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else machine.peak_memory()["peak_memory_mb"]


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Gives a list that begins with `own_memory` and gets it anew, again and again, until the end of the `with`."""
    over, seen = threading.Event(), [own_memory()]

    def watch() -> None:
        while not over.wait(0.005):
            seen.append(own_memory())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def where(card: str = "") -> str:
    """Processor of this machine and the thread count that the benchmarks use, or the graphics card `card`."""
    if card:
        return card
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, 1 thread"


def append(rows: Iterable[Row], path: Path = RESULTS) -> None:
    """Add rows to the results table with commit and date; rows without a ratio, of peers that failed, are no results.

    A new file gets its header first, one with fewer columns the further ones.
    """
    header = [field.name for field in fields(Row)]
    kept = list(csv.reader(path.open(newline="", encoding="utf-8"))) if path.exists() else []
    if kept[:1] != [header]:
        older = [[*row, *[""] * (len(header) - len(row))] for row in kept[1:]]
        write_rows(path, "w", [header, *older])
    stamped = [replace(row, commit=commit(), date=f"{date.today()}") for row in rows if not math.isnan(row.ratio)]
    write_rows(path, "a", [["" if _absent(value) else value for value in astuple(row)] for row in stamped])


@cache
def commit() -> str:
    """Short commit of the code in use, with a + where files but the results differ from it; '' without git."""
    folder = RESULTS.parents[1]
    changed = machine._git(
        folder, "status", "--porcelain", "--untracked-files=no", "--", ".", f":!{RESULTS.parent.name}/{RESULTS.name}"
    )
    return machine._git(folder, "rev-parse", "--short=12", "HEAD") + "+" * bool(changed)


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def write_rows(path: Path, mode: str, rows: Iterable[Iterable[Any]]) -> None:
    """Write rows of cells to a table; with mode "a" to its end."""
    with path.open(mode, newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    start, used = time.perf_counter(), _core_seconds()
    call()
    return time.perf_counter() - start, _core_seconds() - used


def _children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def _core_seconds() -> float:
    """Processor time of this process, to the nanosecond, and of its workers, to the hundredth of a second."""
    spent = [psutil.Process(pid).cpu_times() for pid in _children()]
    return time.process_time() + sum(times.user + times.system for times in spent)


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        if psutil.pid_exists(pid):
            os.kill(pid, number)
            if number == signal.SIGSTOP:
                # It stops when it next comes to run, which on a busy machine is not now.
                os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
