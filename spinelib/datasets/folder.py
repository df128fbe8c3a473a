"""Anybody's own films with masks (images or Labelme JSON) or landmarks as a manifest; files stay where they are."""

from __future__ import annotations

from pathlib import Path

from spinelib.cases.manifest import Problem
from spinelib.datasets.layouts import find_cases
from spinelib.datasets.pairs import write_cases
from spinelib.errors import BadInput


def prepare(
    source: Path | None,
    folder: Path,
    classes: str = "spine",
    test_fraction: float = 0.2,
    seed: int = 0,
    audit: bool = True,
) -> None:
    """Write manifest, problems, landmarks and (unless `audit` is off) audit.csv for the films in `source` to `folder`.

    `source` holds cases.csv, or images/ and masks/, or coronal/, left_bending/, right_bending/ with both in each
    (data/README.md shows them). `classes` names the structures, comma-separated, in the order of the label values.
    Without a split of the user's own, `test_fraction` of the cases become the test set, whole patients, by `seed`.
    A film or mask that cannot be used becomes a row of problems.csv. Raises BadInput when no layout fits, the user's
    split puts a patient on both sides, or fewer than two patients are left.
    """
    if source is None:
        raise BadInput("folder", "needs the folder of your films", "Give it as source (make study DATA=...).")
    names = tuple(name.strip() for name in classes.split(",") if name.strip()) or ("spine",)
    problems: list[Problem] = []
    cases = find_cases(source, problems)
    write_cases(cases, source, folder, problems, classes=names, test_fraction=test_fraction, seed=seed, audit=audit)
