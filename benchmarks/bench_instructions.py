"""Instructions of three hot functions, counted by callgrind, beside those last published: a guard without a clock.

What is counted stands in `benchmarks.counted`. A count depends on Python and numpy, hardly on the machine: valgrind
shows every program the same processor. The least of CALLS calls counts. One that needs over ALLOWED times the published
count is an error and no row, so that the published one stays; SPINE_BENCH_ACCEPT=1 takes it for the new one. Without
valgrind nothing is counted, and the reason is told.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import show
from benchmarks.common import RESULTS, Row, python_path, told
from benchmarks.counted import CALLS, functions

ALLOWED = 1.05
MILLION = 1e6
# A function of the C library that nothing calls which is counted: where it is called one count ends, the next begins.
MARK = "getppid"
NO_VALGRIND = "instructions: valgrind is not installed (Debian, Ubuntu: apt-get install valgrind), nothing is counted"


def rows() -> Iterator[Row]:
    """Yield a row per function. Raises RuntimeError at the end for those that grew."""
    if not shutil.which("valgrind"):
        print(NO_VALGRIND, flush=True)
        return
    place, grown = where_counted(), []
    for name, count in counts(list(functions())).items():
        title = f"instructions of {name}, against the last published"
        before = published(title, place)
        row = told(
            title, count / MILLION, before or count / MILLION, (before or count / MILLION) * MILLION / count, "million"
        )
        if before and count / MILLION > ALLOWED * before and not os.environ.get("SPINE_BENCH_ACCEPT"):
            grown.append(f"{name}: {count / MILLION:.1f} million instructions, not {before:.1f}")
            continue
        yield replace(row, where=place)
    if grown:
        raise RuntimeError("; ".join(grown))


def where_counted() -> str:
    """What a count depends on: the versions of callgrind, Python and numpy."""
    said = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{said.replace('-', ' ')}, Python {platform.python_version()}, numpy {np.__version__}"


def published(title: str, place: str, path: Path = RESULTS) -> float:
    """The last count in the table, in millions; 0.0 where there is none."""
    found = show.newest(path) if path.exists() else None
    if found is None:
        return 0.0
    here = found[(found["name"] == title) & (found["where"] == place)]
    return float(here["ours"].iloc[-1]) if len(here) else 0.0


def counts(names: list[str], module: str = "benchmarks.counted") -> Mapping[str, int]:
    """Instructions of one call of each function that `module` calls between marks, in their order."""
    with tempfile.TemporaryDirectory() as place:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={place}/count", f"--dump-before={MARK}"]
        # The order in which dictionaries and sets of words are walked.
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": python_path()}
        done = subprocess.run(
            [*command, sys.executable, "-m", module], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"callgrind: {done.stderr.strip().splitlines()[-1]}")
        return dict(zip(names, least(sections(Path(place)), len(names)), strict=True))


def sections(folder: Path) -> list[int]:
    """Instructions before each mark since the one before it, in order; the program's end is no mark."""
    found = {}
    for path in folder.glob("count.*"):
        text = path.read_text(encoding="utf-8", errors="replace")
        summary = re.search(r"^summary: (\d+)$", text, re.MULTILINE)
        if summary and f"--dump-before={MARK}" in text:
            found[int(path.suffix[1:])] = int(summary[1])
    return [found[number] for number in sorted(found)]


def least(found: list[int], functions: int) -> list[int]:
    """The least count of each function: every second section lies between two marks, the first before them."""
    pairs = 2 * CALLS * functions
    if len(found) < pairs:
        raise RuntimeError(f"callgrind wrote {len(found)} sections, not {pairs}")
    between = found[-pairs:][1::2]
    return [min(between[i : i + CALLS]) for i in range(0, len(between), CALLS)]
