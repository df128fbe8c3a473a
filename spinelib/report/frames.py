"""Tables that notebooks print, made for readers: numbers of few digits, names as in figures, no NaN, no row numbers.

Wide ones are folded. Only what pandas writes is touched (class ``dataframe``), and only its text.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape

from spinelib.models import METHODS
from spinelib.report.words import number

FRAME = re.compile(r'<table\b[^>]*class="dataframe"[^>]*>.*?</table>', re.DOTALL)
CELL = re.compile(r"(<t[hd]\b[^>]*>)(.*?)(</t[hd]>)", re.DOTALL)
ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
DIGITS = 5  # of a number that is shown as it is, its point among them
WIDEST = 12  # columns of a table that is not folded
MISSING = {"NaN", "nan", "None", "<NA>", "NaT"}
POOLED = "_pooled"
UNITS = {"deg": "degrees"}


def readable_frames(html: str) -> str:
    """`html` with the tables of pandas in it made readable; whatever else there is stays as it is."""
    return FRAME.sub(lambda found: _folded(_tidy(found[0])), html)


def _tidy(table: str) -> str:
    rows = [_cells(row) for row in ROW.findall(table)]
    spans = any("span=" in head for row in rows for head, _, _ in row)
    body = [row for row in rows if row and row[0][0].startswith("<th") and any(c[0].startswith("<td") for c in row)]
    # An index that has a name says something, as one of seeds.
    named = any(row[0][1].strip() for row in rows if row and row not in body)
    numbers = [str(i) for i in range(len(body))]
    numbered = not spans and not named and bool(body) and [row[0][1].strip() for row in body] == numbers

    def written(found: re.Match[str]) -> str:
        parts = _cells(found[0])[1 if numbered else 0 :]
        return found[0][: found[0].index(">") + 1] + "".join(f"{a}{readable_cell(b)}{c}" for a, b, c in parts) + "</tr>"

    return ROW.sub(written, table)


def _cells(row: str) -> list[tuple[str, str, str]]:
    return [(found[1], found[2], found[3]) for found in CELL.finditer(row)]


def readable_cell(text: str) -> str:
    """The text of one cell (HTML) as a reader should see it: a number, a metric, entries by name; NaN is a dash."""
    plain = unescape(text).strip()
    if plain in MISSING:
        return "\u2013"
    if NUMBER.fullmatch(plain):
        # What a notebook has rounded keeps its digits
        return number(float(plain)) if len(plain.lstrip("-0.").partition("e")[0]) > DIGITS or "e" in plain else text
    if "<" in text:
        return text
    if not _entries().search(plain):
        return escape(_metric(plain), quote=False)
    # Figures load pandas, and a page without names of entries needs none
    from spinelib.plots.style import short_label

    return escape(_entries().sub(lambda found: short_label(found[0]), plain), quote=False)


@cache
def _entries() -> re.Pattern[str]:
    methods = map(re.escape, METHODS)
    return re.compile(rf"\b({'|'.join(methods)})/(\w[\w.]*)")


def _metric(text: str) -> str:
    """A column that is called by a metric, as figures call it; anything else unchanged."""
    # Metrics load pandas, too
    from spinelib.measures.registry import METRICS

    name, _, unit = text.partition(" ")
    metric = METRICS.get(name.removesuffix(POOLED))
    pooled = ["over all pixels"] if name.endswith(POOLED) else []
    return " ".join([metric.title, *pooled, *([UNITS.get(unit, unit)] if unit else [])]) if metric else text


def _folded(table: str) -> str:
    rows = [_cells(row) for row in ROW.findall(table)]
    widest = max(map(len, rows), default=0)
    if widest <= WIDEST:
        return table
    return f"<details><summary>A table of {widest} columns and {len(rows) - 1} rows</summary>{table}</details>"
