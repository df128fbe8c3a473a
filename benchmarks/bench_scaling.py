"""Seconds against cases, methods and cores, each with the fitted exponent, and peak memory against cases.

The exponent is the slope of a line through the logarithms: 1 is proportional, below 1 better than that. For cores it is
that of the speed: 1 is twice the speed on twice the cores. The work is what follows a training: outlining films with a
U-Net of a quarter of the width and measuring them, and the summary of a study's table of cases. Memory is that of a
training besides; data sets larger than the memory stream from disk where it stays as it is with 16 times the cases.
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

from benchmarks.common import Row, Times, race, told, watched_memory
from benchmarks.synthetic import FILM, cases
from spinelib.cases import CaseArrays
from spinelib.measures.tables import score_maps
from spinelib.models import NETWORKS, build_model
from spinelib.prediction.maps import predict_labels
from spinelib.runs.machine import peak_memory
from spinelib.runs.tables import complete
from spinelib.statistics import comparison
from spinelib.training import Recipe, Training, fit

GRID = (128, 64)
CASES, METHODS = (16, 32, 64, 128), (4, 8, 16, 32)
# The fewest cases whose memory is measured; of a film 64 kB are mapped, image and class map.
HELD = {"train": 256, "score": 64}
MEMORY = {
    "train": "16 steps of training on 4096 mapped films, of which 1 MB may be resident",
    "score": "1024 mapped films predicted and measured",
}
SHARED, PATIENTS, TURNS = 128, 64, 3


def rows() -> Iterator[Row]:
    """Yield one exponent per question; prints what it was fitted to."""
    torch.set_num_threads(1)
    yield _fitted("seconds against cases: predict and measure", _by_cases(), "cases")
    yield _fitted(f"seconds against methods: summary of {PATIENTS} patients", _by_methods(), "methods")
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if most > 1:
        yield _fitted(f"speed against cores: {SHARED} cases", _by_cores(most), "cores", -1)
    for what in HELD:
        yield _memory(what)


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
    score_maps(predict_labels(model, films, np.arange(len(films))), films)


def _by_methods() -> dict[int, Times]:
    random = np.random.default_rng(0)
    calls = {}
    for n in METHODS:
        rows = _case_table(n, random)
        calls[str(n)] = lambda rows=rows: comparison.summarise(rows)
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


def _memory(what: str) -> Row:
    """Peak memory of a fresh process with memory-mapped cases, 1, 4 and 16 times as many: "train" or "score"."""
    peaks, first = [], HELD[what]
    counts = [first * times for times in (1, 4, 16)]
    films = cases(counts[-1], FILM, "train")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("images", "labels"):
            np.save(Path(folder) / f"{name}.npy", getattr(films, name))
        megabytes = (films.images.nbytes + films.labels.nbytes) / 2**20
        for n in counts:
            part = films.subset(np.arange(n))
            part = replace(part, images=part.images[:0], labels=part.labels[:0])
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                peaks.append(pool.submit(peak, what, folder, part).result())
    own = [each[0] for each in peaks]
    slope = float(np.polyfit(np.log(counts), np.log(own), 1)[0])
    words = ", ".join(f"{n}: {own:.0f} ({full:.0f})" for n, (own, full) in zip(counts, peaks, strict=True))
    print(
        f"{what}, {megabytes:.0f} MB of cases; peak MB own (with mapped files): {words}; exponent {slope:.3f}",
        flush=True,
    )
    return told(f"peak memory, {MEMORY[what]}, against a 16th of the cases", own[-1], own[0], own[0] / own[-1], "MB")


def peak(what: str, folder: str, films: CaseArrays) -> tuple[float, float]:
    """Peak MB of this process while it works on the cases in `folder`: its own, and with the pages of mapped files.

    The second kind is the system's to take back at any time: a data set larger than the memory streams through it.
    """
    torch.set_num_threads(1)
    images, labels = (
        np.load(Path(folder) / f"{name}.npy", mmap_mode="r")[: len(films)] for name in ("images", "labels")
    )
    films = replace(films, images=images, labels=labels)
    with watched_memory() as seen:
        (_train if what == "train" else _score)(build_model("unet", in_channels=1, width=0.125), films)
    return max(seen), peak_memory()["peak_memory_mb"]


def _train(model: torch.nn.Module, films: CaseArrays) -> None:
    index = np.arange(len(films))
    aim = NETWORKS["unet"].make_objective(model)
    training = Training(model, aim, films, index[16:], index[:16], Recipe(steps=16, validations=1, precision="float32"))
    with tempfile.TemporaryDirectory() as out:
        fit(training, out, device="cpu", memory_mb=1.0, progress=False)
