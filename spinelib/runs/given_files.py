"""Files of a user's that a run begins from or scores, told by what they hold: each machine has them elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from spinelib.core.files import content_digest, digest

# Parameters that name a file of weights, or a folder of masks; the name of a released network or of a run is neither.
FILE_PARAMETERS = ("checkpoint", "detector_checkpoint", "masks", "pretrained")
FOLDERS = ("masks",)
# Options of a network are texts NAME=VALUE; one whose value ends so names a file. Its key is OPTIONS, a dot, its name.
OPTIONS, WEIGHTS = "options", ".safetensors"
HOLDS, GIVEN = "holds", "given"  # keys: in what a study agrees on, and in the record of a run


def held_by(parameters: Mapping[str, Any], place: Path) -> dict[str, str]:
    """Digests of the files that `parameters` name, by the parameter; none for what is empty or not there.

    Relative paths start at `place`, where notebooks are run. A folder is told by the names and digests of its files.
    """
    found = {}
    for name, path in _named(parameters, place):
        if path.is_dir():
            files = _below(path)
            parts = ((each.relative_to(path).as_posix(), content_digest(each)) for each in files)
            found[name] = digest(*chain.from_iterable(parts))
        else:
            state = path.stat()
            found[name] = _of_file(path, state.st_size, state.st_mtime_ns)
    return found


def files_given(parameters: Mapping[str, Any], place: Path) -> list[Path]:
    """The files that `parameters` name, and those in the folders that they name; as `held_by` finds them."""
    paths = [path for _, path in _named(parameters, place)]
    return [each for path in paths for each in (_below(path) if path.is_dir() else [path])]


def _named(parameters: Mapping[str, Any], place: Path) -> Iterator[tuple[str, Path]]:
    texts = {name: str(parameters[name]) for name in FILE_PARAMETERS if parameters.get(name)}
    for name, text in (texts | dict(_options(parameters))).items():
        # The folder where notebooks run may not be there yet: then nothing leads out of it.
        path = Path(os.path.normpath(place / Path(text).expanduser()))
        if path.is_file() or (name in FOLDERS and path.is_dir()):
            yield name, path


def _options(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for option in parameters.get(OPTIONS) or ():
        name, _, value = str(option).partition("=")
        if value.endswith(WEIGHTS):
            yield f"{OPTIONS}.{name}", value


def _below(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file() and not each.name.startswith("."))


@cache
def _of_file(path: Path, _size: int, _changed_ns: int) -> str:
    return content_digest(path)
