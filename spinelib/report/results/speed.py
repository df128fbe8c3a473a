"""Speed: the newest row of every benchmark, by subject."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.report.results.words import fixed, markdown_table

RESULTS = Path("benchmarks") / "results.csv"
# Names of rows that stand as one line for each network.
BREAKDOWN = ("time of a step",)
# Subjects by how a benchmark's name begins; the first that fits takes it.
SUBJECTS = {
    "Training step": ("training step",),
    "Prediction": ("prediction",),
    "Where the time of a training step goes": BREAKDOWN,
    "Metrics of outlines": ("metrics",),
    "Intervals": ("percentile bootstrap", "BCa bootstrap", "bootstrap-t", "bootstrap_t", "wider bounds"),
    "The digital patient": ("digital patient",),
    "How near the processor's own limit": ("matrix rate",),
    "On a graphics card": ("images per second", "step ", "published recipe", "tests on a graphics card"),
    "Growth": ("seconds against", "memory against", "speed against", "peak memory"),
    "Instructions of hot functions": ("instructions of",),
    "What the number format does to scores": ("scores of",),
    "What a study costs beside its training": ("overhead", "a study with nothing to do"),
    "More": ("",),
}
HEADER = ("what", "ours", "peer", "ratio (quartiles)", "aim")


def speed_tables(root: Path) -> str:
    """A section of Markdown per subject: ours, peer, their ratio with its quartiles, and the project's aim, if any.

    Raises BadInput where `root` holds no benchmarks.
    """
    rows = newest(root)
    parts, left = [], rows
    for subject, begins in SUBJECTS.items():
        here, left = left[left["name"].str.startswith(begins)], left[~left["name"].str.startswith(begins)]
        if len(here):
            made = _breakdown(here) if begins == BREAKDOWN else markdown_table(HEADER, map(_cells, _records(here)))
            parts.append(f"## {subject}\n\n{made}")
    return "\n\n".join(parts)


def newest(root: Path) -> pd.DataFrame:
    """The last row of every benchmark and machine."""
    if not (root / RESULTS).exists():
        raise BadInput(root / RESULTS, "is not there", "Call this in the folder of the repository.")
    rows: pd.DataFrame = _show().newest(root / RESULTS)
    return rows


def missed(root: Path) -> str:
    """How many of the rows with an aim miss it: ``9 of 40``."""
    aims = [_show().aim(row) for row in newest(root).to_dict("records")]
    judged = [met for words, met in aims if words]
    return f"{len(judged) - sum(judged)} of {len(judged)}"


def on_a_card(root: Path) -> bool:
    """Whether any row was measured on a graphics card: all others name the processor's threads, or callgrind."""
    return any("thread" not in machine and "Python" not in machine for machine in newest(root)["where"])


def where(root: Path) -> str:
    """The machines, with commits and days of their rows."""
    rows = newest(root)
    return "; ".join(
        f"{machine} (commit {', '.join(here['commit'].unique())}; {', '.join(here['date'].unique())})"
        for machine, here in rows.groupby("where", sort=False)
    )


def _show() -> ModuleType:
    """The aims stand with the benchmarks, which are no part of the library."""
    return importlib.import_module("benchmarks.show")


def _records(rows: pd.DataFrame) -> list[dict]:
    return rows.to_dict("records")


def _breakdown(rows: pd.DataFrame) -> str:
    """A line for every network and machine, a column for every kind: per cent of the time of its step."""
    parts = rows["name"].str.extract(rf"^{BREAKDOWN[0]} (?P<network>.*): (?P<kind>.*)$")
    shares = (100 * rows["ratio"]).map(lambda share: fixed(share, 1))
    known = {key: list(dict.fromkeys(parts[key])) for key in ("network", "kind")}
    lines = []
    for network in known["network"]:
        for machine in rows["where"][parts["network"] == network].unique():
            here = (parts["network"] == network) & (rows["where"] == machine)
            cells = dict(zip(parts["kind"][here], shares[here], strict=True))
            whole = f"{rows['peer'][here].iloc[0]:.4g} ms"
            lines.append([network, whole, *(cells.get(kind, "") for kind in known["kind"])])
    return markdown_table(("network", "step", *(f"{kind} (%)" for kind in known["kind"])), lines)


def _cells(row: dict) -> list[str]:
    words, met = _show().aim(row)
    spread = "" if pd.isna(row["low"]) else f" ({fixed(row['low'], 2)} to {fixed(row['high'], 2)})"
    sides = [f"{row[side]:.4g} {row['unit']}" for side in ("ours", "peer")]
    # What an exponent's line is at one, beside the exponent.
    sides[0] += "" if pd.isna(row["intercept"]) else f", {row['intercept']} at one"
    return [row["name"], *sides, fixed(row["ratio"], 2) + spread, words and words + ("" if met else ", **missed**")]
