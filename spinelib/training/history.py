"""The course of a training: one row per validation, and the facts of the run."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core import files
from spinelib.core.layout import HISTORY, TRAINING, WEIGHTS
from spinelib.core.seals import read_sealed, sealed

COLUMNS = (
    "epoch",
    "step",
    "train_loss",
    "validation_loss",
    "validation_score",
    "validation_dice",
    "lr",
    "seconds",
    "images_per_second",
)


@dataclass
class History:
    """Rows of a training: COLUMNS, then ``validation_NAME`` of what else its objective measures.

    validation_score chooses the best weights, the Dice itself for most objectives; seconds are those of the row,
    images per second those of training alone. facts: steps, best_epoch, best_score, best_loss, best_dice and so on,
    stopped (length, patience or hours), seconds, resumed, precision, milliseconds per step of each precision timed,
    resident, device, threads, weights, mixed_code. made: by which code and machine, and when it ended; empty for one
    of an earlier version, which did not keep it.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a table, oldest first."""
        others = dict.fromkeys(name for row in self.rows for name in row if name not in COLUMNS)
        return pd.DataFrame(self.rows, columns=[*COLUMNS, *others])

    def write(self, folder: Path) -> None:
        """Write `history.csv`."""
        files.write_text(folder / HISTORY, self.table.to_csv(index=False))


def record_path(folder: Path) -> Path:
    """The file whose presence says that the weights beside it are those of a finished training."""
    return folder / TRAINING


def write_record(folder: Path, history: History, identity: dict[str, Any]) -> None:
    """Write `training.json`: the mark of a finished training, what it was and how it went."""
    weights = files.digest(folder / WEIGHTS)
    record = {"identity": identity, "facts": history.facts, "rows": history.rows, "weights": weights}
    record |= {"made": history.made} if history.made else {}
    files.write_text(record_path(folder), json.dumps(sealed(record), indent=1))


def read_record(folder: Path, identity: dict[str, Any]) -> History | None:
    """The history of a finished training in `folder`, if it has the same identity, code included.

    Warns of a record or weights that are damaged or were edited; the training is then not taken for finished.
    """
    path, weights = record_path(folder), folder / WEIGHTS
    if not path.exists() or not weights.exists():
        return None
    record = read_sealed(path)
    if record is not None and record.get("identity") != identity:
        return None
    if record is None or record.get("weights") != files.digest(weights):
        damaged = path if record is None else weights
        warnings.warn(f"{damaged}: is damaged, or was edited. The training begins again.", stacklevel=3)
        return None
    return History(record["rows"], record["facts"], record.get("made", {}))
