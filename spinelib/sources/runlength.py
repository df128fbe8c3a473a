"""Masks as run lengths, as COCO stores them.

(A) COCO API, maskApi.c: counts of pixels outside and inside in turn, column by column; in text each count is the
difference to the count before the last (from the fourth on), in groups of five bits, low ones first, 48 added.

Marks: (A) stated in the paper.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput

REMEDY = "Export the masks again."
MAX_PIXELS = 120_000_000


def decode_runs(file: Path, content: Any) -> NDArray[np.bool_]:
    """The mask [H, W] of COCO's {"size": [H, W], "counts": text or numbers}. Raises BadInput."""
    try:
        height, width = (int(each) for each in content["size"])
        counts = content["counts"]
        runs = _text(counts) if isinstance(counts, str | bytes) else [int(each) for each in counts]
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise BadInput(file, "holds run lengths that cannot be read", REMEDY) from error
    if not 0 < height * width <= MAX_PIXELS or min(runs, default=-1) < 0 or sum(runs) != height * width:
        reason = f"holds run lengths of {sum(runs)} pixels for a mask of {width} x {height}"
        raise BadInput(file, reason, REMEDY)
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape(width, height).T


def encode_runs(inside: NDArray[np.bool_]) -> list[int]:
    """The counts of a mask [H, W], pixels outside and inside in turn, column by column; `decode_runs` reads them."""
    flat = np.concatenate([[False], np.asarray(inside, bool).T.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], changes, [inside.size]])).tolist()


def _text(counts: str | bytes) -> list[int]:
    """Counts from their text; raises ValueError where it breaks off."""
    data = counts.encode("ascii") if isinstance(counts, str) else counts
    runs: list[int] = []
    value = shift = 0
    for byte in data:
        group = byte - 48
        if not 0 <= group < 64 or shift > 50:
            raise ValueError("not a run length")
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("cut short")
    return runs
