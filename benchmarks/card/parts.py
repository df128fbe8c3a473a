"""The parts: what each runs, how long it may take, what became of it. Each is a process of its own."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from benchmarks.common import DRY, python_path
from spinelib.core import files

HOME = Path(__file__).parents[2]
RESULTS, OUTCOMES = "results.csv", "parts.csv"


@dataclass(frozen=True)
class Part:
    """A module with its words, and the seconds that it may take."""

    name: str
    seconds: float
    words: tuple[str, ...]


# First what a card is lent for; all together stay below ten minutes. The shapes need no card: a dry run looks at them.
PARTS = (
    Part("training", 100, ("benchmarks", "matrix")),
    Part("recipe", 140, ("benchmarks", "recipe")),
    Part("prediction", 80, ("benchmarks", "inference")),
    Part("tests", 90, ("benchmarks", "card_tests")),
    Part("compiled", 150, ("benchmarks", "compiled")),
)
SHAPES = Part("shapes", 80, ("benchmarks.card.shapes",))
PATIENCE = 4  # times as long on a processor, in a dry run


def slower(part: Part) -> Part:
    """The part with the time of a dry run."""
    return replace(part, seconds=PATIENCE * part.seconds)


@dataclass(frozen=True)
class Outcome:
    """What became of a part: "finished", or why not, and its seconds by the clock."""

    part: str
    status: str
    seconds: float

    @property
    def good(self) -> bool:
        """Whether it finished."""
        return self.status == "finished"


def environment(into: Path, dry: bool) -> dict[str, str]:
    """Variables of the parts: which device they measure, and where what they leave is kept."""
    ours = {"SPINE_BENCH_DEVICES": DRY if dry else "cuda", "SPINE_BENCH_KEEP": str(into)}
    return {**os.environ, **ours, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": python_path()}


def run_part(part: Part, into: Path, variables: dict[str, str], left: float) -> Outcome:
    """Run a part within its own limit and the `left` seconds; one that fails or is out of time ends nothing else.

    What it prints goes to a file of its name in `into`, a benchmark's rows to RESULTS there, each as it is measured.
    """
    begun, limit = time.monotonic(), min(part.seconds, left)
    status = "no time was left for it"
    if limit > 0:
        rows = ["--to", str(into / RESULTS)] if part.words[0] == "benchmarks" else []
        with (into / f"{part.name}.txt").open("wb") as log:
            status = _run([sys.executable, "-m", *part.words, *rows], variables, log.fileno(), limit)
    outcome = Outcome(part.name, status, round(time.monotonic() - begun, 1))
    print(f"{outcome.part}: {outcome.status}, {outcome.seconds:.0f} s", flush=True)
    return outcome


def _run(command: list[str], variables: dict[str, str], log: int, limit: float) -> str:
    # A session of its own: a kernel that a notebook left ends with it.
    process = subprocess.Popen(
        command, cwd=HOME, env=variables, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        code = process.wait(limit)
        return "finished" if code == 0 else f"failed with exit code {code}"
    except subprocess.TimeoutExpired:
        return f"ended after its {limit:.0f} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def write_outcomes(found: Iterable[Outcome], into: Path) -> None:
    """Write the table OUTCOMES anew."""
    with files.replace(into / OUTCOMES) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Outcome))
        writer.writerows(map(astuple, found))
