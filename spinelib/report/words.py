"""Numbers and times as people read them."""

from __future__ import annotations

from html import escape
from typing import Any

from markupsafe import Markup

from spinelib.core.shown import short


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


def name_html(name: Any, letters: int = 60) -> Markup:
    """A name of the user's as HTML: a long one shortened in its middle, the whole of it shown when pointed at."""
    whole, brief = str(name), short(str(name), letters)
    title = f' title="{escape(whole)}"' if brief != whole else ""
    # Isolated, so that letters that turn the direction of writing turn nothing around them
    return Markup(f"<bdi{title}>{escape(brief)}</bdi>")
