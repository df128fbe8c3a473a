r"""Files that are written whole or not at all, and hashes of what they hold.

Every text is UTF-8 that any program reads. A file name that is not UTF-8 (as archives of other systems leave them)
shows its bytes in a text as ``\udcXX``: the text says which file is meant, but a path that is to be opened again must
not come from it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spinelib.core.errors import BadInput

REMEDY = "Free space on the disk or choose a folder you may write to."
# Endings by which writers choose a format; anything longer is no such ending.
LONGEST_SUFFIX = 16
FULL = 2**20  # bytes left on a disk that is called full
# What goes wrong where something is written, never where it is read.
_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def replace(path: Path | str, lasting: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it onto `path` on success, remove it on error.

    The temporary name is short and does not grow with that of `path`. With `lasting` the content is on the disk before
    the file has its name, also when the machine loses its power then: for files that say what is finished. Raises
    BadInput when the folder cannot be written, the disk is full or the name is too long.
    """
    path = Path(path)
    # The suffix stays last: many writers choose the format from it.
    suffix = path.suffix if len(os.fsencode(path.suffix)) <= LONGEST_SUFFIX else ""
    temporary = path.with_name(f".{uuid.uuid4().hex[:8]}{suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if lasting:
            _settle(temporary)
        os.replace(temporary, path)
    except OSError as error:
        # A copy that fails names both of its files, whichever of them it was.
        second = error.filename2 if error.errno in _OF_DISKS else None
        if error.filename is None or Path(second or error.filename) in (temporary, path, *path.parents):
            raise _refusal(path, error) from error
        raise
    except BadInput:
        raise
    except Exception as error:
        # What libraries raise of their own for a full disk
        if temporary.exists() and shutil.disk_usage(path.parent).free < FULL:
            raise BadInput(path, "cannot be written (the disk is full)", REMEDY) from error
        raise
    finally:
        # Where nothing could be written nothing can be removed; that must not hide the reason.
        with suppress(OSError):
            temporary.unlink()


def _settle(path: Path) -> None:
    # Windows settles only what may be written.
    with path.open("r+b") as handle:
        os.fsync(handle.fileno())


def _refusal(path: Path, error: OSError) -> BadInput:
    remedy = "Give it a shorter name." if error.errno == errno.ENAMETOOLONG else REMEDY
    return BadInput(path, f"cannot be written ({error.strerror or error})", remedy)


def system_refusal(error: OSError) -> str:
    """What the system says about a file, as one line without its number: the file, the reason and a remedy."""
    file = error.filename2 if error.filename2 and error.errno in _OF_DISKS else error.filename
    reason = error.strerror or str(error)
    return f"{file}: {reason}. {REMEDY if error.errno in _OF_DISKS else ''}".strip() if file else reason


def write_text(path: Path | str, text: str) -> None:
    r"""Write `text` to `path` as UTF-8, whole or not at all, and so that it lasts; what is not UTF-8 as ``\udcXX``."""
    with replace(path, lasting=True) as temporary:
        # The same bytes on every system: their digest is that of the text.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def digest(*parts: bytes | str | Path) -> str:
    """Short SHA-256 (16 hex digits) of bytes, strings and the contents of files, in order."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode(errors="surrogatepass") if isinstance(data, str) else data
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()[:16]


def content_digest(path: Path) -> str:
    """Short SHA-256 (16 hex digits) of what a file holds, read piece by piece."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()[:16]
