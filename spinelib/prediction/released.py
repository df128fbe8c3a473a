"""The released networks: weights that come with the project, learned from the digital patient alone."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.core.shipped import shipped


@dataclass(frozen=True)
class Released:
    """A released network: its name (that of its folder), what it reads in words, and axes of its images."""

    name: str
    title: str
    dims: int = 2

    @property
    def folder(self) -> Path:
        """Where its weights, its card and its words lie."""
        return shipped("data", "weights", self.name)

    @property
    def there(self) -> bool:
        """Whether its files have come with this copy of the project."""
        return all((self.folder / name).is_file() for name in (CARD, WEIGHTS))


RELEASED: dict[str, Released] = {
    entry.name: entry
    for entry in (
        Released("film", "whole-spine films from the front, standing and bending: outline, corners, Cobb angles"),
        Released("lateral", "films from the side, neck or loin: every vertebra with its name"),
        Released("mr", "lumbar T2 MR volumes: 19 vertebrae and discs", 3),
    )
}


def find_weights(given: Path | str) -> Path:
    """The folder of the released network called `given`, else `given` itself, a folder of a run or of weights.

    A folder of that name counts only where it is written as a path (`./film`). Raises BadInput for the name of a
    released network whose files are not there, and for what is neither a name nor there.
    """
    text = str(given)
    if text in RELEASED:
        entry = RELEASED[text]
        if not entry.there:
            remedy = "Fetch the repository whole, or train it: make study STUDY=release."
            raise BadInput(entry.folder, f"holds no weights of the released network {text!r}", remedy)
        return entry.folder
    path = Path(text).expanduser()
    if not path.exists():
        near = difflib.get_close_matches(text, RELEASED, 1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        names = ", ".join(RELEASED)
        raise BadInput(path, "is neither a released network nor a folder", f"{hint}Use {names}, or a run's folder.")
    return path
