"""What the apply notebook uses when no run or films are given: the study's best run and its own test films.

(C, our choice) Best is the highest validation Dice of a full model trained by the common recipe on the study's first
data; test films are not used for it. One of the films is cut short on purpose.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from spinelib.cases.manifest import read_manifest
from spinelib.core.errors import BadInput
from spinelib.core.files import replace
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.runs.named import finished_runs
from spinelib.runs.state import read_state

BROKEN = "cut_short"
SEED = 80  # of the digital patients that stand in


def pick_run(results: Path | str) -> Path:
    """Folder of the finished run that validated best on the first data of the study in `results`. Raises BadInput.

    Where no full model was trained on the first data by the common recipe, any run will do.
    """
    folder = Path(results)
    runs = [(files, record) for files, record in finished_runs(folder) if "trained_on" in record.get("parameters", {})]
    records = [(files.root, record) for files, record in runs if _usable(files)]
    if not records:
        raise BadInput(folder, "holds no finished run with weights and their card", "Run 'make study' first.")
    first = _first_data(folder) or records[0][1]["parameters"]["trained_on"]
    return max(records, key=lambda pair: _standing(pair[1], first))[0]


def _usable(files: RunFolder) -> bool:
    return files.weights.exists() and files.card.exists()


def _standing(record: dict[str, Any], first: str) -> tuple[bool, bool, float]:
    given = record["parameters"]
    plain = given.get("variant") == "full" and given.get("recipe", "common") == "common"
    return given["trained_on"] == first, plain, float(record["facts"].get("training", {}).get("best_dice", -1.0))


def _first_data(folder: Path) -> str:
    try:
        return next(iter(json.loads(StudyFolder(folder).facts.read_text(encoding="utf-8"))["data"]))
    except (OSError, ValueError, KeyError, StopIteration):
        return ""


def sample_cases(run: Path, target: Path, count: int = 6) -> Path:
    """Copy `count` test films or volumes of the data that `run` was tested on to `target`, and one cut short; gives it.

    Evenly spread over the test cases. Raises BadInput where the study's data are gone or `target` cannot be written.
    """
    given = read_state(run).record["parameters"]
    name = given["tested_on"][0]
    places = [StudyFolder(run.parent.parent).data(name), RunFolder(run).data_by_hand(name)]
    data = next((place for place in places if place.manifest.exists()), places[0]).root
    cases = [case for case in read_manifest(data) if case.split == "test"] or read_manifest(data)
    chosen = np.unique(np.linspace(0, len(cases) - 1, min(count, len(cases))).round().astype(int))
    for i in chosen:
        _copy(data / cases[i].image, target)
    _cut(data / cases[chosen[0]].image, target)
    return target


def stand_in_films(target: Path, count: int = 6) -> Path:
    """Films of `count` digital patients from the front in `target`, and one cut short; gives it. Raises BadInput."""
    from PIL import Image

    from spinelib.phantom import films, sample_anatomy

    pictures = films(sample_anatomy(count, SEED), "coronal").images
    for number, picture in enumerate(pictures, 1):
        with replace(target / f"digital_patient_{number}.png") as temporary:
            Image.fromarray(picture).save(temporary)
    _cut(target / "digital_patient_1.png", target)
    return target


def _copy(path: Path, target: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, target / path.name, dirs_exist_ok=True)
        return
    with replace(target / path.name) as temporary:
        shutil.copyfile(path, temporary)


def _cut(path: Path, target: Path) -> None:
    """Half of a film's bytes, under another name."""
    path = sorted(path.iterdir())[0] if path.is_dir() else path
    content = path.read_bytes()
    with replace(target / f"{BROKEN}_{path.name}") as temporary:
        temporary.write_bytes(content[: len(content) // 2])
