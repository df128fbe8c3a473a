"""Arrays of cases kept as .npy files: with digests by which a damaged one is noticed when it is opened."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import ARRAY_FACTS
from spinelib.core.seals import FILES, read_sealed, sealed

Arrays = dict[str, NDArray[Any]]


def array_file(folder: Path, name: str) -> Path:
    """The file of the array called `name`."""
    return folder / f"{name}.npy"


def seal_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]], kept: list[int]) -> None:
    """Write what the arrays in `folder` are and their digest, as its last file; kept: rows of the manifest in them."""
    parts = (f"{name} {_digest_of(array)}" for name, array in sorted(arrays.items()))
    files = {name: _file_digest(folder, name) for name in sorted(arrays)}
    meta = {"digest": digest(*parts), "arrays": sorted(arrays), "kept": kept, FILES: files}
    write_text(folder / ARRAY_FACTS, json.dumps(sealed(meta)))


def open_stored(folder: Path, memory_mb: int) -> tuple[dict[str, Any], Arrays]:
    """What `seal_arrays` wrote, and the arrays; memory-mapped above `memory_mb` megabytes.

    Every file is held to its digest, once in a process while it looks the same. Raises BadInput for what is damaged.
    """
    meta = read_sealed(folder / ARRAY_FACTS)
    if meta is None or FILES not in meta:
        raise BadInput(folder, f"has a damaged {ARRAY_FACTS}", "Delete this folder.")
    try:
        states = {name: array_file(folder, name).stat() for name in meta["arrays"]}
        bad = [k for k, at in states.items() if _digest_once(folder, k, at.st_size, at.st_mtime_ns) != meta[FILES][k]]
        if bad:
            raise BadInput(array_file(folder, bad[0]), "is damaged", "Delete this folder.")
        mapped = sum(state.st_size for state in states.values()) > memory_mb * 2**20
        return meta, {name: np.load(array_file(folder, name), mmap_mode="r" if mapped else None) for name in states}
    except OSError as error:
        raise BadInput(folder, f"is damaged ({error.strerror or error})", "Delete this folder.") from error


def discard(folder: Path) -> None:
    """Remove arrays that are damaged, at once for every other process."""
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    try:
        os.replace(folder, aside)
    except FileNotFoundError:
        return
    shutil.rmtree(aside, ignore_errors=True)


def _digest_of(array: NDArray[Any]) -> str:
    """What `digest` gives of the array's bytes, without a copy of them."""
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    total = hashlib.sha256(len(data).to_bytes(8, "little"))
    total.update(data.data)
    return total.hexdigest()[:16]


def _file_digest(folder: Path, name: str) -> str:
    with array_file(folder, name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@cache
def _digest_once(folder: Path, name: str, size: int, changed_ns: int) -> str:
    """The digest of a file that looks like this."""
    return _file_digest(folder, name)
