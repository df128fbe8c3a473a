"""Arrays of cases kept as .npy files: with digests by which a damaged one is noticed when it is opened.

They are built in a folder beside their place, with a file that is locked meanwhile: what a process that was killed has
left is known by its lock being free, and removed before anything else is built there.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
MEBI = 2**20
SPILLED = 16 * MEBI  # bytes above which arrays that grow with the cases lie on the disk
UNSUPPORTED = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
BUILDING = ".building"  # ending of the file that is locked while the folder of the same name is built


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


def reserve(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """A new array kept in the file `path`, mapped, with all its room on the disk taken.

    Writing to a mapped file for which the disk has no room ends the process (SIGBUS): it has to be told before.
    Raises OSError for it.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, max(1, path.stat().st_size))
        # What macOS and some disks of other machines cannot do
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in UNSUPPORTED:
                raise
            start = path.stat().st_size - array.nbytes
            file.seek(start)
            for left in range(array.nbytes, 0, -MEBI):
                file.write(bytes(min(MEBI, left)))
            file.flush()
            os.fsync(file.fileno())
    return array


def spilled(shape: tuple[int, ...], dtype: Any = np.uint8) -> NDArray[Any]:
    """A new array of zeros; above SPILLED bytes in a file without a name in the temporary folder.

    Its pages are the system's to write out and take back, so that a process does not grow with its cases. In memory
    where no such file can be had.
    """
    kind = np.dtype(dtype)
    if int(np.prod(shape)) * kind.itemsize > SPILLED:
        with suppress(OSError), tempfile.TemporaryDirectory() as folder:
            return np.asarray(reserve(Path(folder) / "array.npy", kind, shape))
    return np.zeros(shape, kind)


def gathered(parts: Iterable[NDArray[Any]], count: int) -> NDArray[Any]:
    """Arrays [n,*S] one below the other as one [count,*S], each written to its place as it comes (`spilled`).

    Raises ValueError where they are none, or not `count` together.
    """
    found, start = None, 0
    for part in parts:
        found = spilled((count, *part.shape[1:]), part.dtype) if found is None else found
        found[start : start + len(part)] = part
        start += len(part)
    if found is None or start != count:
        raise ValueError(f"{start} cases, not {count}")
    return found


@contextmanager
def building_place(target: Path) -> Iterator[Path]:
    """A new folder to build `target` in, on the same disk; removed at the end where it has not been moved away.

    What killed processes have left of theirs is removed first. Raises OSError where nothing can be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for mark in target.parent.glob(f".*{BUILDING}"):
        _sweep(mark)
    place = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    mark = place.with_name(place.name + BUILDING)
    try:
        with mark.open("a+b") as file:
            _is_free(file.fileno())
            place.mkdir()
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):
            mark.unlink()


def _sweep(mark: Path) -> None:
    """Remove what belongs to a mark that no process holds."""
    with suppress(OSError):
        with mark.open("r+b") as file:
            if not _is_free(file.fileno()):
                return
            shutil.rmtree(mark.with_name(mark.name.removesuffix(BUILDING)), ignore_errors=True)
        mark.unlink()


def _is_free(descriptor: int) -> bool:
    """Take a lock that ends with its process; False where another one holds it, or the disk knows no locks."""
    # Loads asyncio, which a process that builds nothing does not need.
    from filelock import lock_descriptor

    with suppress(OSError):
        return lock_descriptor(descriptor, blocking=False)
    return False


def discard(folder: Path) -> None:
    """Remove arrays that are damaged, at once for every other process."""
    with building_place(folder) as place, suppress(FileNotFoundError):
        os.replace(folder, place / folder.name)


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
