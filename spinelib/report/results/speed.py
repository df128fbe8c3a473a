"""Speed: the newest row of every benchmark, by subject."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.report.results.words import fixed, markdown_table

RESULTS = Path("benchmarks") / "results.csv"
# Names of rows that stand as one line for each network or film.
BREAKDOWN, FILM_BREAKDOWN = ("time of a step",), ("time of a film",)
# Subjects by how a benchmark's name begins; the first that fits takes it.
SUBJECTS = {
    "Training step": ("training step",),
    "Prediction": ("prediction",),
    "Where the time of a training step goes": BREAKDOWN,
    "One film from its file to its overlay": ("reading",),
    "Where the time of a film goes": FILM_BREAKDOWN,
    "Metrics of outlines": ("metrics",),
    "Intervals": ("percentile bootstrap", "BCa bootstrap", "bootstrap-t", "bootstrap_t", "wider bounds"),
    "The digital patient": ("digital patient",),
    "How near the processor's own limit": ("matrix rate",),
    "On a graphics card": ("images per second", "step ", "published recipe", "tests on a graphics card"),
    "Preparing many films": ("preparing",),
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
            broken = begins in (BREAKDOWN, FILM_BREAKDOWN)
            made = _breakdown(here, begins[0]) if broken else markdown_table(HEADER, map(_cells, _records(here)))
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


def _breakdown(rows: pd.DataFrame, begin: str) -> str:
    """Lines for all networks or films and machines, a column for every kind of part: per cent of the whole time.

    One table for each set of kinds that belong together.
    """
    parts = rows["name"].str.extract(rf"^{begin},? (?P<of>.*): (?P<kind>.*)$").assign(where=rows["where"])
    parts["share"] = (100 * rows["ratio"]).map(lambda share: fixed(share, 1))
    parts["whole"] = rows["peer"].map(lambda whole: f"{whole:.4g} ms")
    tables: dict[tuple[str, ...], list[list[str]]] = {}
    for (name, _), here in parts.groupby(["of", "where"], sort=False):
        tables.setdefault(tuple(here["kind"]), []).append([str(name), here["whole"].iloc[0], *here["share"]])
    header = ("what", "whole")
    return "\n\n".join(
        markdown_table((*header, *(f"{kind} (%)" for kind in kinds)), lines) for kinds, lines in tables.items()
    )


def _cells(row: dict) -> list[str]:
    words, met = _show().aim(row)
    spread = "" if pd.isna(row["low"]) else f" ({fixed(row['low'], 2)} to {fixed(row['high'], 2)})"
    sides = [f"{row[side]:.4g} {row['unit']}" for side in ("ours", "peer")]
    # What an exponent's line is at one, beside the exponent.
    sides[0] += "" if pd.isna(row["intercept"]) else f", {row['intercept']} at one"
    return [row["name"], *sides, fixed(row["ratio"], 2) + spread, words and words + ("" if met else ", **missed**")]
