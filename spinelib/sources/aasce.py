"""AASCE 2019 (SpineWeb data set 16): the official folder as a manifest; films stay where they are.

Wu et al., MICCAI 2017, 127-135. 17 vertebrae x 4 corners and three Cobb angles per AP radiograph; no patient ids.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.audit import merge_patients, near_duplicates, write_audit
from spinelib.cases.corners import check_corners
from spinelib.cases.manifest import Case, Problem, write_manifest
from spinelib.cases.readers.images import picture_size, read_image
from spinelib.cases.readers.landmarks import write_landmarks
from spinelib.cases.readers.tables import read_bare_table
from spinelib.cases.readers.text import read_text
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LANDMARK_TABLE, DataFolder
from spinelib.measures.cobb.rules import aasce_angles
from spinelib.sources.accounting import write_account
from spinelib.sources.conversion import FilmNames
from spinelib.sources.layouts import is_image, stem_of, without_repeated
from spinelib.sources.listing import Listing, list_files
from spinelib.sources.repeat import repeat_agreement

SPLITS = {"training": "train", "test": "test"}
OFFICIAL = "Give the unpacked official download, with boostnet_labeldata/data and boostnet_labeldata/labels."
ANGLES = ("an1", "an2", "an3")
RELEASED = "Nothing needs to be done: the released angles are kept as they are in angles.csv."


@dataclass(frozen=True)
class Label:
    """One film with its released label: corners [17, 4, 2] native px, angles in degrees."""

    case: Case
    corners: NDArray[np.float64]
    angles: NDArray[np.float64]
    height: int


def prepare_aasce(
    source: Path | None,
    folder: Path,
    audit: bool = True,
    patients: Literal["near_duplicate", "series"] = "near_duplicate",
    only: Sequence[str] | Literal["development"] = (),
    without: Sequence[str] | Literal["development"] = (),
    train: Sequence[str] = (),
) -> None:
    """Write manifest, problems, landmarks, angles and (unless `audit` is off) audit.csv and repeat.csv to `folder`.

    `source` is the folder of the official download, or the one that holds `boostnet_labeldata`. Label errors are
    repaired where unambiguous; a training film with a broken label is left out, a test film is kept with a note.
    With patients="series" films with one number in their names ("10-Jan-2017-243 B") also count as one patient.
    only: names of the films that are kept, all of them as test films (they are scored, nothing learns from them) but
    those that `train` names; without: names of films left out. So films that were looked at while something was tuned
    are scored apart from all others: "development" stands for the 100 that the digital patient was tuned on
    (aasce_development.csv). Raises BadInput for another layout, an unknown value of `patients` and a name that no film
    has.
    """
    if patients not in ("near_duplicate", "series"):
        raise BadInput("patients", f"is {patients!r}", "Use near_duplicate or series.")
    only, without = _listed(only), _listed(without)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,)) if source is not None else Listing(Path("aasce"))
    root = _root(listing)
    by_split = {split: _named(root, split, problems) for split in SPLITS}
    named = [case for cases in by_split.values() for case in cases]
    usable = {case.case for case in without_repeated(named, problems)}
    labels = [label for split in SPLITS for label in _read_split(root, split, by_split[split], usable, problems)]
    checked = [_checked(label, problems) for label in labels]
    kept = [label for label in checked if label is not None]
    kept = _chosen(kept, only, without, train, {problem.case for problem in problems})
    _leave(listing, [case for case in named if not _belongs(case.case, only, without)])
    problems = [problem for problem in problems if not problem.case or _belongs(problem.case, only, without)]
    if not kept:
        first = f"; the first problem: {problems[0].file}: {problems[0].problem}" if problems else ""
        raise BadInput(root.source, f"holds no film with a usable label{first}", OFFICIAL)
    cases = [replace(label.case, patient=_patient(label.case.case, patients)) for label in kept]
    corners = {label.case.case: label.corners for label in kept}
    angles = {label.case.case: label.angles for label in kept}
    if not audit:
        cases = [case for case in cases if _is_readable(case, problems)]
    else:
        pairs = near_duplicates(cases, folder, problems=problems)
        unreadable = {problem.case for problem in problems if problem.action == "excluded"}
        cases = [case for case in merge_patients(cases, pairs) if case.case not in unreadable]
        write_audit(pairs, folder)
        repeat = repeat_agreement(cases, folder, corners, angles, pairs)
        write_text(DataFolder(folder).repeat, repeat.to_csv(index=False, float_format="%.4g", lineterminator="\n"))
    write_landmarks({case.case: corners[case.case] for case in cases}, folder)
    _write_angles({case.case: angles[case.case] for case in cases}, folder)
    write_manifest(cases, folder)
    write_account(listing, named, problems, folder, unasked="ignored")


def _write_angles(angles: Mapping[str, NDArray[np.float64]], folder: Path) -> None:
    table = pd.DataFrame(list(angles.values()), columns=list(ANGLES))
    table.insert(0, "case", list(angles))
    write_text(DataFolder(folder).angles, table.to_csv(index=False, lineterminator="\n"))


def _listed(names: Sequence[str]) -> Sequence[str]:
    """The names that the word "development" stands for; any others as they are."""
    if names != "development":
        return names
    return development_names()


def development_names() -> list[str]:
    """Names of the films that the digital patient was tuned on: what they score is no test of it."""
    return list(pd.read_csv(Path(__file__).with_name("aasce_development.csv"))["case"])


def _belongs(case: str, only: Sequence[str], without: Sequence[str]) -> bool:
    return (not only or case in only) and case not in without


def _chosen(
    labels: list[Label], only: Sequence[str], without: Sequence[str], train: Sequence[str], known: set[str]
) -> list[Label]:
    """The labels of films that `only` and `without` leave; those of `only` as test films, less those of `train`."""
    known = known | {label.case.case for label in labels}
    for option, names in (("only", only), ("without", without), ("train", train)):
        unknown = [name for name in names if name not in known]
        if unknown or isinstance(names, str):
            near = difflib.get_close_matches(str(names if isinstance(names, str) else unknown[0]), known, 1)
            reason = f"{unknown[0]!r} is no film of these data" if unknown else f"is {names!r}"
            raise BadInput(option, reason, f"Give a list of names of films{f', as {near[0]!r}' if near else ''}.")
    left = [label for label in labels if _belongs(label.case.case, only, without)]
    sides = {label.case.case: "train" if label.case.case in train else "test" for label in left}
    return [replace(label, case=replace(label.case, split=sides[label.case.case])) if only else label for label in left]


def _leave(listing: Listing, cases: Sequence[Case]) -> None:
    for case in cases:
        for path in listing.parts.get(Path(case.image), [Path(case.image)]):
            listing.decide(path, "ignored", "left out by the options only or without")


def _is_readable(case: Case, problems: list[Problem]) -> bool:
    try:
        read_image(case.image)
    except BadInput as error:
        problems.append(Problem.of(case.case, error))
        return False
    return True


def _root(listing: Listing) -> Listing:
    for part in ("", "boostnet_labeldata", "aasce2019/boostnet_labeldata"):
        root = listing.inside(part)
        if root.inside("labels/training").files:
            return root
    raise BadInput(listing.source, "does not hold the AASCE 2019 layout", OFFICIAL)


def _named(root: Listing, split: str, problems: list[Problem]) -> list[Case]:
    """A case for every row of filenames.csv, in their order; films that no row names become problems."""
    if split == "test" and not root.inside("labels/test").files:
        return []
    films, labels = root.inside(f"data/{split}"), root.inside(f"labels/{split}")
    folder, known = root.source / "data" / split, FilmNames(films)
    mats = {unicodedata.normalize("NFC", name): path for name, path in labels.files.items()}
    lines = read_text(_table(labels, "filenames.csv", root.source / "labels" / split))[0].splitlines()
    cases = []
    for name in [line.strip().strip('"') for line in lines if line.strip()]:
        # One that several films may mean is none of them; that no such file is there is said when it is opened.
        found = known.called(name)
        film = found[0] if len(found) == 1 else folder / Path(name).name
        mat = mats.get(unicodedata.normalize("NFC", f"{name}.mat"))
        root.join(film, *([mat] if mat else []))
        case = Case(stem_of(Path(name).name), "", "coronal", str(film), split=SPLITS[split])
        cases.append(replace(case, landmarks=LANDMARK_TABLE))
    images = {case.image for case in cases}
    for path in films.files.values():
        if is_image(path) and str(path) not in images:
            remedy = "Add its row to all three tables, or take it away."
            problems.append(Problem(stem_of(path.name), str(path), "is in no row of filenames.csv", remedy, "excluded"))
    return cases


def _table(labels: Listing, name: str, folder: Path) -> Path:
    path = labels.files.get(name)
    if path is None:
        raise BadInput(folder / name, "is missing", OFFICIAL)
    labels.decide(path, "used", "labels of the films")
    return path


def _read_split(
    root: Listing, split: str, cases: Sequence[Case], usable: Collection[str], problems: list[Problem]
) -> Iterator[Label]:
    """The `usable` films whose image can be opened and whose rows hold numbers; the others are problems."""
    if not cases:
        return
    labels, folder = root.inside(f"labels/{split}"), root.source / "labels" / split
    points = _numbers(_table(labels, "landmarks.csv", folder), len(cases), 136, problems)
    angles = _numbers(_table(labels, "angles.csv", folder), len(cases), 3, problems)
    for case, row, three in zip(cases, points, angles, strict=True):
        if case.case not in usable:
            continue
        try:
            height, width = picture_size(Path(case.image))
            for name, values in (("landmarks.csv", row), ("angles.csv", three)):
                if not np.isfinite(values).all():
                    raise BadInput(folder / name, f"has no row of numbers for {case.case}", "Correct the row.")
            corners = np.stack([row[:68] * width, row[68:] * height], 1)
            mat = next(iter(root.parts[Path(case.image)][1:]), None)
            exact = _exact(mat, corners, case, problems) if mat else corners
        except BadInput as error:
            problems.append(Problem.of(case.case, error))
            continue
        yield Label(case, exact.reshape(17, 4, 2), three, height)


def _exact(path: Path, corners: NDArray[np.float64], case: Case, problems: list[Problem]) -> NDArray[np.float64]:
    """The whole-pixel corners [68, 2] of the .mat file, when it says what landmarks.csv says."""
    from scipy.io import loadmat

    try:
        exact = np.asarray(loadmat(path)["p2"], float).reshape(68, 2)
    # Damaged .mat files surface as many kinds of errors.
    except Exception:
        problems.append(Problem(case.case, str(path), "is not readable", "Landmarks.csv is used instead.", "kept"))
        return corners
    away = float(np.abs(exact - corners).max())
    # Not "above 1": what is no number differs as well.
    if not away <= 1:
        text = f"differs from landmarks.csv by up to {away:.0f} px"
        problems.append(
            Problem(case.case, str(path), text, "Landmarks.csv is used; compare both with the film.", "kept")
        )
        return corners
    return exact


def _checked(label: Label, problems: list[Problem]) -> Label | None:
    """The label after repair; None for a training film whose label is broken."""
    name, file, notes = label.case.case, label.case.image, []
    by_rule = aasce_angles(label.corners[None], [label.height])[0]
    if not np.allclose(by_rule, label.angles, atol=0.5):
        text = f"released angles {label.angles.round(1)} do not follow from the landmarks {by_rule.round(1)}"
        problems.append(Problem(name, file, text, RELEASED, "kept"))
        notes.append("angles do not follow from the landmarks")
    corners, findings = check_corners(label.corners, picture_size(Path(file)))
    broken = any(finding.kind == "broken" for finding in findings)
    exclude = broken and label.case.split == "train"
    for finding in findings:
        action: Literal["excluded", "repaired", "kept"] = "repaired" if finding.kind == "repaired" else "kept"
        remedy = "Correct the corners by hand to use the label as it should be." if broken else RELEASED
        problems.append(Problem(name, file, finding.text, remedy, "excluded" if exclude else action))
        notes.append(finding.text)
    if exclude:
        return None
    # A broken label that stays is left as it was released.
    corners = label.corners if broken else corners
    return replace(label, corners=corners, case=replace(label.case, note="; ".join(notes)))


def _patient(case: str, patients: str) -> str:
    series = re.search(r"\d{4}-(\d+) [A-Z]", case)
    return f"series {series[1]}" if patients == "series" and series else case


def _numbers(path: Path, rows: int, columns: int, problems: list[Problem]) -> NDArray[np.float64]:
    """The numbers of a table, NaN where a row holds anything else. Raises BadInput for another number of rows."""
    table = read_bare_table(path, [str(k) for k in range(columns)])
    if table.remark:
        problems.append(Problem("", str(path), table.remark, "Save it as UTF-8 with commas.", "kept"))
    found = sorted((*table.rows, *table.bad), key=lambda row: row.line)
    if len(found) != rows:
        raise BadInput(path, f"holds {len(found)} rows, not {rows} of {columns} numbers", OFFICIAL)
    good = [{} if row.fault else row.values for row in found]
    values = [[table.number(each.get(str(k), "")) for k in range(columns)] for each in good]
    return np.array(values, float)
