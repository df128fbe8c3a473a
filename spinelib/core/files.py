"""Files that are written whole or not at all, and hashes of what they hold."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spinelib.core.errors import BadInput


@contextmanager
def replace(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it onto `path` on success, remove it on error.

    Raises BadInput when the folder cannot be written or the disk is full.
    """
    path = Path(path)
    # The suffix stays last: many writers choose the format from it.
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.filename is None or Path(error.filename) in (temporary, path, *path.parents):
            reason = f"cannot be written ({error.strerror or error})"
            raise BadInput(path, reason, "Free space on the disk or choose a folder you may write to.") from error
        raise
    finally:
        # Where nothing could be written nothing can be removed; that must not hide the reason.
        with suppress(OSError):
            temporary.unlink()


def write_text(path: Path | str, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with replace(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def digest(*parts: bytes | str | Path) -> str:
    """Short SHA-256 (16 hex digits) of bytes, strings and the contents of files, in order."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()[:16]
