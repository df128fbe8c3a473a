"""Numbers and names in sentences."""

from __future__ import annotations

MANY = 4  # names beyond these are counted, not listed


def with_interval(mean: float, low: float, high: float, digits: int = 3) -> str:
    """``0.787 [0.754, 0.804]``."""
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def listed(names: list[str]) -> str:
    """Names joined by commas; those beyond MANY are counted."""
    rest = len(names) - MANY
    return ", ".join(names[:MANY]) + (f" and {rest} more" if rest > 0 else "")
