"""Zip archives of films, unpacked beside the prepared data with nothing outside, and nothing larger than is said.

(C, our choice) At most MAX_BYTES in MAX_FILES files, none of them packed more than MAX_RATIO times smaller once it is
large; no links, no passwords. Names without the mark of UTF-8 are read as that, as GBK, or as code page 437.

Marks: (C) our choice.
"""

from __future__ import annotations

import re
import shutil
import stat
import uuid
import zipfile
from pathlib import Path, PurePosixPath

from spinelib.core.errors import BadInput

MAX_BYTES, MAX_FILES = 50_000_000_000, 200_000
# A picture of one grey value is packed a thousand times smaller: small files may be.
MAX_RATIO, SMALL = 200, 50_000_000
HIGH, PAIRS = re.compile(rb"[\x80-\xff]+"), re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
REMEDY = "Unpack it yourself and give the folder."
# Archives that are named, not unpacked.
PACKED = (".rar", ".7z", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".gz", ".bz2", ".xz")


def unpack(archive: Path, target: Path) -> dict[str, Path]:
    """Unpack a zip archive to the folder `target`, which is made new, whole or not at all; gives the files by name.

    A name leads through the folders of the archive; a single one at the top that is called as the archive is left out.
    Raises BadInput for a damaged or encrypted archive, paths that lead outside, links, and more than the limits.
    """
    temporary = target.with_name(f".{target.name[:40]}.{uuid.uuid4().hex[:8]}")
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            names = _names(archive, members)
            for member, name in zip(members, names, strict=True):
                place = temporary / name
                place.parent.mkdir(parents=True, exist_ok=True)
                _write(packed, member, place)
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(archive, f"is a damaged or unknown archive ({error})", REMEDY) from error
    except OSError as error:
        raise BadInput(archive, f"cannot be unpacked to {target} ({error.strerror or error})", REMEDY) from error
    except (RuntimeError, Exception) as error:
        # Damaged streams surface as zlib.error and others.
        raise BadInput(archive, f"is damaged ({error})", REMEDY) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return {name: target / name for name in names}


def _names(archive: Path, members: list[zipfile.ZipInfo]) -> list[str]:
    """The name of each member below the target, after a look at what it claims to be. Raises BadInput."""
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES or len(members) > MAX_FILES:
        raise BadInput(archive, f"unpacks to {len(members)} files of {total / 1e9:.0f} GB", REMEDY)
    names = []
    for member in members:
        name = _decoded(member)
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or not path.name or "\0" in name:
            raise BadInput(archive, f"holds a path that leads outside ({name!r})", "Do not use it.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise BadInput(archive, f"holds a link ({name!r})", REMEDY)
        if member.flag_bits & 1:
            raise BadInput(archive, "is locked with a password", REMEDY)
        if member.file_size > max(SMALL, MAX_RATIO * member.compress_size):
            raise BadInput(
                archive, f"holds {name!r}, packed {member.file_size // max(1, member.compress_size)} times", REMEDY
            )
        names.append(path.as_posix())
    tops = {name.split("/")[0] for name in names if not name.startswith("__MACOSX/")}
    if tops == {archive.stem} and all("/" in name for name in names):
        names = [name.removeprefix(f"{archive.stem}/") for name in names]
    if len({name.casefold() for name in names}) < len(names):
        raise BadInput(archive, "holds two files of one name", REMEDY)
    return names


def _decoded(member: zipfile.ZipInfo) -> str:
    """The member's name; what is not marked as UTF-8 was written in the code page of somebody's machine."""
    if member.flag_bits & 0x800:
        return member.filename
    data = member.filename.encode("cp437", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Chinese text comes in pairs of high bytes; accented letters stand alone.
        chinese = all(PAIRS.fullmatch(run) for run in HIGH.findall(data))
    return data.decode("gbk", "replace") if chinese else member.filename


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    """Unpack one member; what it claims to be is its limit."""
    with packed.open(member) as source, place.open("wb") as out:
        left = member.file_size
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile("a file is larger than is said")
            out.write(block)
