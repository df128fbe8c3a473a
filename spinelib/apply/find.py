"""Which films or volumes lie in a folder of the user, however deep; no labels are asked for.

Read by the readers of the data set `folder`: PNG, JPEG, TIFF, BMP, NPY and DICOM films; NIfTI, MetaImage and folders of
DICOM slices as volumes. (C, our choice) Where a folder `masks` or `labels` lies beside `images`, it is passed over; so
are hidden files, tables and texts. Everything else becomes a row, so that nothing is left out in silence.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.sources.layouts import files_in

LABELS = {"masks", "labels"}


@dataclass(frozen=True)
class ImageFile:
    """One film or volume: its path, its name relative to the folder asked for, and the name of its results."""

    path: Path
    name: str
    stem: str


def find_sources(source: Path | str, dims: int, out: Path | None = None) -> list[ImageFile]:
    """The films (dims 2) or volumes (dims 3) in `source`, a folder or a single file, by name; `out` is passed over.

    For films every DICOM file is one, for volumes a folder of DICOM slices is. Raises BadInput when `source` is not
    there, or holds nothing at all.
    """
    source = Path(source)
    if not source.exists():
        raise BadInput(source, "does not exist", "Check the path and its spelling.")
    # Only volumes may be folders.
    single = source.is_file() or (dims == 3 and source in files_in(source.parent))
    top = source.parent if single else source
    paths = [source] if single else sorted(_walk(source, dims, out.resolve() if out else None))
    if not paths:
        what = "films" if dims == 2 else "volumes"
        raise BadInput(source, f"holds no {what}", "Choose the folder that holds them (or one above it).")
    return _named(paths, top)


def _walk(folder: Path, dims: int, out: Path | None) -> Iterator[Path]:
    for here, folders, _ in os.walk(folder):
        place = Path(here)
        beside = LABELS if "images" in folders else set()
        inside = files_in(place)
        series = {path for path in inside if path.is_dir()} if dims == 3 else set()
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith(".")
            and name not in beside
            and place / name not in series
            and (place / name).resolve() != out
        ]
        yield from (path for path in inside if path.is_file() or path in series)


def _named(paths: list[Path], top: Path) -> list[ImageFile]:
    """Results are called as their film without its ending; where two films share that, with it."""
    names = [path.relative_to(top).as_posix() for path in paths]
    bare = [_bare(path, name) for path, name in zip(paths, names, strict=True)]
    # Some file systems do not tell capitals apart.
    count = Counter(stem.casefold() for stem in bare)
    return [
        ImageFile(path, name, name if count[stem.casefold()] > 1 else stem)
        for path, name, stem in zip(paths, names, bare, strict=True)
    ]


def _bare(path: Path, name: str) -> str:
    if path.is_dir():
        return name
    ending = ".nii.gz" if name.lower().endswith(".nii.gz") else path.suffix
    return name[: -len(ending)] if ending else name
