"""Tables as published: rounded to six digits, one history of all runs, none with a row for each foreign case."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spinelib.core.layout import RunFolder

LONG = re.compile(r"-?\d*\.\d{6,}(?:[eE][-+]?\d+)?$")
CASES = ("case", "film", "file", "volume", "patient", "image", "mask")  # a column of these: one row per case
PARAMETERS = ("method", "variant", "trained_on", "tested_on", "recipe", "width", "epochs", "batch", "seed", "fold")
RECORDED = ("started", "seconds", "peak_memory_mb", "device", "threads", "commit", "dirty", "code")
TRAINED = ("trained_commit", "trained_code")
FACTS = ("params", "flops", "split_digest")
TRAINING = ("steps", "best_epoch", "best_score", "stopped", "precision")


def compact(text: str) -> str:
    """A CSV table with its numbers rounded to six significant digits."""
    return _written([_short(cell) for cell in row] for row in csv.reader(io.StringIO(text)))


def per_case(text: str) -> bool:
    """Whether a CSV table has a row for each case or patient."""
    return bool(set(next(csv.reader(io.StringIO(text)), [])) & set(CASES))


def history(folders: Iterable[Path]) -> str:
    """``history.csv`` of every run, one below the other, with the run's name first; '' where no run has one."""
    rows: list[dict[str, str]] = []
    for folder in folders:
        path = RunFolder(folder).history
        if path.exists():
            rows += [{"run": folder.name, **row} for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _written([names, *([_short(row.get(name, "")) for name in names] for row in rows)]) if rows else ""


def published_runs(records: Mapping[str, Mapping[str, Any]]) -> str:
    """One row per run from its record: its parameters, its costs, its code and machine."""
    names = ("run", "status", *PARAMETERS, "learning_rate", *TRAINING, *FACTS, *RECORDED, *TRAINED, "cpu", "gpu")
    return _written([names, *(_row(run, record, names) for run, record in records.items())])


def _row(run: str, record: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """Where two parts of a record have the same name: what training chose stands before what was asked for."""
    facts, asked = record.get("facts") or {}, record.get("parameters", {})
    training, recipe = (facts.get(name) or {} for name in ("training", "recipe"))
    chosen = {name: training[name] for name in TRAINING if name in training}
    chosen |= {"learning_rate": recipe["learning_rate"]} if "learning_rate" in recipe else {}
    made = {f"trained_{name}": value for name, value in (record.get("trained") or {}).items()}
    found = {**made, **facts, **(record.get("hardware") or {}), **record, **asked, **chosen, "run": run}
    return [_word(found.get(name, "")) for name in names]


def records_text(records: Mapping[str, Mapping[str, Any]]) -> str:
    """Every record (``run.json``) as one JSON object, a line for each run, without digests of patients' names."""
    kept = {run: {**record, "facts": _untold(record.get("facts") or {})} for run, record in records.items()}
    lines = (f"{json.dumps(run)}: {json.dumps(record, ensure_ascii=False)}" for run, record in kept.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _untold(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "seen"}


def _word(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(_word, value))
    return value if isinstance(value, str) else _short(json.dumps(value, ensure_ascii=False))


def _short(cell: str) -> str:
    return f"{float(cell):.6g}" if LONG.match(cell) else cell


def _written(rows: Iterable[Iterable[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
