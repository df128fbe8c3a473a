"""Anybody's own films with masks or landmarks, or volumes with label maps, as a manifest; files stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from spinelib.cases.labelled import read_labelled
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.volume import is_volume
from spinelib.core.errors import BadInput
from spinelib.sources.labelmap import read_label_map
from spinelib.sources.layouts import find_cases
from spinelib.sources.mr import write_volumes
from spinelib.sources.pairs import write_films


def prepare_folder(
    source: Path | None,
    folder: Path,
    classes: str = "spine",
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = True,
    label_header: Literal["own", "image"] = "own",
) -> None:
    """Write manifest, problems, landmarks and (unless `audit` is off) audit.csv for the films in `source` to `folder`.

    `source` holds cases.csv, or images/ and masks/, or coronal/, left_bending/, right_bending/ with both in each
    (data/README.md shows them). `classes` names the structures, comma-separated, in the order of the label values.
    Without a split of the user's own, `test_fraction` of the cases become the test set, whole patients, by `seed`.
    A film or mask that cannot be used becomes a row of problems.csv.

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
    cases = find_cases(source, problems)
    # What is of the other kind then becomes a row of problems.csv.
    if 2 * sum(is_volume(case.image) for case in cases) > len(cases):
        _write_volumes(cases, source, folder, problems, names, label_header, test_fraction, seed)
        return
    write_films(cases, source, folder, problems, classes=names, test_fraction=test_fraction, seed=seed, audit=audit)


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
    if (source / "labels.csv").exists():
        table = read_label_map(source / "labels.csv")
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
