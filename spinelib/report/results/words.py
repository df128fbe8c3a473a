"""Numbers, intervals and tables as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[Any, Any]  # a row of a table: cells by column


def fixed(value: float, digits: int = 3) -> str:
    """`value` with `digits` decimals, never minus zero; '' where it is not known."""
    if math.isnan(value):
        return ""
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def interval(mean: float, low: float, high: float, digits: int = 3) -> str:
    """A mean with its interval, ``0.796 [0.754, 0.814]``; the mean alone where the interval is not known."""
    if math.isnan(low) or math.isnan(high):
        return fixed(mean, digits)
    return f"{fixed(mean, digits)} [{fixed(low, digits)}, {fixed(high, digits)}]"


def side(low: float, high: float, value: float = 0.0) -> str:
    """Where an interval lies relative to `value`: ``above``, ``below``, or '' where it holds it or is not known."""
    return "above" if low > value else "below" if high < value else ""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns that are empty in every row are left out."""
    cells = [[str(cell) for cell in row] for row in rows]
    kept = [i for i in range(len(header)) if not cells or any(row[i] for row in cells)]
    lines = [header, ["---"] * len(header), *cells]
    return "\n".join(f"| {' | '.join(line[i].replace('|', chr(92) + '|') for i in kept)} |" for line in lines)


def listed_in_words(words: Sequence[str]) -> str:
    """Words as a list within a sentence: ``a, b and c``; ``none`` for no word."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words or ["none"])
