"""Prepared data that notebooks share: one folder per name, made once, remade when its options or its source change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.files import write_text
from spinelib.core.layout import MANIFEST, SEAL, DataFolder
from spinelib.core.seals import broken, seal_files
from spinelib.runs import lock, own
from spinelib.sources import record


def prepared_manifest(folder: Path, name: str) -> Path:
    """The manifest of `name` under `folder`; raises BadInput when it has not been prepared, or changed since then."""
    path = folder / name / MANIFEST
    wrong = broken(path.parent)
    if wrong:
        remedy = "Run 'make study' again: it prepares them anew."
        raise BadInput(path.parent / wrong[0], "is damaged, was edited or is gone since it was prepared", remedy)
    if not path.exists():
        known = [found.parent.name for found in folder.glob(f"*/{MANIFEST}")]
        raise BadInput(path, f"no data called '{name}' have been prepared", closest(name, known))
    return path


def prepare_once(target: Path, options: Mapping[str, Any]) -> Path:
    """Prepare data in the folder `target` unless the same `options` did, of a source as it is now; gives the manifest.

    `options` are those of `spinelib.sources.prepare`, with its name as ``dataset``.

    Raises BadInput when another process is preparing it, for a folder of somebody else, or from the dataset for bad
    options.
    """
    wanted, folder = _text(options), DataFolder(target)
    own.check_own_data(target)
    lock.take(folder.lock, patience=600.0)
    try:
        stale = not made_with(folder, options) or _has_changed(folder, options) or broken(target)
        if not folder.manifest.exists() or stale:
            _prepare(folder, options)
            write_text(folder.options, wanted)
            seal_tables(folder)
    finally:
        lock.release(folder.lock)
    return folder.manifest


def made_with(folder: DataFolder, options: Mapping[str, Any]) -> bool:
    """Whether what lies in `folder` was prepared with these `options`, so that they are known to be right."""
    return _read(folder.options) == _text(options)


def _text(options: Mapping[str, Any]) -> str:
    return json.dumps(options, sort_keys=True, indent=1) + "\n"


def seal_tables(folder: DataFolder) -> None:
    """Keep digests of all that preparing wrote; problems may be added when they are loaded, arrays have their own."""
    changing = {folder.problems, folder.lock, folder.console, folder.source, folder.root / SEAL}
    files = (path for path in sorted(folder.root.rglob("*")) if path.is_file() and not path.is_symlink())
    kept = [path for path in files if path not in changing and folder.cache not in path.parents]
    seal_files(folder.root, [path for path in kept if path.suffix != ".old"])


def _has_changed(folder: DataFolder, options: Mapping[str, Any]) -> bool:
    source = source_of(options)
    return source is not None and source.exists() and bool(record.source_changes(folder.root, source))


def source_of(options: Mapping[str, Any]) -> Path | None:
    """The folder or archive that data with these `options` are prepared from; None for data that need none."""
    return Path(str(options["source"])) if options.get("source") else None


def _prepare(folder: DataFolder, options: Mapping[str, Any]) -> None:
    """Prepare afresh; the record of the source says how its files were before that began."""
    from spinelib.sources import prepare

    source, earlier = source_of(options), record.Record.read(folder.root)
    files = (
        record.file_facts(source, folder.root, earlier.files if earlier else {}) if source and source.exists() else {}
    )
    _clear(folder)
    prepare(options["dataset"], folder.root, **{k: v for k, v in options.items() if k != "dataset"})
    if source is not None:
        record.Record.of(folder.root, source, files).write(folder.root)


def _clear(folder: DataFolder) -> None:
    """Remove what was prepared here before: a table or picture of that time must not join the new ones."""
    if not (folder.options.exists() or folder.source.exists()):
        return
    shutil.rmtree(folder.cache, ignore_errors=True)
    # What somebody edited was copied aside, for them.
    for part in (folder.images, folder.masks):
        for path in part.rglob("*"):
            if path.is_file() and path.suffix != ".old":
                path.unlink()
        if not any(path.is_file() for path in part.rglob("*")):
            shutil.rmtree(part, ignore_errors=True)
    for path in (folder.options, folder.source, *folder.root.glob("*.csv")):
        path.unlink(missing_ok=True)


def content_of(manifest: Path) -> str:
    """A digest of all that a run can see of the data with this manifest; '' where there is no record of it."""
    found = record.Record.read(manifest.parent)
    return found.content if found else ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
