"""What every layout of labels is given, and how it writes labels that it converts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spinelib.cases.manifest import Problem
from spinelib.sources.listing import Listing


@dataclass
class Conversion:
    """The files of the user's, the folder of the prepared data, problems so far and names of the structures.

    `classes` are those the user asked for; a layout that names its own puts them there.
    """

    listing: Listing
    folder: Path
    problems: list[Problem]
    classes: tuple[str, ...] = ("spine",)

    def exclude(self, case: str, file: Path | str, problem: str, remedy: str) -> None:
        """Add a row that says why a film or a label is left out."""
        self.problems.append(Problem(case, str(file), problem, remedy, "excluded"))
