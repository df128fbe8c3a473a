"""Prepared data that notebooks share: one folder per name, made once, remade when its options change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.files import write_text
from spinelib.core.layout import MANIFEST, DataFolder
from spinelib.core.seals import broken, seal_files
from spinelib.runs import lock, own


def prepared_manifest(folder: Path, name: str) -> Path:
    """The manifest of `name` under `folder`; raises BadInput when it has not been prepared, or changed since then."""
    path = folder / name / MANIFEST
    wrong = broken(path.parent)
    if wrong:
        remedy = "Run 'make study' again: it prepares them anew."
        raise BadInput(path.with_name(wrong[0]), "is damaged, was edited or is gone since it was prepared", remedy)
    if not path.exists():
        known = [found.parent.name for found in folder.glob(f"*/{MANIFEST}")]
        raise BadInput(path, f"no data called '{name}' have been prepared", closest(name, known))
    return path


def prepare_once(target: Path, options: Mapping[str, Any]) -> Path:
    """Prepare data in the folder `target` unless the same `options` already did; gives the manifest.

    `options` are those of `spinelib.sources.prepare`, with its name as ``dataset``.

    Raises BadInput when another process is preparing it, for a folder of somebody else, or from the dataset for bad
    options.
    """
    wanted = json.dumps(options, sort_keys=True, indent=1) + "\n"
    folder = DataFolder(target)
    own.check_own_data(target)
    lock.take(folder.lock, patience=600.0)
    try:
        if not folder.manifest.exists() or _read(folder.options) != wanted or broken(target):
            from spinelib.sources import prepare

            folder.options.unlink(missing_ok=True)
            prepare(options["dataset"], target, **{k: v for k, v in options.items() if k != "dataset"})
            write_text(folder.options, wanted)
            seal_tables(folder)
    finally:
        lock.release(folder.lock)
    return folder.manifest


def seal_tables(folder: DataFolder) -> None:
    """Keep digests of the tables and options of prepared data; problems may be added when they are loaded."""
    seal_files(folder.root, [folder.options, *(path for path in folder.root.glob("*.csv") if path != folder.problems)])


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
