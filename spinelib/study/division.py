"""How a run entry divides the patients: its scheme, how many folds there are, and which of them run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.study.schema import check_numbers

# See `spinelib.cases.splits`; the first keeps the test split of the data.
SCHEMES = ("split", "cross", "published")


def read_folds(file: Path, entry: Mapping[str, Any], where: str) -> tuple[list[int], int]:
    """The folds that an entry runs, and how many there are in all (0: not said there).

    ``fold`` is one or a list of them and ``folds`` their number; a list of ``folds`` names those that run, too. Raises
    BadInput for anything else.
    """
    listed = isinstance(entry.get("folds"), list)
    if listed and "fold" in entry:
        raise BadInput(file, f"{where} has both 'fold' and a list of 'folds'", "Keep one of them.")
    chosen = entry["folds"] if listed else entry.get("fold", 0)
    which = check_numbers(
        chosen if isinstance(chosen, list) else [chosen], file, f"'{'folds' if listed else 'fold'}' in {where}"
    )
    count = 0 if listed else entry.get("folds", 0)
    if "folds" in entry and not listed and count < 2:
        raise BadInput(file, f"'folds' in {where} is {count}", "Give 2 or more.")
    return which, count


def check_fold(file: Path, fold: int, count: int, where: str) -> None:
    """Raise BadInput unless `fold` is one of `count` folds (0: number unknown)."""
    if count and fold >= count:
        reason = f"{where} asks for fold {fold} of {count}"
        raise BadInput(file, reason, f"They are counted from 0: choose 0 to {count - 1}, or more 'folds'.")


def check_scheme(file: Path, scheme: Any, where: str) -> str:
    """`scheme` if it is one of SCHEMES; raises BadInput."""
    if scheme not in SCHEMES:
        raise BadInput(file, f"'scheme: {scheme}' in {where}", closest(scheme, SCHEMES))
    return str(scheme)


class OneScheme:
    """Refuses a study in which one entry is tested by two schemes: their tests would be averaged as one."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found: dict[tuple[Any, ...], str] = {}

    def add(self, key: tuple[Any, ...], scheme: str) -> None:
        """Take note of an entry; raises BadInput when it is known by another scheme. key: trained_on and name first."""
        if self.found.setdefault(key, scheme) != scheme:
            reason = f"{key[1]} is trained on '{key[0]}' by the schemes {self.found[key]} and {scheme}"
            raise BadInput(self.file, reason, "Keep one of them in a study.")
