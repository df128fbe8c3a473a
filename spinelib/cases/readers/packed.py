"""The bytes of a volume's file, unpacked to their end, so that check sum and length are known to be right.

(A) RFC 1950 and 1952: a zlib or gzip stream ends with a check sum, and gzip streams may follow one another. (C) Zeros
behind the end are padding; other bytes there are refused.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from spinelib.core.errors import BadInput

BLOCK = 2**16
# zlib's number for streams of either kind, told by their first bytes.
EITHER = 47
AGAIN = "Copy or download it again."


def is_gzip(path: Path) -> bool:
    """Whether the first two bytes are those of gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def read_bytes(path: Path, size: int, *, start: int = 0, packed: bool) -> bytes:
    """The `size` bytes that a file holds from byte `start` on, unpacked (gzip or zlib) where `packed`.

    Raises BadInput for fewer bytes, for more (unless they are zeros), and for a stream that is damaged or cut short.
    """
    found = bytearray()
    for block in _unpacked(path, start) if packed else _plain(path, start):
        found += block
        if len(found) > size and any(found[size:]):
            raise BadInput(path, f"holds more than the {size} bytes of voxels that its header states", AGAIN)
        del found[size + 1 :]
    if len(found) < size:
        raise BadInput(path, f"is damaged or cut short ({len(found)} of {size} bytes)", AGAIN)
    return bytes(memoryview(found)[:size])


def beside(path: Path, name: str) -> Path:
    """The file called `name` that holds the voxels for the header `path`, in its folder or below it.

    Raises BadInput where it is not there, and for names that leave the folder or stand for several files.
    """
    if name.split(" ")[0].upper() == "LIST" or "%" in name:
        raise BadInput(path, "keeps its voxels in several files", "Save it as one .mha, .nrrd or .nii.gz file.")
    inside = os.path.normpath(name.replace("\\", "/"))
    if os.path.isabs(inside) or inside.startswith("..") or re.match(r"[A-Za-z]:", inside):
        raise BadInput(path, f"keeps its voxels in another folder ({name})", "Put both files into one folder.")
    file = path.parent / inside
    if not file.is_file():
        raise BadInput(path, f"keeps its voxels in {name}, which is not there", "Copy both files into one folder.")
    return file


def first_bytes(path: Path, size: int) -> bytes:
    """At most `size` first bytes of a file, unpacked where it is gzip. Raises BadInput for a damaged stream."""
    if not is_gzip(path):
        with path.open("rb") as file:
            return file.read(size)
    return next(_unpacked(path, 0), b"")[:size]


def _plain(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(2**22):
            yield block


def _unpacked(path: Path, start: int) -> Iterator[bytes]:
    """What the streams from byte `start` on hold, in parts; the check sum of each is held against its bytes."""
    with path.open("rb") as file:
        file.seek(start)
        stream = zlib.decompressobj(EITHER)
        while block := file.read(BLOCK):
            while block and not (stream.eof and not any(block)):
                stream = zlib.decompressobj(EITHER) if stream.eof else stream
                try:
                    found = stream.decompress(block)
                except zlib.error as error:
                    raise BadInput(path, f"is damaged (its packed bytes do not fit: {error})", AGAIN) from error
                block = stream.unused_data
                if found:
                    yield found
        if not stream.eof:
            raise BadInput(path, "is damaged or cut short (its packed bytes end too early)", AGAIN)
