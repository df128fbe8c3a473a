"""Anybody's own films with masks or landmarks, or volumes with label maps, as a manifest; files stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from spinelib.cases.labelled import read_labelled
from spinelib.cases.manifest import Case, Problem, read_manifest, write_file_uses, write_problems
from spinelib.cases.readers.images import Facts
from spinelib.cases.volume import is_volume
from spinelib.core.errors import BadInput
from spinelib.core.layout import LABELLED_TABLE
from spinelib.sources.conversion import Conversion
from spinelib.sources.formats.registry import find_cases
from spinelib.sources.labelmap import read_label_map
from spinelib.sources.listing import account, list_files
from spinelib.sources.mr import write_volumes
from spinelib.sources.pairs import write_films
from spinelib.sources.patients import series_facts, settle_patients, settle_view, short_hash

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
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    conversion = Conversion(listing, folder, problems, names)
    cases = find_cases(conversion)
    names = conversion.classes
    for name in (LABEL_MAP, LABELLED_TABLE):
        if name in listing.files:
            listing.decide(listing.files[name], "used", "table of the labels")
    # What is of the other kind then becomes a row of problems.csv.
    if 2 * sum(is_volume(case.image) for case in cases) > len(cases):
        facts = {case.case: series_facts(Path(case.image)) for case in cases} if patients == "header" else {}
        write = short_hash if hash_patients else str
        named = [settle_view(case, facts.get(case.case, Facts()), problems) for case in cases]
        # Volumes of one note are split together: who told the patient must not make groups of them.
        settled = settle_patients(named, facts, problems, write=write)
        volumes = [replace(new, note=case.note) for case, new in zip(cases, settled, strict=True)]
        _write_volumes(volumes, source, folder, problems, names, label_header, test_fraction, seed)
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
        )
    uses = account(listing, cases, read_manifest(folder), problems)
    write_file_uses(uses, folder)
    write_problems(problems, folder)


def _write_volumes(
    cases: Sequence[Case],
    source: Path,
    folder: Path,
    problems: list[Problem],
    names: tuple[str, ...],
    label_header: Literal["own", "image"],
    test_fraction: float,
    seed: int,
) -> None:
    labelled = read_labelled(source)
    convert = None
    if (source / LABEL_MAP).exists():
        table = read_label_map(source / LABEL_MAP)
        names, convert = table.classes, table.convert
        # A structure that labels.csv does not name was not labelled.
        labelled = {case.case: table.named for case in cases} | labelled
    write_volumes(
        cases,
        source,
        folder,
        problems,
        classes=names,
        labelled=labelled,
        convert=convert,
        label_header=label_header,
        test_fraction=test_fraction,
        seed=seed,
    )
