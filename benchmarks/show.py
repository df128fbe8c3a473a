"""The newest result of every name and machine as a markdown table, beside the aim of the project if it has one."""

from __future__ import annotations

import operator
import re
from pathlib import Path

import pandas as pd

from benchmarks.common import RESULTS

# The first pattern that a name matches gives its aim: column, sign, number.
AIMS = (
    (r"training step .*against frozen batch", "ratio", "≥", 0.85),
    (r"training step .*against plain loop$", "ratio", "≥", 2.0),
    (r"training step .*, our precision$", "ratio", "≥", 1.0),
    (r"training step .*cpu.*against", "ratio", "≥", 1.3),
    (r"training step .*cuda.*against", "ratio", "≥", 2.0),
    (r"prediction .*against eager", "ratio", "≥", 2.0),
    (r"matrix rate 2-D .*cpu, step", "ratio", "≥", 0.6),
    (r"matrix rate 3-D .*cpu, step", "ratio", "≥", 0.3),
    (r"metrics.* structures (\d+x\d+x\d+|\d+\^3), against MONAI", "ratio", "≥", 20.0),
    (r".* bounds of .*, against 1 s", "ours", "<", 1.0),
    (r"overhead of all jobs of quick", "ours", "≤", 0.08),
    (r"overhead of the .* questions of quick", "ours", "≤", 0.25),
    (r"preparing .*, cores at work", "ratio", "≥", 0.8),
    (r"reading ", "ours", "≤", 0.5),
    (r"a study with nothing to do", "ours", "≤", 2.0),
    (r"digital patient, .*processes", "ratio", "≥", 1.0),
    (r"peak memory, .* films", "ratio", "≥", 0.9),
    (r"(seconds|memory) against (films|runs)", "ours", "≤", 1.05),
    (r"instructions of", "ratio", "≥", 0.95),
)
MEETS = {"≥": operator.ge, "≤": operator.le, "<": operator.lt}
HEADER = ("what", "ours", "peer", "ratio (quartiles)", "core time", "aim", "commit", "date")


def newest(path: Path = RESULTS) -> pd.DataFrame:
    """The last row of each name and machine, in the order of the file."""
    rows = pd.read_csv(path, dtype={"commit": "string", "date": "string", "intercept": "string"})
    rows = rows.reindex(columns=list(dict.fromkeys([*rows.columns, "intercept"])))
    return rows.drop_duplicates(["where", "name"], keep="last")


def markdown(rows: pd.DataFrame) -> str:
    """One table for every machine; a ratio is peer over ours, and **missed** stands beside an aim that was."""
    parts = []
    for where, here in rows.groupby("where", sort=False):
        lines = [HEADER, ["---"] * len(HEADER), *map(_cells, here.to_dict("records"))]
        parts.append("\n".join([f"{where}:", "", *(f"| {' | '.join(line)} |" for line in lines)]))
    return "\n\n".join(parts)


def aim(row: dict) -> tuple[str, bool]:
    """The aim of a row in words ('' for none), and whether the row meets it."""
    for pattern, column, sign, number in AIMS:
        if re.match(pattern, row["name"]):
            return f"{column} {sign} {number:g}", bool(MEETS[sign](row[column], number))
    return "", True


def _cells(row: dict) -> list[str]:
    words, met = aim(row)
    spread = "" if pd.isna(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"
    cores = "" if pd.isna(row["core_ratio"]) else f"{row['core_ratio']:.2f} x"
    numbers = [f"{row[side]:.4g} {row['unit']}" for side in ("ours", "peer")]
    ratio = f"{row['ratio']:.2f} x{spread}"
    return [row["name"], *numbers, ratio, cores, words + " **missed**" * (not met), row["commit"], row["date"]]
