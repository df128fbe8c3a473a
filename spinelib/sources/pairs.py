"""Films with their labels checked, searched for near-duplicates, divided and written as a data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.audit import merge_patients, near_duplicates, write_audit
from spinelib.cases.corners import check_corners
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.manifest import Case, Problem, write_classes, write_manifest, write_problems
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.images import Facts
from spinelib.cases.readers.label_names import LabelNames, write_label_names
from spinelib.cases.readers.labelme import read_shapes
from spinelib.cases.readers.landmarks import read_landmark_table, write_landmarks
from spinelib.cases.readers.masks import inspect_mask
from spinelib.cases.splits import check_disjoint, holdout
from spinelib.core.errors import BadInput
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.sources.layouts import stem_of
from spinelib.sources.patients import NOTES, PLACEHOLDER, settle_patients, settle_view, short_hash

Corners = dict[str, NDArray[np.float64]]
# Share of a reference that may lie outside the film before it is said.
LOST = 0.005


def write_films(
    cases: Sequence[Case],
    source: Path,
    folder: Path,
    problems: list[Problem],
    *,
    classes: tuple[str, ...] = ("spine",),
    modality: str = "",
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = True,
    patients: Literal["header", "files"] = "header",
    hash_patients: bool = False,
    names: LabelNames | None = None,
) -> None:
    """Write those of `cases` that can be used to `folder`: manifest, problems, classes, landmarks and audit.csv.

    `source` is named in errors; paths of cases are absolute or start at `folder`. `modality` is every film's; without
    it colour pictures are rgb, the others xray. Where no case has a split, `test_fraction` of them become the test
    set, whole patients, by `seed`. What cannot be used joins `problems`. With patients="header" films of one PatientID
    are one patient's, with "files" headers are passed over; hash_patients writes hashes in place of their ids. `names`
    is what labels.yaml says of masks of the user's own (absolute paths). Raises BadInput when no film is left, a
    patient is on both sides of a given split, fewer than two patients are left to split (films of one PatientID are
    all to train, with a row), or for another `patients`.
    """
    if patients not in ("header", "files"):
        raise BadInput("patients", f"is {patients!r}", "Use header or files.")
    films, corners, facts = _usable(cases, folder, classes, problems, names)
    if not films:
        raise BadInput(
            source, f"holds no usable film; the first problem: {_say(problems)}", "Correct it and run again."
        )
    films = [replace(case, modality=modality or case.modality) for case in films]
    write = short_hash if hash_patients else str
    films = settle_patients(films, facts, problems, header=patients == "header", write=write)
    check_disjoint(films)
    if audit:
        pairs = near_duplicates(films, folder, problems=problems)
        films = merge_patients(films, pairs)
        write_audit(pairs, folder)
    if not any(case.split for case in films):
        films = _split(films, source, test_fraction, seed, problems)
    problems += [_leak(case) for case in films if case.near_duplicate]
    if corners:
        write_landmarks(corners, folder)
    if classes != ("spine",):
        write_classes(classes, folder)
    if names is not None and any(Path(case.mask).is_absolute() for case in films if case.mask):
        write_label_names(names, folder)
    write_problems(problems, folder)
    write_manifest(films, folder)


def _usable(
    cases: Sequence[Case],
    folder: Path,
    classes: tuple[str, ...],
    problems: list[Problem],
    names: LabelNames | None,
) -> tuple[list[Case], Corners, dict[str, Facts]]:
    """The cases that can be used, their corners and what their headers say, both by case."""
    tables: dict[str, Corners] = {}
    # The name of a file tells its film where no other film is called so.
    count = Counter(stem_of(Path(case.image).name) for case in cases)
    known = {case.case for case in cases} | {stem for stem, films in count.items() if films == 1}
    for name in sorted({case.landmarks for case in cases if case.landmarks}):
        tables[name], rows = read_landmark_table(folder / name, known)
        problems.extend(rows)

    def attempt(case: Case) -> _Checked:
        found = _Checked(case)
        try:
            return found.read(folder, classes, tables.get(case.landmarks), names)
        except BadInput as error:
            found.notes[:] = [Problem.of(case.case, error)]
            return found

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, cases))
    for each in results:
        problems.extend(each.notes)
    good = [each for each in results if each.usable]
    corners = {each.case.case: each.corners for each in good if each.corners is not None}
    return [each.case for each in good], corners, {each.case.case: each.facts for each in good}


@dataclass
class _Checked:
    """A case with what its files tell: repaired corners, facts of the header, remarks, and whether it can be used."""

    case: Case
    corners: NDArray[np.float64] | None = None
    facts: Facts = field(default_factory=Facts)
    notes: list[Problem] = field(default_factory=list)
    usable: bool = False

    def read(self, folder: Path, classes: tuple[str, ...], table: Corners | None, names: LabelNames | None) -> _Checked:
        """Read and check image, mask and corners. Raises BadInput."""
        case, image = self.case, folder / self.case.image
        film = read_film(image, case.spacing)
        # Labels are drawn on the pixels of the file, however its header turns them.
        shape = film.place.file
        if film.pixels.min() == film.pixels.max():
            raise BadInput(image, "shows one grey value only", "Choose the file that holds the film.")
        if not case.mask and not case.landmarks:
            raise BadInput(image, "has neither a mask nor landmarks", "Name one of them in cases.csv.")
        if film.remark:
            remedy = "Look at the film; nothing needs to be done if it is right."
            self.notes.append(Problem(case.case, case.image, film.remark, remedy, "kept"))
        if case.mask:
            # A mask that was converted has the numbers of the classes, whatever those of the user's mean.
            given = names if Path(case.mask).is_absolute() else None
            mask, remark = inspect_mask(folder / case.mask, shape, classes, given)
            self._compare(case.mask, mask, film.place)
            if remark:
                self.notes.append(_remark(case, remark))
            if case.mask.lower().endswith(".json") and table is None:
                outlined = read_shapes(folder / case.mask, shape, classes, given).corners
                self.corners = _outlined(case, film.place, outlined, self.notes)
        if table is not None:
            self.corners = _corners(case, film.place, table, self.notes)
            self._compare(case.landmarks, draw_quadrilaterals(self.corners, shape), film.place)
        self.facts = film.facts
        self.case = replace(
            settle_view(case, film.facts, self.notes),
            spacing=film.file_spacing,
            landmarks=LANDMARK_TABLE if self.corners is not None else "",
            modality="rgb" if film.pixels.ndim == 3 else "xray",
        )
        self.usable = True
        return self

    def _compare(self, file: str, mask: NDArray[np.uint8], place: FilmPlace) -> None:
        """Note where more of a reference than LOST lies in what was taken for the film's frame."""
        if (lost := place.lost(mask)) > LOST:
            top, left, height, width = place.in_file
            text = f"{lost:.1%} of what it marks lies outside the film ({width} x {height} px from {left}, {top})"
            remedy = "Compare both; cut the film out of its picture by hand if the film was not found."
            self.notes.append(Problem(self.case.case, file, text, remedy, "kept"))


def _remark(case: Case, remark: str) -> Problem:
    if "stray values" in remark:
        return Problem(case.case, case.mask, remark, "Save masks as PNG, not as JPEG.", "repaired")
    return Problem(case.case, case.mask, remark, "Look at the mask; nothing needs to be done if it is right.", "kept")


def _corners(case: Case, place: FilmPlace, table: Corners, notes: list[Problem]) -> NDArray[np.float64]:
    points = table.get(case.case, table.get(stem_of(Path(case.image).name)))
    if points is None:
        reason = f"has no usable row for case {case.case!r}"
        raise BadInput(case.landmarks, reason, "Add its vertebrae, or a mask of the film.")
    # Above and left are those of the upright film, whatever way its file lies.
    corners, findings = check_corners(np.asarray(place.to_upright(points), np.float64), place.upright)
    for finding in findings:
        if finding.kind == "broken":
            raise BadInput(case.landmarks, f"case {case.case!r}: {finding.text}", "Correct these corners.")
        action = "repaired" if finding.kind == "repaired" else "kept"
        remedy = "Correct the corners in your file."
        notes.append(Problem(case.case, case.landmarks, finding.text, remedy, action))  # type: ignore[arg-type]
    return np.asarray(place.from_upright(corners), np.float64)


def _outlined(
    case: Case, place: FilmPlace, corners: NDArray[np.float64] | None, notes: list[Problem]
) -> NDArray[np.float64] | None:
    """The corners of outlined vertebrae, where they are sound; where not, the film keeps its mask."""
    if corners is None or np.isnan(corners).all():
        return None
    if place.turns:
        # Outlines were put in order by what is above and left in the file.
        text = "its film is turned by its header, so its outlines give no corners"
        notes.append(Problem(case.case, case.mask, text, "Save the film upright to have corners.", "kept"))
        return None
    corners, findings = check_corners(corners, place.upright)
    broken = [finding.text for finding in findings if finding.kind == "broken"]
    if broken:
        text = f"its outlines give no corners: {broken[0]}"
        notes.append(Problem(case.case, case.mask, text, "Correct the outlines; the mask is used.", "kept"))
        return None
    return corners


def _split(cases: Sequence[Case], source: Path, fraction: float, seed: int, problems: list[Problem]) -> list[Case]:
    if len({case.patient for case in cases}) == 1 and all(case.note == NOTES["header"] for case in cases):
        text = (
            f"all {len(cases)} films carry the PatientID {cases[0].patient!r}: none can be held out, all are to train"
        )
        problems.append(Problem("", str(source), text, PLACEHOLDER, "kept"))
        return [replace(case, split="train") for case in cases]
    try:
        _, held = holdout(cases, fraction, seed)
    except BadInput as error:
        raise BadInput(source, f"cannot be split: {error.reason}", error.remedy) from error
    return [replace(case, split="test" if k in set(held) else "train") for k, case in enumerate(cases)]


def _leak(case: Case) -> Problem:
    text = f"shows the exposure of {', '.join(case.near_duplicate)} on the other side of the split"
    return Problem(case.case, case.image, text, "Put both on one side; scores are given with and without them.", "kept")


def _say(problems: Sequence[Problem]) -> str:
    return f"{problems[0].file}: {problems[0].problem}" if problems else "none was found"
