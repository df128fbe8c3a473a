"""What stands beside a film on the desk, as pairs of a name and a value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.seen import USUAL
from spinelib.measures.cobb.reading import Reading

DEGREE = "\N{DEGREE SIGN}"
KINDS = {"vertebrae": "the vertebrae", "centreline": "the centreline; the boxes are stand-ins"}


def fact_lines(now: Correction, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Angles with their end vertebrae, what they were read from, and what the results table says of the film.

    row: columns of the table of results; status, reason and confidence are those of the network's own reading, and stay
    away once somebody has moved a corner or the threshold.
    """
    reading = now.reading
    lines = _angle_lines(reading, now.names) if reading.known else []
    if now.corrected:
        lines += [("Read from", "corners set by hand")]
    elif reading.known:
        lines += [("Read from", KINDS[reading.method])]
    lines += [("Remark", reading.reason)] if reading.reason else []
    read = not now.corrected and now.threshold == USUAL
    return [*lines, *_row_lines(row)] if read else lines


def _angle_lines(reading: Reading, names: list[str]) -> list[tuple[str, str]]:
    upper, lower = (_vertebra(names[k]) for k in reading.ends)
    _, second, third = (f"{angle:.1f}{DEGREE}" for angle in reading.angles)
    return [("Largest angle", f"{upper} to {lower}"), ("Second, third", f"{second}, {third}")]


def _vertebra(name: str) -> str:
    return f"vertebra {name}" if name.isdecimal() else name


def _row_lines(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Confidence, status and network of a film, where the table has them."""
    shown = []
    confidence = row.get("confidence")
    if isinstance(confidence, int | float) and math.isfinite(confidence):
        shown.append(("Confidence", f"{confidence:.2f}"))
    for title, name in (("Status", "status"), ("Why", "reason"), ("Film", "remark"), ("Network", "network")):
        # What a table does not hold is NaN there.
        if (text := row.get(name)) and isinstance(text, str):
            shown.append((title, text))
    return shown
