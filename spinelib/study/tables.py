"""The tables of a study: every finished run's cases in one file, and their summary."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from spinelib.core.files import write_text
from spinelib.core.layout import SEAL, RunFolder, StudyFolder
from spinelib.core.seals import broken, check_unchanged, seal_files
from spinelib.measures.seventeen import with_seventeen
from spinelib.runs.tables import empty_cases, read_cases


def gather(folders: Iterable[Path]) -> pd.DataFrame:
    """The case tables of the finished runs in `folders`, one below the other, `with_seventeen`.

    Raises BadInput for a broken one.
    """
    runs = [files for files in map(RunFolder, folders) if files.record.exists()]
    for files in runs:
        # One that is gone must not look like a run that scored nothing.
        check_unchanged(files.cases)
    tables = [read_cases(files.cases) for files in runs if files.cases.exists()]
    filled = [table for table in tables if len(table)]
    return with_seventeen(pd.concat(filled, ignore_index=True)) if filled else empty_cases()


def write_tables(folders: Iterable[Path], target: Path) -> pd.DataFrame:
    """Write ``cases.csv`` and ``summary.csv`` into `target` from the finished runs in `folders`; gives the cases.

    Files whose content would not change are left alone, so that nothing is remade for the same numbers. They are
    sealed: a notebook that reads them by hand notices an edit.
    """
    from spinelib.statistics.comparison import summarise

    cases = gather(folders)
    files = StudyFolder(target)
    _write(cases, files.cases)
    _write(summarise(cases), files.summary)
    if not (target / SEAL).exists() or broken(target):
        seal_files(target, [files.cases, files.summary])
    return cases


def _write(table: pd.DataFrame, path: Path) -> None:
    text = table.to_csv(index=False)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
