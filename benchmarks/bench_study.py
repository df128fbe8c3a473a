"""What a study costs beside its networks: the share of core time that is neither training, prediction nor measuring.

Read from the executed notebooks of finished runs and questions, whose cells papermill times: SPINE_REPORTS names the
folder (default reports/quick). Work are the cells that call one of WORK; the rest, and what a job takes beside its
cells (kernel, papermill), is overhead: imports, figures, tables, statistics. Every job has one core. Then a study with
nothing to do: the folder's own, asked again (SPINE_BENCH_DATA names its files where it needs some).
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.common import Row, told
from spinelib.runs.state import read_state
from spinelib.study.driver import LOG

# The share's aim is ours (C).
AIM_SECONDS, AIM_SHARE, CALLS = 2.0, 0.1, 5
# What Snakemake says at the end of a rehearsal that found something to do.
WOULD_RUN = "This was a dry-run"
# What trains, predicts or measures, in any notebook. Figures, tables, text and statistics do not.
WORK = (
    *("train", "evaluate", "measure", "study_angles", "mask_readings", "repeat_agreement", "study_timings"),
    *("apply_run", "walk_films", "corrupted_films"),
)
WORKING = re.compile(rf"\b(?:{'|'.join(WORK)})\(")


def rows() -> Iterator[Row]:
    """Yield the overhead's share of runs and of everything, and the seconds of a study with nothing to do."""
    folder = Path(os.environ.get("SPINE_REPORTS", "reports/quick"))
    parts = {kind: job_times(folder / kind) for kind in ("runs", "questions")}
    if not parts["runs"]:
        print(f"study overhead: no finished run in {folder}; make one with 'make study', or name it: SPINE_REPORTS")
        return
    for kind, times in parts.items():
        if times:
            yield _share(f"overhead of the {len(times)} {kind} of {folder.name}", times)
    yield _share(f"overhead of all jobs of {folder.name}", [*parts["runs"], *parts["questions"]])
    yield from _idle(folder)


def job_times(folder: Path) -> list[tuple[float, float]]:
    """Seconds at work and seconds in all of every finished job in `folder`."""
    return [
        notebook_times(json.loads((path.parent / "notebook.ipynb").read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*/run.json"))
        if read_state(path.parent).status == "finished"
    ]


def notebook_times(notebook: dict) -> tuple[float, float]:
    """Seconds that an executed notebook's cells of WORK took, and all of its seconds."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    work = [cell for cell in cells if WORKING.search("".join(cell["source"]))]
    spent = (cell["metadata"].get("papermill", {}).get("duration") or 0.0 for cell in work)
    return sum(spent, 0.0), float(notebook["metadata"]["papermill"]["duration"])


def _share(name: str, times: list[tuple[float, float]]) -> Row:
    work, all_of_it = np.array(times).sum(axis=0)
    share = 1 - work / all_of_it
    print(f"{name}: {all_of_it - work:.0f} of {all_of_it:.0f} core seconds", flush=True)
    return told(f"{name}, share of core time", share, AIM_SHARE, AIM_SHARE / max(share, 1e-9), "of 1")


def _idle(folder: Path) -> Iterator[Row]:
    """The study asked again: only when nothing is left to do, so that no training starts by accident."""
    home = folder.resolve().parents[1]
    command = [sys.executable, "-m", "spinelib.study", "run", folder.name, "--cores", "2"]
    command += ["--data", os.environ.get("SPINE_BENCH_DATA", "")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}

    def call(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *more], cwd=home, env=environment, capture_output=True, text=True, check=False)

    asked = call("--", "--dry-run")
    if asked.returncode or WOULD_RUN in asked.stdout + asked.stderr + (folder / LOG).read_text(encoding="utf-8"):
        print(f"a study with nothing to do: {folder.name} is not up to date, left out", flush=True)
        return
    times = np.array([_timed(call) for _ in range(CALLS)])
    median, cores = np.median(times, axis=0)
    print(f"a study with nothing to do: {times[:, 0].min():.2f} to {times[:, 0].max():.2f} s, {cores:.2f} core s")
    row = told(
        f"a study with nothing to do, {folder.name}",
        median,
        AIM_SECONDS,
        AIM_SECONDS / median,
        "s",
        AIM_SECONDS / cores,
    )
    low, high = np.percentile(AIM_SECONDS / times[:, 0], [25, 75])
    yield replace(row, low=round(float(low), 3), high=round(float(high), 3))


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor in the processes that `call` waited for."""
    start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    call()
    spent, now = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
