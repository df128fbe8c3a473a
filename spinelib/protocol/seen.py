"""Which patients a network has seen, kept with its weights: no run starts from them that tests one of these patients.

Patients that chose the checkpoint were seen as well as those that trained, and so were those of every training that the
weights started from. Names are kept as digests, by what the data are: of digital patients the seed says who they are,
of public data the name of the data set, of somebody's own folder the place where it lies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.cases.manifest import read_manifest
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import DataFolder
from spinelib.prediction.card import Card
from spinelib.protocol.config import RunConfig
from spinelib.protocol.division import Division
from spinelib.protocol.pretraining import weights_file
from spinelib.runs import Run
from spinelib.sources import DATASETS

Seen = dict[str, list[str]]
# Instead of names: every patient of these data, as of digital patients too many to list.
EVERY, MOST = "*", 2000
# Beside the data: some of what the weights have seen is not known.
UNKNOWN_ORIGIN = "weights of unknown origin"
SHOWN = 3


def note_seen(run: Run, arrays: CaseArrays, division: Division) -> None:
    """Put into the run's record which patients its network will have seen when it is trained on `division`.

    Raises BadInput where the weights that it starts from have seen a patient whom the run tests (`check_unseen`).
    """
    before = check_unseen(run, arrays)
    chosen = np.concatenate([division.train, division.validation])
    run.note(seen=_joined(before, patients_of(run, arrays.table.iloc[np.unique(chosen)])))


def patients_of(run: Run, table: pd.DataFrame) -> Seen:
    """Digests of the patients and cases in a table of the data that a run is trained on, by what the data are."""
    config = RunConfig.of(run)
    added = table["added"].to_numpy(bool) if "added" in table else np.zeros(len(table), bool)
    found = {_kind(run.manifest(config.trained_on).parent): _marks(table[~added])}
    # Which of the added data a case is from is not told: it counts for each of them.
    return _joined(found, *({_kind(run.manifest(name).parent): _marks(table[added])} for name in config.added))


def check_unseen(run: Run, arrays: CaseArrays) -> Seen:
    """What the weights that a run starts from have seen; empty for one that starts from nothing.

    arrays: of the data that the run is trained on. Raises BadInput where a patient is among it whom the run tests.
    Weights that do not say what they have seen are taken with a remark, which the record keeps.
    """
    config = RunConfig.of(run)
    if not config.pretrained:
        return {}
    seen = _read(weights_file(config.pretrained).parent)
    if UNKNOWN_ORIGIN in seen:
        print(f"{config.pretrained}: what these weights have seen is not known; test patients may be among it")
    for name in config.tested_on:
        folder = run.manifest(name).parent
        known = set(seen.get(_kind(folder), ()))
        table = arrays.table if name == config.trained_on else _manifest(folder) if known else arrays.table[:0]
        tested = table[table["split"] == "test"]
        met = sorted({str(row.patient) for row in tested.itertuples() if known & {EVERY, *_marks_of(row)}})
        if met:
            named = ", ".join(met[:SHOWN]) + (f" and {len(met) - SHOWN} more" if len(met) > SHOWN else "")
            remedy = "Start from weights that saw none of them, or test on other patients."
            raise BadInput(config.pretrained, f"has seen patients whom this run tests on {name} ({named})", remedy)
    return seen


def _read(folder: Path) -> Seen:
    """What the weights in `folder` have seen, by their card; of a release by what each stretch was made with."""
    try:
        data = Card.read(folder).data
    except BadInput:
        return {UNKNOWN_ORIGIN: [EVERY]}
    if "stretches" in data:
        return {_kind_of(stretch["data"]): [EVERY] for stretch in data["stretches"] if stretch.get("data")}
    return dict(data.get("seen", {UNKNOWN_ORIGIN: [EVERY]}))


def _kind(folder: Path) -> str:
    """What the data prepared in `folder` are."""
    try:
        options = json.loads(DataFolder(folder).options.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return folder.name
    return _kind_of(options)


def _kind_of(options: Mapping[str, Any]) -> str:
    name = str(options.get("dataset", ""))
    if name in DATASETS and not DATASETS[name].needs_source:
        return f"{name} of seed {options.get('seed', '')}"
    if name == "folder":
        return f"folder {digest(str(Path(str(options.get('source', ''))).resolve()))}"
    return name


def _manifest(folder: Path) -> pd.DataFrame:
    cases = read_manifest(folder)
    return pd.DataFrame({name: [getattr(case, name) for case in cases] for name in ("case", "patient", "split")})


def _marks(table: pd.DataFrame) -> list[str]:
    if table["patient"].nunique() > MOST:
        return [EVERY]
    return sorted({mark for row in table.itertuples() for mark in _marks_of(row)})


def _marks_of(row: Any) -> tuple[str, str]:
    """Of a patient and of a case: another preparation may name patients otherwise."""
    return digest("patient", str(row.patient))[:12], digest("case", str(row.case))[:12]


def _joined(*parts: Mapping[str, Iterable[str]]) -> Seen:
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sorted({mark for part in parts for mark in part.get(name, ())}) for name in names}
