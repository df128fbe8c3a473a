"""AASCE 2019 (SpineWeb data set 16): the official folder as a manifest; films stay where they are.

Wu et al., MICCAI 2017, 127-135. 17 vertebrae x 4 corners and three Cobb angles per AP radiograph; no patient ids.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.audit import merge_patients, near_duplicates, write_audit
from spinelib.cases.corners import check_corners
from spinelib.cases.manifest import Case, Problem, write_manifest, write_problems
from spinelib.cases.readers.images import picture_size
from spinelib.cases.readers.landmarks import write_landmarks
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LANDMARK_TABLE, DataFolder
from spinelib.measures.cobb.rules import aasce_angles
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
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> None:
    """Write manifest, problems, landmarks, angles and (unless `audit` is off) audit.csv and repeat.csv to `folder`.

    `source` is the folder of the official download, or the one that holds `boostnet_labeldata`. Label errors are
    repaired where unambiguous; a training film with a broken label is left out, a test film is kept with a note.
    With patients="series" films with one number in their names ("10-Jan-2017-243 B") also count as one patient.
    only: names of the films that are kept, all of them as test films (they are scored, nothing learns from them);
    without: names of films left out. So films that were looked at while something was tuned are scored apart from all
    others. Raises BadInput for another layout, an unknown value of `patients` and a name that no film has.
    """
    if patients not in ("near_duplicate", "series"):
        raise BadInput("patients", f"is {patients!r}", "Use near_duplicate or series.")
    root = _root(source)
    problems: list[Problem] = []
    labels = [_checked(label, problems) for split in SPLITS for label in _read_split(root, split, problems)]
    kept = [label for label in labels if label is not None]
    kept = _chosen(kept, only, without, {problem.case for problem in problems})
    problems = [problem for problem in problems if _belongs(problem.case, only, without)]
    if not kept:
        raise BadInput(root, "holds no film with a usable label", OFFICIAL)
    cases = [replace(label.case, patient=_patient(label.case.case, patients)) for label in kept]
    corners = {label.case.case: label.corners for label in kept}
    angles = {label.case.case: label.angles for label in kept}
    if audit:
        pairs = near_duplicates(cases, folder, problems=problems)
        unreadable = {problem.case for problem in problems if problem.action == "excluded"}
        cases = [case for case in merge_patients(cases, pairs) if case.case not in unreadable]
        write_audit(pairs, folder)
        repeat = repeat_agreement(cases, folder, corners, angles, pairs)
        write_text(DataFolder(folder).repeat, repeat.to_csv(index=False, float_format="%.4g", lineterminator="\n"))
    names = [case.case for case in cases]
    write_landmarks({name: corners[name] for name in names}, folder)
    table = pd.DataFrame([angles[name] for name in names], columns=list(ANGLES))
    table.insert(0, "case", names)
    write_text(DataFolder(folder).angles, table.to_csv(index=False, lineterminator="\n"))
    write_problems(problems, folder)
    write_manifest(cases, folder)


def _belongs(case: str, only: Sequence[str], without: Sequence[str]) -> bool:
    return (not only or case in only) and case not in without


def _chosen(labels: list[Label], only: Sequence[str], without: Sequence[str], known: set[str]) -> list[Label]:
    """The labels of films that `only` and `without` leave; those of `only` as test films."""
    known = known | {label.case.case for label in labels}
    for option, names in (("only", only), ("without", without)):
        unknown = [name for name in names if name not in known]
        if unknown or isinstance(names, str):
            near = difflib.get_close_matches(str(names if isinstance(names, str) else unknown[0]), known, 1)
            reason = f"{unknown[0]!r} is no film of these data" if unknown else f"is {names!r}"
            raise BadInput(option, reason, f"Give a list of names of films{f', as {near[0]!r}' if near else ''}.")
    left = [label for label in labels if _belongs(label.case.case, only, without)]
    return [replace(label, case=replace(label.case, split="test")) if only else label for label in left]


def _root(source: Path | None) -> Path:
    for part in (".", "boostnet_labeldata", "aasce2019/boostnet_labeldata"):
        if source is not None and (source / part / "labels" / "training").is_dir():
            return (source / part).resolve()
    raise BadInput(source or "aasce", "does not hold the AASCE 2019 layout", OFFICIAL)


def _read_split(root: Path, split: str, problems: list[Problem]) -> Iterator[Label]:
    """The films of "training" or "test" whose image can be opened; the others become problems."""
    labels = root / "labels" / split
    if split == "test" and not labels.is_dir():
        return
    names = [line.strip().strip('"') for line in _text(labels / "filenames.csv").splitlines() if line.strip()]
    points = _numbers(labels / "landmarks.csv", len(names), 136)
    angles = _numbers(labels / "angles.csv", len(names), 3)
    for name, row, three in zip(names, points, angles, strict=True):
        case = Case(Path(name).stem, "", "coronal", str(root / "data" / split / name), split=SPLITS[split])
        case = replace(case, landmarks=LANDMARK_TABLE)
        try:
            height, width = picture_size(Path(case.image))
            corners = np.stack([row[:68] * width, row[68:] * height], 1)
            exact = _exact(labels / f"{name}.mat", corners, case, problems)
        except BadInput as error:
            problems.append(Problem.of(case.case, error))
            continue
        yield Label(case, exact.reshape(17, 4, 2), three, height)


def _exact(path: Path, corners: NDArray[np.float64], case: Case, problems: list[Problem]) -> NDArray[np.float64]:
    """The whole-pixel corners [68, 2] of the .mat file, when it is there and says what landmarks.csv says."""
    if not path.exists():
        return corners
    from scipy.io import loadmat

    try:
        exact = np.asarray(loadmat(path)["p2"], float).reshape(68, 2)
    # Damaged .mat files surface as many kinds of errors.
    except Exception:
        problems.append(Problem(case.case, str(path), "is not readable", "Landmarks.csv is used instead.", "kept"))
        return corners
    away = float(np.abs(exact - corners).max())
    if away > 1:
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(path, "is missing or not a text file", OFFICIAL) from error


def _numbers(path: Path, rows: int, columns: int) -> NDArray[np.float64]:
    _text(path)
    try:
        values = pd.read_csv(path, header=None).to_numpy(float)
    except ValueError as error:
        raise BadInput(path, "holds something that is not a number", OFFICIAL) from error
    if values.shape != (rows, columns) or not np.isfinite(values).all():
        reason = f"holds {values.shape[0]} rows of {values.shape[1]} numbers, not {rows} of {columns}"
        raise BadInput(path, reason, OFFICIAL)
    return values
