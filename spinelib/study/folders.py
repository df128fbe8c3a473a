"""The folder that a user gives for ``$DATA``: the very one that was named, or a refusal before anything starts."""

from __future__ import annotations

import difflib
import json
import os
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder

SHOWN = 6


def settle_path(text: str) -> str:
    """`text` as a path: ``~`` opened, no slash at the end, letters as the disk spells them; '' stays ''.

    One accented letter is written in two ways, as one sign or as a letter and its accent, and looks the same: where
    only that differs from one single name on the disk, that one is meant. Raises BadInput for a path that no table of
    a study can hold.
    """
    if not text:
        return ""
    _check(text)
    path = Path(text)
    if text.startswith("~") and not os.path.lexists(path):
        path = path.expanduser()
    return str(_as_on_disk(path))


def _check(text: str) -> None:
    if any(sign in text for sign in "\n\r"):
        raise BadInput(repr(text), "is a path with a line break in it", "Rename that folder.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(repr(text), "is a path whose name is not UTF-8", "Rename that folder.") from error


def _as_on_disk(path: Path) -> Path:
    found = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts:
        names = [] if os.path.lexists(found / part) else _names(found)
        same = [name for name in names if _composed(name) == _composed(part)]
        found /= same[0] if len(same) == 1 else part
    return found


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def as_prepared(source: str, data: DataFolder) -> str:
    """`source` as the data were prepared from it where that is the same folder: its spelling alone changes nothing."""
    try:
        before = str(json.loads(data.options.read_text(encoding="utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return source
    return before if before and _is_same(before, source) else source


def _is_same(one: str, other: str) -> bool:
    with suppress(OSError):
        return os.path.samefile(one, other)
    return os.path.abspath(one) == os.path.abspath(other)


def check_source(path: Path, archive: bool = True) -> None:
    """Raise BadInput unless `path` is a folder that holds a file or, for an `archive`, a file; near names are shown."""
    if path.is_file():
        if archive:
            return
        raise BadInput(repr(str(path)), "is a file", "Give the folder that it lies in.")
    if not path.exists():
        whole = path.absolute()
        raise BadInput(repr(str(path)), f"is not a folder: {_absent(whole)}", _near(whole))
    if not path.is_dir():
        raise BadInput(repr(str(path)), "is not a folder", "Give the folder that holds your files.")
    if not os.access(path, os.R_OK | os.X_OK):
        raise BadInput(repr(str(path)), "may not be read by you", "Give yourself the right to read it.")
    if not holds_files(path):
        raise BadInput(repr(str(path)), "is a folder without a single file", "Mount it, or give another one.")


def holds_files(path: Path) -> bool:
    """Whether there is a file at `path`, or anywhere below it."""
    return path.is_file() or any(names for _, _, names in os.walk(path, followlinks=True))


def _absent(path: Path) -> str:
    there = _deepest(path)
    return f"{str(there)!r} holds no {path.relative_to(there).parts[0]!r}"


def _near(path: Path) -> str:
    """A remedy with the folder whose name is nearest to the first one that is missing, or with those that there are."""
    there = _deepest(path)
    wanted = path.relative_to(there).parts[0]
    names = sorted(name for name in _names(there) if (there / name).is_dir() and not name.startswith("."))
    folded = {_composed(name).strip().casefold(): name for name in names}
    near = difflib.get_close_matches(_composed(wanted).strip().casefold(), folded, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {str(there / folded[near[0]])!r}?"
    return f"There are: {_listed(names)}." if names else "There is no folder in it."


def _deepest(path: Path) -> Path:
    """The nearest folder above the absolute `path` that there is."""
    return next(parent for parent in path.parents if parent.is_dir())


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _listed(names: Iterable[str]) -> str:
    words = [repr(name) for name in names]
    return ", ".join(words[:SHOWN]) + (", ..." if len(words) > SHOWN else "")


# What Snakemake makes of a value in --config depends on its signs; of these letters, digits and %XX it makes nothing.
PREFIX = "as_"


def packed(text: str) -> str:
    """`text` in letters that shells, Snakemake and YAML pass on as they are; `unpacked` gives it back."""
    return PREFIX + quote(text, safe="/", errors="surrogateescape")


def unpacked(text: str) -> str:
    """What `packed` was given; a text that it has not made is given back as it is."""
    return unquote(text[len(PREFIX) :], errors="surrogateescape") if text.startswith(PREFIX) else text
