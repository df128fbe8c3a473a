"""What a study costs beside its networks: the share of core time that is neither training, prediction nor measuring.

Read from the executed notebooks of finished runs and questions, whose cells papermill times: SPINE_REPORTS names the
folder (default reports/quick; where that is missing, the smoke study is run into a temporary folder: its trainings are
so short that its share says little about others, but can be compared with itself). Work are the cells that call one of
WORK; the rest, and what a job takes beside its cells (kernel, papermill), is overhead: imports, figures, tables,
statistics. Every job has one core. Then a study with nothing to do: the folder's own, asked again (SPINE_BENCH_DATA
names its files where it needs some), by the processor's time in all its processes.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.common import Row, told
from spinelib.core.layout import LOG
from spinelib.runs.state import read_state

HOME = Path(__file__).parents[1]
# The aims are ours (C): a fifth of the core time, two seconds.
AIM_SECONDS, AIM_SHARE, CALLS = 2.0, 0.2, 5
SMOKE = "smoke"
# What Snakemake says at the end of a rehearsal that found something to do.
WOULD_RUN = "This was a dry-run"
# What trains, predicts or measures, in any notebook. Figures, tables, text and statistics do not.
WORK = (
    *("train", "train_stages", "evaluate", "evaluate_pipeline", "score", "score_masks", "study_angles", "read_maps"),
    *("study_timings", "measure_robustness", "ask_confidence", "reader.read"),
)
WORKING = re.compile(rf"\b(?:{'|'.join(WORK)})\(")


def rows() -> Iterator[Row]:
    """Yield the overhead's share of runs and of everything, and the seconds of a study with nothing to do."""
    folder = Path(os.environ.get("SPINE_REPORTS") or "reports/quick")
    if job_times(folder / "runs"):
        yield from _measured(folder, folder.name)
    elif os.environ.get("SPINE_REPORTS"):
        print(
            f"study overhead: no finished run in {folder}; make one with 'make study', or name another: SPINE_REPORTS"
        )
    else:
        yield from _smoke(folder)


def _smoke(missing: Path) -> Iterator[Row]:
    """The rows of the smoke study, run in a temporary folder."""
    print(f"study overhead: no finished run in {missing}; the smoke study is run instead", flush=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("notebooks", "studies"):
            shutil.copytree(HOME / name, Path(home) / name)
        folder = Path(home) / "reports" / SMOKE
        done = _call(folder)
        if done.returncode:
            print(f"study overhead: the smoke study failed, left out\n{done.stdout}{done.stderr}", flush=True)
            return
        yield from _measured(folder, f"{SMOKE} (made for this, tiny trainings)")


def _measured(folder: Path, title: str) -> Iterator[Row]:
    parts = {kind: job_times(folder / kind) for kind in ("runs", "questions")}
    for kind, times in parts.items():
        if times:
            yield _share(f"overhead of the {len(times)} {kind} of {title}", times)
    yield _share(f"overhead of all jobs of {title}", [*parts["runs"], *parts["questions"]])
    yield from _idle(folder, title)


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


def _call(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Ask for the study of a reports folder, as `make study` does."""
    command = [sys.executable, "-m", "spinelib", "study", "run", folder.name, "--cores", "2"]
    command += ["--data", os.environ.get("SPINE_BENCH_DATA", ""), *more]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    home = folder.resolve().parents[1]
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)


def _idle(folder: Path, title: str) -> Iterator[Row]:
    """The study asked again: only when nothing is left to do, so that no training starts by accident."""
    asked = _call(folder, "--", "--dry-run")
    if asked.returncode or WOULD_RUN in asked.stdout + asked.stderr + (folder / LOG).read_text(encoding="utf-8"):
        print(f"a study with nothing to do: {title} is not up to date, left out", flush=True)
        return
    first = _timed(lambda: _call(folder))
    times = np.array([_timed(lambda: _call(folder)) for _ in range(CALLS)])
    clock, cores = np.median(times, axis=0)
    print(
        f"a study with nothing to do: {clock:.2f} s by the clock; asking Snakemake, {first[1]:.2f} core s", flush=True
    )
    name = f"a study with nothing to do, {title}, core seconds"
    row = told(name, cores, AIM_SECONDS, AIM_SECONDS / cores, "s", AIM_SECONDS / cores)
    low, high = np.percentile(AIM_SECONDS / times[:, 1], [25, 75])
    yield replace(row, low=round(float(low), 3), high=round(float(high), 3))


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor in the processes that `call` waited for."""
    start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    call()
    spent, now = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
