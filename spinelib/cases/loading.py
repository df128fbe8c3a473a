"""Manifest to `CaseArrays`: decoded once, on one grid, kept as .npy files beside the manifest."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.arrays import CaseArrays
from spinelib.cases.film import CaseValues, Reader
from spinelib.cases.labelled import known_structures
from spinelib.cases.manifest import (
    Case,
    Problem,
    manifest_path,
    read_classes,
    read_manifest,
    read_problems,
    to_table,
    write_problems,
)
from spinelib.cases.splits import check_disjoint
from spinelib.cases.stored import Arrays, array_file, building_place, discard, open_stored, reserve, seal_arrays
from spinelib.cases.volume import is_volume, volume_files
from spinelib.cases.volumes import VERSION as VOLUMES
from spinelib.cases.volumes import VolumeReader
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import ARRAY_FACTS, CACHE, LABEL_NAMES

# Raised when the arrays of the same films would come out differently.
VERSION = 2
THREADS = 4


class CaseReader(Protocol):
    """What reads one case onto the grid: `Reader` for films, `VolumeReader` for volumes."""

    def blank(self) -> CaseValues:
        """What an array of each name holds for one case before anything is known."""

    def read(self, case: Case) -> CaseValues:
        """The arrays of one case. Raises BadInput."""


def load_arrays(
    folder: Path | str,
    grid: tuple[int, ...],
    channels: int | None = None,
    cache: Path | str | None = None,
    memory_mb: int = 2048,
) -> CaseArrays:
    """All cases of `folder`/manifest.csv on one grid: films with (height, width), volumes with (slices, height, width).

    Films have 1 (grey) or 3 `channels`; None is 3 where more than half of the manifest's images have the modality rgb,
    else 1. Volumes have 1. What labelled.csv leaves out of a case is not `known` there.
    The arrays are kept under `cache` (default `folder`/cache), named after the grid and a hash of the manifest and of
    every file's size and time, so nothing is decoded twice; above `memory_mb` megabytes they are memory-mapped. What is
    damaged there is built again, with a warning.
    A film that cannot be used is left out, with a row in problems.csv and a warning.
    Raises BadInput for a bad manifest or grid, a patient on both sides of the split, or when no film is left.
    """
    if len(grid) not in (2, 3) or min(grid) < 1 or channels not in ((None, 1, 3) if len(grid) == 2 else (None, 1)):
        raise BadInput(
            "grid",
            f"{tuple(grid)} with {channels} channels",
            "Give a height and a width, and 1 or 3 channels; for volumes slices, height and width, and 1 channel.",
        )
    folder = manifest_path(folder).parent
    cases, classes = read_manifest(folder), read_classes(folder)
    check_disjoint(cases)
    _check_kind(folder, cases, grid)
    known = known_structures(folder, cases, classes)
    depth = channels or (_channels(cases) if len(grid) == 2 else 1)
    name = f"{'x'.join(map(str, (*grid, depth)))}-{_key(folder, cases, classes, len(grid))}"
    stored = (Path(cache) if cache else folder / CACHE) / name

    def build() -> None:
        reader = _reader(folder, cases, grid, depth, classes)
        _publish(stored, lambda target: _build(target, reader, cases, folder))

    if not (stored / ARRAY_FACTS).exists():
        build()
    try:
        meta, arrays = open_stored(stored, memory_mb)
    except BadInput as error:
        warnings.warn(f"{error.file}: {error.reason}. The arrays are built again.", stacklevel=2)
        discard(stored)
        build()
        meta, arrays = open_stored(stored, memory_mb)
    return _put_together(meta, arrays, cases, classes, known)


def _reader(
    folder: Path, cases: list[Case], grid: tuple[int, ...], channels: int, classes: tuple[str, ...]
) -> CaseReader:
    if len(grid) == 3:
        return VolumeReader(folder, (grid[0], grid[1], grid[2]), classes)
    return Reader(folder, cases, (grid[0], grid[1]), channels, classes)


def _check_kind(folder: Path, cases: list[Case], grid: tuple[int, ...]) -> None:
    volumes = sum(is_volume(folder / case.image) for case in cases)
    if volumes == (0 if len(grid) == 3 else len(cases)):
        kind, numbers = ("films", "height and width") if len(grid) == 3 else ("volumes", "slices, height and width")
        raise BadInput("grid", f"{tuple(grid)}, but {folder} holds {kind}", f"Give {numbers}.")


def _channels(cases: list[Case]) -> int:
    # One film with a coloured stamp does not make a set of radiographs a colour set.
    return 3 if 2 * sum(case.modality == "rgb" for case in cases) > len(cases) else 1


def _key(folder: Path, cases: list[Case], classes: tuple[str, ...], axes: int) -> str:
    parts = [str(VERSION) if axes == 2 else f"volumes {VOLUMES}", "|".join(classes), repr(cases)]
    files = {name for case in cases for name in (case.image, case.mask, case.landmarks) if name}
    for path in sorted(files | ({LABEL_NAMES} if (folder / LABEL_NAMES).exists() else set())):
        for file in _files(folder / path):
            name = path if file == folder / path else os.path.relpath(file, folder)
            try:
                facts = os.stat(file)
                parts.append(f"{name} {facts.st_size} {facts.st_mtime_ns}")
            except OSError:
                parts.append(f"{name} missing")
    return digest(*parts)


def _files(path: Path) -> list[Path]:
    """The path, and what belongs to it: a folder's slices, a header's file of voxels."""
    try:
        return [path, *(file for file in volume_files(path) if file != path)] if is_volume(path) else [path]
    # Found again, and said, when the volume is read.
    except BadInput:
        return [path, path.with_name(f"{path.name} is not whole")]


def _publish(target: Path, build: Callable[[Path], None]) -> None:
    try:
        with building_place(target) as place:
            build(place)
            if not target.exists():
                os.replace(place, target)
    except OSError as error:
        # Another process may have published the same arrays between the two calls.
        if not (target / ARRAY_FACTS).exists():
            reason = f"cannot be written ({error.strerror or error})"
            raise BadInput(target, reason, "Free space on the disk or name another folder with cache=.") from error


def _build(target: Path, reader: CaseReader, cases: list[Case], folder: Path) -> None:
    arrays = _allocate(target, reader, len(cases))

    def fill(position: int) -> Problem | None:
        try:
            film = reader.read(cases[position])
        except BadInput as error:
            return Problem.of(cases[position].case, error)
        for name, value in film.items():
            arrays[name][position] = value
        return None

    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        results = list(pool.map(fill, range(len(cases))))
    problems = [result for result in results if result is not None]
    kept = [k for k, result in enumerate(results) if result is None]
    _report(problems, kept, folder, "volume" if isinstance(reader, VolumeReader) else "film")
    _finish(target, arrays, kept, len(cases))


def _allocate(target: Path, reader: CaseReader, count: int) -> dict[str, NDArray[Any]]:
    kinds = {name: np.asarray(value) for name, value in reader.blank().items()}
    return {
        name: reserve(array_file(target, name), value.dtype, (count, *value.shape)) for name, value in kinds.items()
    }


def _report(problems: list[Problem], kept: list[int], folder: Path, kind: str) -> None:
    if not kept:
        first = problems[0]
        raise BadInput(first.file, f"{first.problem}; no {kind} of {folder} can be used", first.remedy)
    if problems:
        write_problems([*read_problems(folder), *problems], folder)
        example = f"{problems[0].file}: {problems[0].problem}"
        warnings.warn(f"{len(problems)} {kind}s left out, see problems.csv; the first: {example}", stacklevel=2)


def _finish(target: Path, arrays: dict[str, NDArray[Any]], kept: list[int], count: int) -> None:
    for name, array in arrays.items():
        if len(kept) < count:
            np.save(target / f".{name}.npy", array[kept])
            os.replace(target / f".{name}.npy", array_file(target, name))
            arrays[name] = np.load(array_file(target, name), mmap_mode="r")
        elif isinstance(array, np.memmap):
            array.flush()
    seal_arrays(target, arrays, kept)


def _put_together(
    meta: dict[str, Any], arrays: Arrays, cases: list[Case], classes: tuple[str, ...], known: NDArray[np.bool_]
) -> CaseArrays:
    table = to_table([cases[k] for k in meta["kept"]])
    extra = {name.removeprefix("extra_"): arrays[name] for name in arrays if name.startswith("extra_")}
    known = known[meta["kept"]]
    # Fully labelled films keep the mark they had before labels could be partial.
    partial = () if known.all() else (known.tobytes(),)
    mark = digest(meta["digest"], *classes, table.to_csv(index=False), *partial)
    names = ("images", "labels", "landmarks", "frames", "spacing", "places")
    parts = {name: arrays[name] for name in names if name in arrays}
    return CaseArrays(table=table, classes=classes, extra=extra, digest=mark, known=known, **parts)
