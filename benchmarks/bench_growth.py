"""How time and memory grow with films and with runs: the exponent of each part, and its line's value at one.

(C, our choice) The exponent is the slope of a line through the logarithms of three sizes; 1 is proportional. A fresh
process measures each size, after one small call that loads what has to be loaded: its processor's seconds, all threads
together, and by how much its own memory grew, pages of mapped files left out. Films are small pictures with masks in a
folder; runs are folders with the record of a published run and a table of made-up scores. SPINE_GROWTH is a share of
the sizes: 0.1 goes to 1,000 films and 200 runs, in a tenth of the time.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.common import Row, told, watched_memory
from benchmarks.synthetic import spine
from spinelib.core.layout import IMAGES, MASKS, PUBLISHED_RECORDS, RUNS, RunFolder, StudyFolder
from spinelib.core.seals import FILES, marks_of, sealed

FILMS, RUN_COUNTS = (100, 1000, 10_000), (20, 200, 2000)
GRID, WARM = (64, 32), 12
RECORDS = Path(__file__).parents[1] / "reports" / "published" / "quick" / PUBLISHED_RECORDS
SCORES = {"dice": "1", "iou": "1", "hd95": "px", "assd": "px"}
CASES, SEEDS = 20, 4
FLOOR_MB = 1.0
# A part is prepared, outside the measuring, by the first function, and measured by the second.
Part = tuple[Callable[[Path, int], None], Callable[[Path], object]]


def rows() -> Iterator[Row]:
    """Yield seconds and memory of every part."""
    share = float(os.environ.get("SPINE_GROWTH") or 1)
    for kind, sizes, parts in (("films", FILMS, OF_FILMS), ("runs", RUN_COUNTS, OF_RUNS)):
        counts = [max(4, round(share * size)) for size in sizes]
        for name in parts:
            found = np.array([_measured(kind, name, count) for count in counts])
            for column, (what, unit) in enumerate((("seconds", "s"), ("memory", "MB"))):
                yield _fitted(
                    f"{what} against {kind}: {name}, {counts[0]} to {counts[-1]}", counts, found[:, column], unit
                )


def _fitted(name: str, counts: list[int], values: np.ndarray, unit: str) -> Row:
    """The exponent, with that between each two neighbouring sizes as its spread; and the line at one."""
    logs, sizes = np.log(values), np.log(counts)
    slope, start = np.polyfit(sizes, logs, 1)
    told_values = ", ".join(f"{count}: {value:.3g} {unit}" for count, value in zip(counts, values, strict=True))
    print(f"{name}: {told_values}", flush=True)
    between = np.diff(logs) / np.diff(sizes)
    row = told(name, slope, 1.0, 1 / max(slope, 1e-3), "exponent")
    low, high = (round(float(1 / max(x, 1e-3)), 3) for x in (between.max(), between.min()))
    return replace(row, low=low, high=high, intercept=f"{np.exp(start) * 1000:.3g} {'ms' if unit == 's' else 'kB'}")


def _measured(kind: str, name: str, count: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        for which, size in (("warm", WARM), ("full", count)):
            (Path(folder) / which).mkdir()
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                pool.submit(lay_out, kind, name, Path(folder) / which, size).result()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            return pool.submit(cost, kind, name, Path(folder)).result()


def lay_out(kind: str, name: str, folder: Path, size: int) -> None:
    """Make what a part works on."""
    (OF_FILMS if kind == "films" else OF_RUNS)[name][0](folder, size)


def cost(kind: str, name: str, folder: Path) -> tuple[float, float]:
    """Seconds of the processor, and MB by which this process grew, in the part's call on the full folder."""
    call = (OF_FILMS if kind == "films" else OF_RUNS)[name][1]
    call(folder / "warm")
    with watched_memory() as seen:
        begun = time.process_time()
        call(folder / "full")
        seconds = time.process_time() - begun
    return seconds, max(FLOOR_MB, max(seen) - seen[0])


def _films(folder: Path, count: int) -> None:
    """Pictures of noise with a bright column, no two alike, and their masks."""
    from PIL import Image

    for name in (IMAGES, MASKS):
        (folder / "source" / name).mkdir(parents=True)
    for number in range(count):
        random = np.random.default_rng(number)
        mask = spine(128, 64, float(random.uniform(-6, 6)))
        picture = (
            np.kron(random.integers(0, 160, (16, 8)), np.ones((8, 8))) + 80 * mask + random.integers(0, 9, mask.shape)
        )
        for kind, plane in ((IMAGES, picture), (MASKS, mask)):
            Image.fromarray(plane.astype(np.uint8)).save(folder / "source" / kind / f"f{number:05d}.png")


def _prepare(folder: Path) -> None:
    from spinelib.runs.data import prepare_once

    prepare_once(folder / "data", {"dataset": "folder", "source": str(folder / "source")})


def _prepared(folder: Path, count: int) -> None:
    """Films with their manifest, as `prepare` leaves them but for the search for near-duplicates, and their arrays."""
    from spinelib.cases import load_arrays
    from spinelib.runs.data import prepare_once

    _films(folder, count)
    prepare_once(folder / "data", {"dataset": "folder", "source": str(folder / "source"), "audit": False})
    load_arrays(folder / "data", GRID)


def _arrays(folder: Path) -> Any:
    from spinelib.cases import load_arrays

    # Mapped, as those of data that exceed the memory.
    return load_arrays(folder / "data", GRID, memory_mb=0)


def _start(folder: Path) -> None:
    """Arrays opened, and the first step of a training on them."""
    import torch

    from benchmarks import loops

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        shared = loops.setting("unet", _arrays(folder), 2, torch.device("cpu"), 0, 0.0625)
        loops.ours(loops.trainer(shared, Path(place), "float32"))()


def _score(folder: Path) -> None:
    """All films predicted and scored."""
    import torch

    from spinelib.models import build_model
    from spinelib.prediction.maps import predict_labels
    from spinelib.protocol.evaluation import outline_tables

    torch.set_num_threads(1)
    torch.manual_seed(0)
    films = _arrays(folder)
    maps = predict_labels(build_model("unet", in_channels=1, width=0.0625), films, np.arange(len(films)))
    outline_tables(maps, films)


def _study(folder: Path, count: int) -> None:
    """A study of finished runs, SEEDS of each entry, with the record of a published one and made-up scores."""
    records = json.loads(RECORDS.read_text(encoding="utf-8"))
    shape = next(record for name, record in records.items() if name.startswith(f"{RUNS}/"))
    files, plan = StudyFolder(folder), []
    for number in range(count):
        entry = {
            "method": "unet",
            "variant": f"v{number // SEEDS}",
            "trained_on": "phantom",
            "seed": number % SEEDS,
            "fold": 0,
        }
        name = f"phantom-unet-v{number // SEEDS}-s{number % SEEDS}-f0"
        run = files.run(name)
        run.root.mkdir(parents=True)
        _scores(run, name, entry, number)
        record = {**shape, "study": folder.name, "run": name, "parameters": {**shape["parameters"], **entry}}
        record |= {FILES: marks_of(run.root, [run.cases])}
        run.record.write_text(json.dumps(sealed(record)), encoding="utf-8")
        plan.append({"id": name, **entry})
    words = {"name": folder.name, "title": "Growth", "question": "", "banner": "", "data": {}, "questions": []}
    files.facts.write_text(json.dumps({**words, "runs": plan}), encoding="utf-8")


def _scores(run: RunFolder, name: str, entry: dict[str, Any], seed: int) -> None:
    from spinelib.runs.tables import complete, write_cases

    index = pd.MultiIndex.from_product([[f"c{i}" for i in range(CASES)], SCORES], names=["case", "metric"])
    table = index.to_frame(index=False)
    table = table.assign(
        patient=table["case"], unit=table["metric"].map(SCORES), value=np.random.default_rng(seed).random(len(table))
    )
    table = table.assign(run=name, dataset="phantom", split="test", view="coronal", structure="spine", **entry)
    write_cases(complete(table, {"study": "growth", "recipe": "common", "width": 1.0}, run.cases), run.cases)


def _with_tables(folder: Path, count: int) -> None:
    _study(folder, count)
    _tables(folder)


def _tables(folder: Path) -> None:
    from spinelib.study.tables import write_tables

    write_tables(sorted(StudyFolder(folder).all_runs.iterdir()), folder)


def _index(folder: Path) -> None:
    from spinelib.report.index import write_index

    write_index(folder)


def _boards(folder: Path) -> None:
    from spinelib.report.leaderboard import boards

    boards(StudyFolder(folder).summary)


OF_FILMS: dict[str, Part] = {
    "prepare": (_films, _prepare),
    "start of a training": (_prepared, _start),
    "prediction and scores": (_prepared, _score),
}
OF_RUNS: dict[str, Part] = {
    "tables": (_study, _tables),
    "boards": (_with_tables, _boards),
    "index": (_with_tables, _index),
}
