"""Files of a user's that a run begins from or scores, told by what they hold: each machine has them elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from spinelib.core.files import content_digest, digest

# Parameters that name a file of weights, or a folder of masks; the name of a released network or of a run is neither.
FILE_PARAMETERS = ("checkpoint", "detector_checkpoint", "masks", "pretrained")
FOLDERS = ("masks",)
HOLDS, GIVEN = "holds", "given"  # keys: in what a study agrees on, and in the record of a run


def held_by(parameters: Mapping[str, Any], place: Path) -> dict[str, str]:
    """Digests of the files that `parameters` name, by the parameter; none for what is empty or not there.

    Relative paths start at `place`, where notebooks are run. A folder is told by the names and digests of its files.
    """
    found = {}
    for name in FILE_PARAMETERS:
        given = parameters.get(name)
        path = Path(os.path.normpath(place / Path(str(given)).expanduser()))
        if given and path.is_file():
            state = path.stat()
            found[name] = _of_file(path, state.st_size, state.st_mtime_ns)
        elif given and name in FOLDERS and path.is_dir():
            found[name] = _of_folder(path)
    return found


@cache
def _of_file(path: Path, _size: int, _changed_ns: int) -> str:
    return content_digest(path)


def _of_folder(path: Path) -> str:
    files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
    return digest(*(part for each in files for part in (each.relative_to(path).as_posix(), content_digest(each))))
