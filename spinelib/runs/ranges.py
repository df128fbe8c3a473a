"""Which numbers and words a parameter may be, by its name, in every notebook that declares it.

A number that means nothing is refused before anything starts. Otherwise something else would be done in its place: no
epochs at all would be taken for "as many as usual", a negative factor for the smallest network. A word that names
nothing would stop a run, or a question that is asked when all runs have finished.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from spinelib.core.errors import closest
from spinelib.core.names import PRECISIONS, PROBED_PRECISION, SHORTENED

# Generators of numpy take no larger seed: two that differ by this number would train the same network.
SEEDS = 2**32
# Rows, columns or slices of a grid; anything larger is a slip, or a film that no memory holds.
LARGEST_SIDE = 2**14


class Range(NamedTuple):
    """Numbers from `low` to `high`; the ends belong to it unless `above` or `below` says otherwise."""

    low: float
    high: float = inf
    above: bool = False
    below: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        good = value > self.low if self.above else value >= self.low
        return good and (value < self.high if self.below else value <= self.high)

    def __str__(self) -> str:
        """In words."""
        low = f"above {self.low:g}" if self.above else f"at least {self.low:g}"
        return low if self.high == inf else f"{low} and {'below' if self.below else 'at most'} {self.high:g}"


# For lists: each of their numbers. Where 0 is allowed it means "off", "all" or "as it is", as the notebooks say.
RANGES = {
    "augmentation_strength": Range(0, 2),
    "batch": Range(1),
    "batches": Range(1),
    "best": Range(0),
    "ema": Range(0, 1, below=True),
    "epochs": Range(0, above=True),
    "films": Range(1),
    "fold": Range(0),
    "folds": Range(1),
    "grid": Range(1, LARGEST_SIDE),
    "grids": Range(1, LARGEST_SIDE),
    "hours": Range(0),
    "learning_rate": Range(0),
    "length": Range(0),
    "lengths": Range(0, above=True),
    "margin": Range(0),
    "own_grid": Range(1, LARGEST_SIDE),
    "paper_width": Range(0, 8, above=True),
    "patients": Range(0),
    "repetitions": Range(1),
    "rounds": Range(1),
    "seed": Range(0, SEEDS, below=True),
    "severities": Range(1, 5),
    "share": Range(0, 1),
    "shown": Range(0),
    "sizes": Range(1),
    "threads": Range(0),
    "train_films": Range(0),
    "width": Range(0, 8, above=True),
    "window": Range(1, LARGEST_SIDE),
}
# How many numbers a list may have.
COUNTS = {"grid": (0, 2, 3), "own_grid": (0, 2, 3), "window": (0, 3)}


# For lists: each of their words. Of later rooms they are written out, and a test compares them.
WORDS: Mapping[str, Collection[str]] = {
    "compiled": ("", "default", "graphs"),
    "detector": ("small", "full"),
    "ends": ("small", "full"),
    "precision": (PROBED_PRECISION, *PRECISIONS),
    "recipe": ("common", "published", SHORTENED),
    "size": ("tiny", "small", "vit_b"),
}


def check_range(name: str, value: Any) -> None:
    """Raise ValueError for a number or a word that the parameter `name` cannot be, or a list of too many or too few."""
    allowed = RANGES.get(name, Range(-inf))
    for number in _numbers(value):
        if not allowed.holds(number):
            raise ValueError(f"{number} is not {allowed}")
    counts = COUNTS.get(name)
    if counts and isinstance(value, list) and len(value) not in counts:
        raise ValueError(f"{value} has not {' or '.join(map(str, counts))} numbers")
    words = value if isinstance(value, list) else [value]
    # Nothing is loaded for an empty list.
    known = known_words(name) if words else ()
    for word in words if known else []:
        if word not in known:
            raise ValueError(f"{word!r} is not known ({closest(word, known).rstrip('.')})")


def known_words(name: str) -> Collection[str]:
    """Words that the parameter `name` may be; () for one that may be anything."""
    # Registries are loaded where they are asked for alone: pages are made without pandas, most plans without torch.
    if name in ("method", "methods"):
        from spinelib.models import METHODS

        return METHODS
    if name == "metric":
        from spinelib.measures.registry import METRICS

        return {*METRICS, *(f"{metric}_pooled" for metric in METRICS)}
    if name == "corruptions":
        from spinelib.corruptions import CORRUPTIONS

        return CORRUPTIONS
    if name == "views":
        from spinelib.cases.manifest import VIEWS

        return VIEWS
    return WORDS.get(name, ())


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _numbers(part)
    elif type(value) in (int, float):
        yield value
