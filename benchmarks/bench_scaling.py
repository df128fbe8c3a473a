"""Seconds against cases, methods and cores, and peak memory against cases, each with the fitted exponent.

The exponent is the slope of a line through the logarithms: 1 is proportional, below 1 better than that. For cores it is
that of the speed: 1 is twice the speed on twice the cores. The work is what follows a training: outlining films with a
U-Net of a quarter of the width and measuring them, and the summary of a study's table of cases.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.common import Row, Times, race, told
from benchmarks.synthetic import cases
from spinelib import stats
from spinelib.cases import CaseArrays
from spinelib.inference import predict_labels
from spinelib.metrics import table
from spinelib.models import build_model
from spinelib.runs.machine import peak_memory
from spinelib.runs.tables import complete

GRID = (128, 64)
CASES, METHODS, HELD = (16, 32, 64, 128), (4, 8, 16, 32), (64, 512, 2048)
SHARED, PATIENTS, TURNS = 128, 64, 3


def rows() -> Iterator[Row]:
    """Yield one exponent per question; prints what it was fitted to."""
    torch.set_num_threads(1)
    yield _fitted("seconds against cases: predict and measure", _by_cases(), "cases")
    yield _fitted(f"seconds against methods: summary of {PATIENTS} patients", _by_methods(), "methods")
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if most > 1:
        yield _fitted(f"speed against cores: {SHARED} cases", _by_cores(most), "cores", -1)
    yield _memory()


def _fitted(name: str, times: Mapping[int, Times], unit: str, sign: int = 1) -> Row:
    numbers = np.array([times[n][:, 0] for n in times])
    slopes = sign * np.polyfit(np.log(list(times)), np.log(numbers), 1)[0]
    seconds = ", ".join(f"{n}: {np.median(times[n][:, 0]):.2f} s" for n in times)
    low, slope, high = np.percentile(slopes, [25, 50, 75])
    print(f"{name}: {unit} {seconds}; exponent {low:.2f} to {high:.2f}", flush=True)
    return told(name, slope, 1.0, slope if sign < 0 else 1 / slope, "exponent")


def _by_cases() -> dict[int, Times]:
    films = cases(max(CASES), GRID)
    calls = {str(n): _scoring(films.subset(np.arange(n))) for n in CASES}
    return {int(name): times for name, times in race(calls, TURNS).items()}


def _scoring(films: CaseArrays) -> Callable[[], None]:
    torch.manual_seed(0)
    model = build_model("unet", in_channels=1, width=0.25)
    return lambda: _score(model, films)


def _score(model: torch.nn.Module, films: CaseArrays) -> None:
    table(predict_labels(model, films, np.arange(len(films))), films)


def _by_methods() -> dict[int, Times]:
    random = np.random.default_rng(0)
    calls = {}
    for n in METHODS:
        rows = _case_table(n, random)
        calls[str(n)] = lambda rows=rows: stats.summarise(rows)
    return {int(name): times for name, times in race(calls, TURNS).items()}


def _case_table(methods: int, random: np.random.Generator) -> pd.DataFrame:
    """Dice and HD95 of every patient by each of so many methods."""
    index = pd.MultiIndex.from_product(
        [[f"m{i}" for i in range(methods)], [f"p{i}" for i in range(PATIENTS)], ["dice", "hd95"]],
        names=["method", "patient", "metric"],
    )
    rows = index.to_frame(index=False).assign(value=random.random(len(index)), unit="1", status="ok")
    rows = rows.assign(dataset="synthetic", split="test", view="coronal", structure="spine", case=rows["patient"])
    rows = rows.assign(run=rows["method"])
    identity = {"study": "bench", "trained_on": "synthetic", "variant": "full", "recipe": "common"}
    return complete(rows, {**identity, "width": 1.0, "seed": 0, "fold": 0}, Path("cases.csv"))


def _by_cores(most: int) -> dict[int, Times]:
    counts = sorted({1, *(2**k for k in range(1, 6) if 2**k <= most), most})
    fresh = multiprocessing.get_context("spawn")
    pools = {n: ProcessPoolExecutor(n, fresh) for n in counts}
    try:
        calls = {str(n): lambda n=n, pool=pool: list(pool.map(_part, [SHARED // n] * n)) for n, pool in pools.items()}
        return {int(name): times for name, times in race(calls, TURNS, 2).items()}
    finally:
        for pool in pools.values():
            pool.shutdown()


def _part(count: int) -> None:
    torch.set_num_threads(1)
    _scoring(cases(count, GRID))()


def _memory() -> Row:
    """Peak memory of a process that predicts and measures memory-mapped cases, as a study's runs do."""
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for n in HELD:
            films = cases(n, GRID)
            np.save(Path(folder) / "images.npy", films.images)
            np.save(Path(folder) / "labels.npy", films.labels)
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                peaks.append(pool.submit(_peak, folder, replace(films, images=films.images[:0])).result())
    per = 1000 * (peaks[-1] - peaks[0]) / (HELD[-1] - HELD[0])
    words = ", ".join(f"{n}: {peak:.0f} MB" for n, peak in zip(HELD, peaks, strict=True))
    print(f"peak memory against cases: {words}; {per:.0f} MB more per 1000 cases", flush=True)
    slope = float(np.polyfit(np.log(HELD), np.log(peaks), 1)[0])
    return told("peak memory against cases: predict and measure", slope, 1.0, 1 / max(slope, 1e-3), "exponent")


def _peak(folder: str, films: CaseArrays) -> float:
    torch.set_num_threads(1)
    images, labels = (np.load(Path(folder) / f"{name}.npy", mmap_mode="r") for name in ("images", "labels"))
    _scoring(replace(films, images=images, labels=labels))()
    return peak_memory()["peak_memory_mb"]
