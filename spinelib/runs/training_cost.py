"""What a training cost, from the record of its run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def core_seconds(record: Mapping[str, Any]) -> float:
    """Seconds that a run's training took, times the cores that it had; on a card those of the card alone."""
    on_card = str(record.get("device", "cpu")).startswith("cuda")
    return float(record["facts"]["training"]["seconds"] * (1 if on_card else training_threads(record)))


def training_threads(record: Mapping[str, Any]) -> int:
    """Threads that a run's training used: those of its execution may be others."""
    return int(record["facts"]["training"].get("threads") or record.get("threads") or 1)
