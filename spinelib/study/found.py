"""What a folder of somebody's films or volumes holds, as a study will read it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spinelib.cases.manifest import Case, Problem, read_classes, read_file_uses, read_manifest, read_problems
from spinelib.cases.readers.images import picture_size
from spinelib.cases.volume import is_volume, stored_affine
from spinelib.core.errors import BadInput
from spinelib.sources import prepare
from spinelib.sources.layouts import is_image
from spinelib.sources.listing import list_files

READ_FIRST = "Read them, correct what was read and name the folder of the corrected files (docs/how-to/label-films.md)."
MOST = 6


@dataclass(frozen=True)
class FoundData:
    """What the data set `folder` makes of a folder.

    cases: usable ones; classes: names of their structures; problems: what was wrong; sizes [N, 2 or 3]: px of films
    (rows, columns), in px as wide as high, or voxels of volumes; unlabelled: images that are used for nothing.
    """

    folder: Path
    cases: tuple[Case, ...]
    classes: tuple[str, ...]
    problems: tuple[Problem, ...]
    sizes: np.ndarray
    unlabelled: int

    @property
    def films(self) -> bool:
        """Whether it holds films; else volumes."""
        return self.sizes.shape[1] == 2

    @property
    def train(self) -> tuple[Case, ...]:
        """The cases to learn from."""
        return tuple(case for case in self.cases if case.split != "test")

    @property
    def with_corners(self) -> int:
        """How many films have the corners of their vertebrae."""
        return sum(bool(case.landmarks) for case in self.cases)

    def words(self) -> list[str]:
        """What was found, a plain line for each fact."""
        kind = "films" if self.films else "volumes"
        sides = Counter(case.split for case in self.cases)
        views = Counter(case.view for case in self.cases)
        low, middle, high = np.percentile(self.sizes, (0, 50, 100), axis=0).astype(int).tolist()
        sized = " x ".join(f"{b} ({a} to {c})" for a, b, c in zip(low, middle, high, strict=True))
        lines = [
            f"{len(self.cases)} {kind} with labels, of {len(_patients(self.cases))} patients, in {self.folder}",
            f"structures: {', '.join(self.classes)}",
            f"size, {'rows x columns' if self.films else 'slices, rows and columns'}: {sized}",
            f"to learn from: {len(self.train)}; to test on, other patients: {sides['test']}",
        ]
        if self.films:
            lines.append(f"views: {', '.join(f'{name} {count}' for name, count in views.items())}")
            lines.append(f"corners of vertebrae, for Cobb angles: {self.with_corners} of {len(self.cases)} films")
            spaced = sum(case.spacing is not None for case in self.cases)
            lines.append(f"millimetres per pixel are known of {spaced} of {len(self.cases)} films")
        if self.unlabelled:
            lines.append(f"without a label, or not usable: {self.unlabelled} {kind}; they are left out")
        return [*lines, *self._faults()]

    def _faults(self) -> list[str]:
        """What was wrong, the most frequent first."""
        count = Counter((each.problem, each.remedy) for each in self.problems)
        first = {(each.problem, each.remedy): each.case or each.file for each in reversed(self.problems)}
        lines = [f"{n} x {text} ({first[text, way]}). {way}" for (text, way), n in count.most_common(MOST)]
        return lines + ([f"and {len(count) - MOST} other remarks, in problems.csv"] if len(count) > MOST else [])


def _patients(cases: Sequence[Case]) -> set[str]:
    return {case.patient for case in cases}


def look_into(folder: Path) -> FoundData:
    """What the folder of somebody's films or volumes holds; nothing is written to it.

    Raises BadInput for a folder that is not there, and for one without a label that can be used.
    """
    with tempfile.TemporaryDirectory() as place:
        prepared = Path(place) / "prepared"
        try:
            prepare("folder", prepared, folder, audit=False)
        except BadInput as error:
            raise _unlabelled(folder, error) from error
        cases, uses = read_manifest(prepared), read_file_uses(prepared)
        sizes = np.array([_size(prepared / case.image, case) for case in cases])
        # What was unpacked from an archive has no path of its own here.
        unused = [use for use in uses if use.use == "problem" and is_image(folder / use.file)]
        problems = tuple(read_problems(prepared))
        return FoundData(folder, tuple(cases), read_classes(prepared), problems, sizes, len(unused))


def _size(path: Path, case: Case) -> tuple[int, ...]:
    if is_volume(path):
        return tuple(sorted(stored_affine(path)[0]))
    height, width = picture_size(path)
    if case.spacing:
        height = round(height * case.spacing[0] / case.spacing[1])
    return height, width


def _unlabelled(folder: Path, error: BadInput) -> BadInput:
    """The error to raise: films without any label want to be read first."""
    if not folder.is_dir():
        return error
    images = [path for path in list_files(folder, []).files.values() if is_image(path)]
    known = "no image with a label" in error.reason or "none of the known layouts" in error.reason
    if not images or not known:
        return error
    return BadInput(folder, f"holds {len(images)} images, and none with a label that can be used", READ_FIRST)
