"""Lines of the ledger of claims as sentences: what was said, what was found, and what it would take to settle it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spinelib.literature.counting import UNTESTED

UNITS = {"deg": "degrees"}


def claim_sentence(row: Mapping[Any, Any]) -> str:
    """A line of the ledger in sentences, without its verdict: the claim, what was published, found, needed and where.

    row: of `judge`, or of its table as text.
    """
    unit = str(row["unit"])
    unit = "" if unit in ("", "1", "nan") else f" {UNITS.get(unit, unit)}"
    published, mean, low, high = (_digits(row[name]) for name in ("published", "mean", "low", "high"))
    words = [f"{row['statement'][:1].upper()}{row['statement'][1:]}."]
    words += [f"Published: {published}{unit}."] if published else []
    found = f"{mean} [{low}, {high}]" if low and low != high else mean
    words += [f"Found here: {found}{unit} ({row['dataset']})."] if mean else []
    needed, what = row.get("needed"), "Testing" if row["verdict"] == UNTESTED else "Settling"
    if isinstance(needed, str) and needed:
        words.append(f"{what} it needs {needed}.")
        words += [f"Study {row['study']} sets out for it."] if row.get("study") else []
    return " ".join(words)


def claim_lines(table: pd.DataFrame) -> str:
    """Lines of the ledger as a list in Markdown, the verdict in front; table: of `judge`."""
    rows = table.to_dict("records")
    lines = [f"- **{row['verdict'].capitalize()}.** {claim_sentence(row)} *{row['source']}*" for row in rows]
    return "\n".join(lines) or "None."


def _digits(value: Any) -> str:
    return f"{float(value):.3g}" if value not in ("", None) and float(value) == float(value) else ""
