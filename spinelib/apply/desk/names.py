"""Names of files that somebody hands over, made safe: they stay in their folder, and never replace another file."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from spinelib.core.files import digest, replace

# What systems forbid in names, and names that Windows keeps for devices.
FORBIDDEN = re.compile(r'[<>:"|?*\\/]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
# Bytes of a name, so that the results of a film, which add to it, have room; letters of an ending.
LONGEST, ENDING = 120, 10
NAMELESS = "film"


def safe_name(given: str) -> str:
    """The last part of a path as a name that every system takes: no folder, no control character, never hidden."""
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", given)[-1])
    name = "".join("_" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in name)
    name = FORBIDDEN.sub("_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > ENDING:
        stem, dot, ending = name, "", ""
    stem = stem.encode()[:LONGEST].decode(errors="ignore").strip(" .") or NAMELESS
    return f"{'_' if DEVICES.fullmatch(stem) else ''}{stem}{dot}{ending}"


def keep_file(folder: Path, name: str, content: bytes) -> Path:
    """Write a file that was handed over to `folder`; gives its path there.

    The very same file that is there already is not written again; where another one has its name, whatever its ending,
    a number makes it different. Raises BadInput where nothing can be written.
    """
    wanted = Path(safe_name(name))
    there = {path.stem.casefold(): path for path in sorted(folder.glob("*"))}
    for number in range(1, len(there) + 2):
        stem = wanted.stem if number == 1 else f"{wanted.stem}-{number}"
        found = there.get(stem.casefold())
        if found is None:
            break
        if found.suffix == wanted.suffix and digest(found) == digest(content):
            return found
    path = folder / f"{stem}{wanted.suffix}"
    with replace(path) as temporary:
        temporary.write_bytes(content)
    return path
