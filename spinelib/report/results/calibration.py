"""How far tests and intervals can be trusted: shares of simulated studies, as the published tables hold them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.report.results.words import fixed, markdown_table


def calibration_table(folder: Path, name: str) -> pd.DataFrame:
    """A table of the simulation; raises BadInput where it is not there."""
    if not (folder / name).exists():
        raise BadInput(folder / name, "is not there", "Write it: make calibration.")
    return pd.read_csv(folder / name)


def shares(folder: Path, kind: str) -> str:
    """Shares of one kind ('rejection' or 'coverage') by shape of the differences, tool and number of patients, in %."""
    rows = calibration_table(folder, "calibration.csv")
    rows = rows[rows["kind"] == kind]
    wide = rows.pivot_table(index=["shape", "tool"], columns="n", values="value", sort=False)
    return markdown_table(("differences", "tool", *(f"{n} patients" for n in wide)), _lines(wide.iterrows()))


def wrong(folder: Path) -> str:
    """Shares of studies without a difference that each analysis rejects, in %, the wrong ones first."""
    rows = calibration_table(folder, "wrong.csv")
    wide = rows.sort_values("right", kind="stable").pivot_table(
        index=["right", "analysis"], columns="n", values="rejection", sort=False
    )
    wide = wide.rename(index={True: "right", False: "wrong"}, level="right")
    return markdown_table(("this is", "analysis", *(f"{n} patients" for n in wide)), _lines(wide.iterrows()))


def calibration_verdicts(folder: Path) -> str:
    """How many combinations of tool, shape and size keep what they promise, by verdict."""
    counts = calibration_table(folder, "calibration.csv")["verdict"].value_counts()
    return markdown_table(("verdict", "combinations"), [[name, count] for name, count in counts.items()])


def span(folder: Path, kind: str, tool: str, shape: str) -> str:
    """Smallest and largest share of a tool over the numbers of patients, in %: ``4.8 to 5.1``."""
    rows = calibration_table(folder, "calibration.csv")
    found = rows[(rows["kind"] == kind) & (rows["tool"] == tool) & (rows["shape"] == shape)]["value"]
    if found.empty:
        raise BadInput(folder / "calibration.csv", f"has no {kind} of {tool}, {shape}", "Write it: make calibration.")
    return " to ".join(dict.fromkeys(fixed(100 * end, 1) for end in (found.min(), found.max())))


def repetitions(folder: Path) -> str:
    """Number of simulated studies behind each share."""
    return f"{calibration_table(folder, 'calibration.csv')['repetitions'].max():,}"


def _lines(rows: Iterable) -> list[list[str]]:
    return [[*names, *(fixed(100 * cell, 1) for cell in cells)] for names, cells in rows]
