"""AASCE 2019 (SpineWeb data set 16): the official folder as a manifest; films stay where they are.

Wu et al., MICCAI 2017, 127-135. 17 vertebrae x 4 corners and three Cobb angles per AP radiograph; no patient ids, but
a number in the names of the films (`aasce_patients`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.audit import DuplicatePair, merge_patients, near_duplicates, write_audit
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
from spinelib.sources.aasce_patients import FilmChoice, told_patient, without_test_patients
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
    patients: Literal["number", "near_duplicate"] = "number",
    split: Literal["patients", "official"] = "patients",
    only: Sequence[str] | Literal["development"] = (),
    without: Sequence[str] | Literal["development"] = (),
    train: Sequence[str] = (),
) -> None:
    """Write manifest, problems, landmarks, angles and (unless `audit` is off) audit.csv and repeat.csv to `folder`.

    `source` is the folder of the official download, or the one that holds `boostnet_labeldata`. Label errors are
    repaired where unambiguous; a training film with a broken label is left out, a test film is kept with a note.
    patients="number": films with one number in their names ("10-Jan-2017-243 B") are one patient's, and so are
    near-duplicates; "near_duplicate": only the latter. split="patients" leaves out training films whose patient is
    among the test films, with rows in problems.csv; "official" keeps them, declared in `near_duplicate`.
    only: names of the films that are kept, all of them as test films (they are scored, nothing learns from them) but
    those that `train` names; without: names of films that are left out, with all other films of their patients. So
    what was looked at while something was tuned is scored apart from all else: "development" stands for the 100 films
    that the digital patient was tuned on (aasce_development.csv). Raises BadInput for another layout, an unknown value
    of `patients` or `split` and a name that no film has.
    """
    _check_words(patients=(patients, ("number", "near_duplicate")), split=(split, ("patients", "official")))
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,)) if source is not None else Listing(Path("aasce"))
    root = _root(listing)
    by_split = {name: _named(root, name, problems) for name in SPLITS}
    named = [case for cases in by_split.values() for case in cases]
    kept = _labels(root, by_split, problems)
    choice = FilmChoice.of(only, without, train, kept.keys() | {problem.case for problem in problems})
    cases = choice.sides([replace(each.case, patient=told_patient(each.case.case, patients)) for each in kept.values()])
    pairs = near_duplicates(cases, folder, problems=problems) if audit else []
    cases = _readable(merge_patients(cases, pairs), audit, problems)
    choice = choice.with_patients(cases, patients)
    problems = [problem for problem in problems if not problem.case or choice.keeps(problem.case)]
    cases = [case for case in cases if choice.keeps(case.case)]
    _leave(listing, [case for case in named if not choice.keeps(case.case)])
    if not cases:
        first = f"; the first problem: {problems[0].file}: {problems[0].problem}" if problems else ""
        raise BadInput(root.source, f"holds no film with a usable label{first}", OFFICIAL)
    if audit:
        _write_audits(cases, kept, pairs, folder)
    cases = without_test_patients(cases, split == "official", problems)
    write_landmarks({case.case: kept[case.case].corners for case in cases}, folder)
    _write_angles({case.case: kept[case.case].angles for case in cases}, folder)
    write_manifest(cases, folder)
    write_account(listing, named, problems, folder, unasked="ignored")


def _labels(root: Listing, by_split: Mapping[str, list[Case]], problems: list[Problem]) -> dict[str, Label]:
    """The usable labels of all films by their names, repaired where they can be."""
    usable = {case.case for case in without_repeated([case for cases in by_split.values() for case in cases], problems)}
    found = [label for split in SPLITS for label in _read_split(root, split, by_split[split], usable, problems)]
    checked = [_checked(label, problems) for label in found]
    return {label.case.case: label for label in checked if label is not None}


def _check_words(**given: tuple[str, tuple[str, str]]) -> None:
    for option, (word, known) in given.items():
        if word not in known:
            raise BadInput(option, f"is {word!r}", f"Use {' or '.join(known)}.")


def _write_audits(
    cases: Sequence[Case], labels: Mapping[str, Label], pairs: Sequence[DuplicatePair], folder: Path
) -> None:
    """Which of `cases` show one exposure, and how far their two labels agree; training films of test patients, too."""
    names = {case.case for case in cases}
    pairs = [pair for pair in pairs if pair.a in names and pair.b in names]
    corners = {name: labels[name].corners for name in names}
    angles = {name: labels[name].angles for name in names}
    write_audit(pairs, folder)
    repeat = repeat_agreement(cases, folder, corners, angles, pairs)
    write_text(DataFolder(folder).repeat, repeat.to_csv(index=False, float_format="%.4g", lineterminator="\n"))


def _write_angles(angles: Mapping[str, NDArray[np.float64]], folder: Path) -> None:
    table = pd.DataFrame(list(angles.values()), columns=list(ANGLES))
    table.insert(0, "case", list(angles))
    write_text(DataFolder(folder).angles, table.to_csv(index=False, lineterminator="\n"))


def _leave(listing: Listing, cases: Sequence[Case]) -> None:
    for case in cases:
        for path in listing.parts.get(Path(case.image), [Path(case.image)]):
            listing.decide(path, "ignored", "left out by the options only or without")


def _readable(cases: Sequence[Case], audited: bool, problems: list[Problem]) -> list[Case]:
    """The cases whose films can be read; the audit has opened each of them, and told of the others."""
    unreadable = {problem.case for problem in problems if problem.action == "excluded"} if audited else set()
    return [case for case in cases if (case.case not in unreadable if audited else _is_readable(case, problems))]


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
