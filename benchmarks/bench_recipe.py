"""One training by a published recipe on a graphics card, through papermill, end to end: films, training, test, record.

MDWC-Net as its paper trained it (full width, 256 x 256, 100 epochs of SGD) on few digital patients, so that a loan of a
card of some minutes is enough. What it finds is no result of a study; it shows that a run of one goes through on a card
and what it costs there. A processor would need hours and has no row. SPINE_BENCH_KEEP names a folder that takes the
run's record and its history.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.common import DRY, Row, device_and_card, kinds, python_path, told, where
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.runs.data import prepare_once
from spinelib.runs.state import last_line, read_state

HOME = Path(__file__).parents[1]
METHOD, PATIENTS = "mdwcnet", 80
FILMS: dict[str, Any] = {"dataset": "phantom", "seed": 42, "views": ["coronal"], "test_fraction": 0.2}
FULL: dict[str, Any] = {"recipe": "published", "width": 1.0, "grid": [256, 256], "folds": 8, "learning_rate": 0.0}
SMALL: dict[str, Any] = {"recipe": "shortened", "epochs": 1, "batch": 2, "width": 0.0625, "grid": [32, 32], "folds": 3}
TITLE = f"published recipe of {METHOD} through papermill"


def rows() -> Iterator[Row]:
    """Yield the rows of every card: seconds of training in the whole, memory, and the Dice beside a guess."""
    for kind in [kind for kind in kinds() if kind != "cpu"]:
        device, card = device_and_card(kind)
        given = SMALL if kind == DRY else FULL
        with tempfile.TemporaryDirectory() as place:
            record = run(Path(place), PATIENTS // (8 if kind == DRY else 1), {**given, "device": str(device)})
        for row in told_of(record):
            yield replace(row, where=where(card))


def run(place: Path, patients: int, given: dict[str, Any]) -> dict[str, Any]:
    """The record of a run of the method's notebook in `place`. Raises BadInput with its last line where it fails."""
    prepare_once(place / "data" / "phantom", {**FILMS, "patients": patients, "size": given["grid"]})
    files = RunFolder(place / "runs" / METHOD)
    files.root.mkdir(parents=True)
    shared = {"out": str(files.root), "data": str(place / "data"), "study": "card", "method": METHOD}
    command = [sys.executable, "-m", "papermill", str(HOME / "notebooks" / f"11_{METHOD}.ipynb"), str(files.notebook)]
    command += ["--engine", "spinelib", "-k", "spinelib", "--cwd", str(place), "--no-progress-bar"]
    command += ["-y", yaml.safe_dump({**shared, **given})]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    console = place / "console.txt"
    with console.open("w", encoding="utf-8") as log:
        status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=environment, check=False).returncode
    state = read_state(files.root)
    _keep(files, console)
    if status or state.status != "finished":
        raise BadInput(f"{METHOD} through papermill", state.error or last_line(console), "Its console says more.")
    return state.record


def _keep(files: RunFolder, console: Path) -> None:
    folder = os.environ.get("SPINE_BENCH_KEEP", "")
    for path in (files.record, files.failure, files.history, console):
        if folder and path.exists():
            shutil.copyfile(path, Path(folder) / f"recipe_{path.name}")


def told_of(record: dict[str, Any]) -> Iterator[Row]:
    """The rows of a record."""
    facts = record["facts"]
    training, signs = facts["training"], facts["signs"]["phantom"]
    title = f"{TITLE}, {training['epochs']:.0f} epochs of {facts['data']['phantom']['films']} films"
    whole = record["seconds"]
    yield told(f"{title}: training in the whole notebook", training["seconds"], whole, whole / training["seconds"], "s")
    here, there = record["peak_gpu_memory_mb"], record["peak_memory_mb"]
    if here:
        yield told(f"{title}: peak memory of the card beside the process's own", here, there, there / here, "MB")
    dice, guess = signs["dice"], signs["dice_guess"]
    yield told(f"{title}: Dice of the test films beside a guess", dice, guess, dice / guess, "Dice")
