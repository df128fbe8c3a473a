"""Anybody's own films with masks or landmarks, or volumes with label maps, as a manifest; files stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.labelled import read_user_labelled
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.volume import is_volume, segment_names
from spinelib.core.errors import BadInput
from spinelib.core.layout import LABELLED_TABLE
from spinelib.sources.accounting import write_account
from spinelib.sources.conversion import Conversion
from spinelib.sources.formats.registry import find_cases
from spinelib.sources.labelmap import find_label_map
from spinelib.sources.listing import Listing, is_archive, list_archive, list_archives, list_files
from spinelib.sources.mr import Convert, write_volumes
from spinelib.sources.pairs import write_films
from spinelib.sources.patients import series_facts, settle_patients, settle_view, short_hash
from spinelib.sources.segments import by_names

LABEL_MAP = "labels.csv"  # by which people say what the numbers in their label maps mean


def prepare_folder(
    source: Path | None,
    folder: Path,
    classes: str = "spine",
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = True,
    label_header: Literal["own", "image"] = "own",
    patients: Literal["header", "files"] = "header",
    hash_patients: bool = False,
) -> None:
    """Write manifest, problems, files, landmarks and (unless `audit` is off) audit.csv for the films in `source`.

    `source` holds one of the layouts of `spinelib.sources.formats` (data/cards/folder.md shows them). `classes` names
    the structures, comma-separated, in the order of the label values. Without a split of the user's own,
    `test_fraction` of the cases become the test set, whole patients, by `seed`. A film or mask that cannot be used
    becomes a row of problems.csv, and every file in `source` one of files.csv: used, ignored or a problem, with the
    reason. With patients="header" films of one DICOM PatientID are one patient's, whatever their names; "files" passes
    headers over. hash_patients writes a hash in place of each patient and accession number.

    Volumes (.nii, .nii.gz, .mha, folders of DICOM slices) lie in the same layouts. `source`/labels.csv (value,
    structure) says what the numbers in their label maps mean, `source`/labelled.csv (case, structures) which structures
    are labelled in which case; with label_header="image" a label map takes its volume's orientation.

    Raises BadInput when no layout fits, the user's split puts a patient on both sides, or fewer than two patients are
    left.
    """
    if source is None:
        raise BadInput("folder", "needs the folder of your films", "Give it as source (make study DATA=...).")
    names = tuple(name.strip() for name in classes.split(",") if name.strip()) or ("spine",)
    conversion, cases = find_in_source(source, folder, names)
    listing, home, problems = conversion.listing, conversion.listing.source, conversion.problems
    names = conversion.classes
    # labels.csv names all numbers of label maps.
    meanings = conversion.names() if LABEL_MAP in listing.files else conversion.meanings()
    for name in (LABEL_MAP, LABELLED_TABLE):
        if name in listing.files:
            listing.decide(listing.files[name], "used", "table of the labels")
    # What is of the other kind then becomes a row of problems.csv.
    if 2 * sum(is_volume(case.image) for case in cases) > len(cases):
        settled = _volume_patients(cases, problems, patients, hash_patients)
        labels = _volume_labels(settled, home, names, meanings, problems)
        write_volumes(
            [case for case in settled if case.case not in labels.excluded],
            source,
            folder,
            problems,
            classes=labels.classes,
            labelled=labels.labelled,
            convert=labels.convert,
            label_header=label_header,
            test_fraction=test_fraction,
            seed=seed,
        )
    else:
        write_films(
            cases,
            source,
            folder,
            problems,
            classes=names,
            test_fraction=test_fraction,
            seed=seed,
            audit=audit,
            patients=patients,
            hash_patients=hash_patients,
            names=conversion.meanings(),
        )
    write_account(listing, cases, problems, folder)


def find_in_source(source: Path, folder: Path, classes: tuple[str, ...] = ("spine",)) -> tuple[Conversion, list[Case]]:
    """The cases in `source`; archives in it are unpacked where there are none without them. Raises BadInput."""
    conversion = Conversion(Listing(source), folder, [], classes)
    if source.is_file():
        conversion.listing = list_archive(source, conversion.problems, folder)
        return conversion, find_cases(conversion)
    listing = list_files(source, conversion.problems, (folder,))
    first = Conversion(listing.inside(""), folder, list(conversion.problems), classes)
    packed = any(is_archive(path) for path in listing.files.values())
    try:
        return first, find_cases(first)
    except BadInput:
        if not packed:
            raise
    conversion.listing = list_archives(listing, conversion.problems, folder)
    return conversion, find_cases(conversion)


def _volume_patients(
    cases: Sequence[Case], problems: list[Problem], patients: Literal["header", "files"], hashed: bool
) -> list[Case]:
    facts = {case.case: series_facts(Path(case.image)) for case in cases}
    named = [settle_view(case, facts[case.case], problems) for case in cases]
    write = short_hash if hashed else str
    settled = settle_patients(named, facts, problems, header=patients == "header", write=write)
    # Volumes of one note are split together: who told the patient must not make groups of them.
    return [replace(new, note=case.note) for case, new in zip(cases, settled, strict=True)]


@dataclass(frozen=True)
class _VolumeLabels:
    """Structures of the label maps, which of them are labelled in a case, how numbers are read, and cases left out."""

    classes: tuple[str, ...]
    labelled: dict[str, tuple[str, ...]]
    convert: Convert | None
    excluded: frozenset[str]


def _volume_labels(
    cases: Sequence[Case], home: Path, names: tuple[str, ...], meanings: LabelNames, problems: list[Problem]
) -> _VolumeLabels:
    table = find_label_map(home, meanings)
    classes = table.classes if table else names
    labelled, rows = read_user_labelled(home, {case.case for case in cases}, classes)
    problems += rows
    excluded = frozenset(row.case for row in rows if row.action == "excluded")
    if table is None:
        return _VolumeLabels(classes, labelled, _ignoring(meanings.ignore, classes), excluded)
    # A structure that is not named was not labelled.
    labelled = {case.case: table.named for case in cases} | labelled
    return _VolumeLabels(classes, labelled, table.convert, excluded)


def _ignoring(numbers: Sequence[int], classes: tuple[str, ...]) -> Convert | None:
    """What takes `numbers` in label maps for background; None where there are none."""

    def convert(path: Path, values: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...] | None]:
        rest = np.where(np.isin(values, numbers), 0, values).astype(values.dtype)
        named = by_names(segment_names(path), classes)
        return named(path, rest) if named else (rest, None)

    return convert if numbers else None
