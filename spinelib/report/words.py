"""Numbers and times as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from markupsafe import Markup

from spinelib.core.shown import short

NAMES = re.compile(r"\[(?:'[^']*'(?:, )?)+\]")  # a list of names as Python writes it
FEW = 4


def duration(seconds: Any) -> str:
    """Seconds as ``8.2 s``, ``3 min 20 s`` or ``2 h 05 min``; '' for nothing."""
    if not isinstance(seconds, (int, float)):
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def number(value: Any, digits: int = 3) -> str:
    """A number with thin thousands and about `digits` significant digits; anything else unchanged; a dash for NaN."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if value != value:
        return "\u2013"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u202f")
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.{digits}f}" if 0.001 <= abs(value) < 1 else f"{value:.{digits}g}"


def score_words(value: float, unit: str = "") -> str:
    """A score as boards print it: three decimals of a share, one of a length or an angle; a dash for NaN."""
    return f"{value:.{1 if unit else 3}f}" if value == value else "\u2013"


def name_html(name: Any, letters: int = 60) -> Markup:
    """A name of the user's as HTML: a long one shortened in its middle, the whole of it shown when pointed at."""
    whole, brief = str(name), short(str(name), letters)
    title = f' title="{escape(whole)}"' if brief != whole else ""
    # Isolated, so that letters that turn the direction of writing turn nothing around them
    return Markup(f"<bdi{title}>{escape(brief)}</bdi>")


def folded_lists(text: str) -> Markup:
    """Words as HTML in which a list of more than FEW names, as of films, is folded behind their number."""
    parts, end = [], 0
    for found in NAMES.finditer(text):
        count = found[0].count("', '") + 1
        if count > FEW:
            names = escape(found[0])
            shown = f"<details><summary>{count} names</summary>{names}</details>"
            parts += [escape(text[end : found.start()]), shown]
            end = found.end()
    return Markup("".join([*parts, escape(text[end:])]))


def in_groups(things: Iterable[Any], attribute: str) -> list[tuple[str, list[Any]]]:
    """Things by the value of an attribute, the values in the order in which they first occur."""
    found: dict[str, list[Any]] = {}
    for thing in things:
        found.setdefault(str(getattr(thing, attribute)), []).append(thing)
    return list(found.items())
