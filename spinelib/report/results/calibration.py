"""How far tests and intervals can be trusted: shares of simulated studies, as the published tables hold them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.report.results.words import fixed, markdown_table
from spinelib.statistics.calibration import FEWEST, broken_promises

KINDS = {"rejection": "test", "coverage": "interval"}


def calibration_table(folder: Path, name: str) -> pd.DataFrame:
    """A table of the simulation; raises BadInput where it is not there."""
    if not (folder / name).exists():
        raise BadInput(folder / name, "is not there", "Write it: make calibration.")
    return pd.read_csv(folder / name)


def shares(folder: Path, kind: str, of: str = "differences") -> str:
    """Shares of one kind ('rejection' or 'coverage') by shape, tool and number of patients, in %.

    of: differences, means, ranks or tau. Tools in use are bold.
    """
    rows = calibration_table(folder, "calibration.csv")
    rows = rows[(rows["kind"] == kind) & (rows["of"] == of)]
    rows = rows.assign(tool=rows["tool"].where(~rows["used"], "**" + rows["tool"] + "**"))
    wide = rows.pivot_table(index=["shape", "tool"], columns="n", values="value", sort=False)
    return markdown_table((of, "tool", *(f"{n} patients" for n in wide)), _lines(wide.iterrows()))


def wrong(folder: Path) -> str:
    """Shares of studies without a difference that each analysis rejects, in %, the wrong ones first."""
    rows = calibration_table(folder, "wrong.csv")
    wide = rows.sort_values("right", kind="stable").pivot_table(
        index=["right", "analysis"], columns="n", values="rejection", sort=False
    )
    wide = wide.rename(index={True: "right", False: "wrong"}, level="right")
    return markdown_table(("this is", "analysis", *(f"{n} patients" for n in wide)), _lines(wide.iterrows()))


def not_kept(folder: Path) -> str:
    """The combinations of a tool in use, shape and size from FEWEST patients on that are off, with their verdict."""
    off = broken_promises(calibration_table(folder, "calibration.csv"))
    groups = off.groupby(["kind", "of", "shape", "tool", "verdict"], sort=False)
    lines = [
        [*key[1:4], KINDS[str(key[0])], key[4], ", ".join(map(str, rows["n"])), _ends(rows["value"])]
        for key, rows in groups
    ]
    return markdown_table(("of", "shape", "tool", "kind", "verdict", "patients", "%"), lines)


def core_minutes(folder: Path) -> str:
    """Core-minutes that the simulation took."""
    return fixed(calibration_table(folder, "seconds.csv")["core_seconds"].iloc[0] / 60, 1)


def span(folder: Path, kind: str, tool: str, shape: str) -> str:
    """Smallest and largest share of a tool from FEWEST patients on, in %: ``4.8 to 5.1``."""
    rows = calibration_table(folder, "calibration.csv")
    rows = rows[rows["n"] >= FEWEST]
    found = rows[(rows["kind"] == kind) & (rows["tool"] == tool) & (rows["shape"] == shape)]["value"]
    if found.empty:
        raise BadInput(folder / "calibration.csv", f"has no {kind} of {tool}, {shape}", "Write it: make calibration.")
    return _ends(found)


def _ends(found: pd.Series) -> str:
    return " to ".join(dict.fromkeys(fixed(100 * end, 1) for end in (found.min(), found.max())))


def repetitions(folder: Path) -> str:
    """Number of simulated studies behind each share."""
    return f"{calibration_table(folder, 'calibration.csv')['repetitions'].max():,}"


def _lines(rows: Iterable) -> list[list[str]]:
    return [[*names, *(fixed(100 * cell, 1) for cell in cells)] for names, cells in rows]
