"""What a DICOM header says: text and numbers as they are written, with decimal commas, without a library's warnings.

(A) DICOM PS3.5 6.2: DS and IS are decimal numbers as text, several of them divided by backslashes. (C) A decimal comma
is read as a point, since some detectors write it; anything else that is no number is refused.
"""

from __future__ import annotations

import logging
import re
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

REMEDY = "Export it as an uncompressed single-frame DICOM or as PNG."
NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
DEFLATED, MOST_INFLATED = b"1.2.840.10008.1.2.1.99", 1 << 30
# The library remarks on oddities that this module reads or refuses itself. Set once, because warnings.catch_warnings
# is not safe in threads.
warnings.filterwarnings("ignore", category=UserWarning, module="pydicom")
logging.getLogger("pydicom").propagate = False


def read_header(path: Path) -> FileDataset:
    """The data set of a DICOM file, also of one without preamble or meta information. Raises BadInput."""
    import pydicom

    try:
        _check_deflated(path)
        header = pydicom.dcmread(path, force=begins_with_elements(path))
        _state_encoding(header)
        return header
    except BadInput:
        raise
    # Damaged headers surface as many kinds of errors.
    except Exception as error:
        raise BadInput(path, f"is not a readable DICOM file ({short(error)})", REMEDY) from error


def begins_with_elements(path: Path) -> bool:
    """Whether the first bytes are a DICOM element of group 2 or 8, as in files without preamble.

    (A) PS3.5 7.1: group, element, then two capital letters (explicit VR) or a length of four bytes (implicit VR).
    """
    with path.open("rb") as file:
        head = file.read(8)
    if len(head) < 8 or head[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return False
    if head[4:6].isalpha() and head[4:6].isupper():
        return True
    return head[0] == 8 and int.from_bytes(head[4:], "little") <= 64


def text(header: Dataset, name: str) -> str:
    """An element as text, several values divided by backslashes; "" when it is absent or empty. Never raises."""
    try:
        value = header.get(name)
        parts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
        words = "\\".join("" if part is None else str(part) for part in parts)
    # Unknown character sets and broken numbers: the bytes as they are.
    except Exception:
        raw = header.get_item(name, keep_deferred=True)
        value = b"" if raw is None else raw.value
        words = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return " ".join(words.replace("\0", " ").split())


def numbers(header: Dataset, name: str) -> tuple[float, ...]:
    """The numbers of an element; () when it is absent or empty. Raises BadInput where one is no finite number."""
    from pydicom.datadict import dictionary_VR

    raw = header.get_item(name, keep_deferred=True)
    if raw is None or raw.value is None:
        return ()
    value: Any = raw.value
    written = raw.VR if raw.VR not in (None, "UN") else dictionary_VR(name)
    if isinstance(value, bytes) and written in ("DS", "IS"):
        parts = value.decode("latin-1").split("\\")
    else:
        value = _converted(header, name)
        parts = [str(part) for part in (value if _many(value) else [value])]
    parts = [part.strip(" \0") for part in parts]
    return tuple(_number(header, name, part) for part in parts) if any(parts) else ()


def first_number(header: Dataset, name: str, default: float) -> float:
    """The first number of an element, `default` when it is absent or empty. Raises BadInput."""
    return (*numbers(header, name), default)[0]


def first_whole(header: Dataset, name: str, default: int) -> int:
    """The first number of an element as a whole one, `default` when it is absent or empty. Raises BadInput."""
    value = first_number(header, name, default)
    if value != int(value):
        raise broken(header, name, str(value))
    return int(value)


def frame_item(header: Dataset, name: str) -> Dataset:
    """Where the attributes of a functional group lie: its item for the first frame, or for all, or the header itself.

    (A) PS3.3 C.7.6.16: enhanced objects hold them per frame or shared.
    """
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for group in header.get(groups) or []:
            for item in group.get(name) or []:
                # an error about an item names the file, too
                setattr(item, "filename", file_of(header))  # noqa: B010
                return item
            break
    return header


def file_of(header: Dataset) -> str:
    """The path of the file that a header came from."""
    return str(getattr(header, "filename", None) or "DICOM data")


def broken(header: Dataset, name: str, said: str) -> BadInput:
    """The error for an element that is no number."""
    return BadInput(file_of(header), f"has a header that cannot be read: {name} is '{said[:40]}'", REMEDY)


def short(error: BaseException) -> str:
    """An error of a library in one line of at most 120 letters."""
    return (" ".join(str(error).split()) or type(error).__name__)[:120]


def _check_deflated(path: Path) -> None:
    """Refuse a deflated data set that would fill the memory: the library inflates it whole."""
    with path.open("rb") as file:
        start = file.read(4096)
        if DEFLATED not in start:
            return
        # meta information: elements of group 2, each with its length behind two letters
        at = 132
        while start[at : at + 2] == b"\x02\0":
            wide = start[at + 4 : at + 6] in (b"OB", b"OW", b"UN", b"UT", b"SQ")
            length = start[at + 8 : at + 12] if wide else start[at + 6 : at + 8]
            at += (12 if wide else 8) + int.from_bytes(length, "little")
        file.seek(at)
        inflate, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while not inflate.eof and (piece := inflate.unconsumed_tail or file.read(1 << 20)):
            size += len(inflate.decompress(piece, 1 << 24))
            if size > MOST_INFLATED:
                raise BadInput(path, f"unpacks to more than {MOST_INFLATED >> 20} MB", "Reduce it first.")


def _state_encoding(header: FileDataset) -> None:
    """Fill in the transfer syntax of a file without meta information, which the elements themselves show."""
    from pydicom import uid

    if header.file_meta.get("TransferSyntaxUID"):
        return
    implicit, little = header.original_encoding
    if little is None:
        return
    explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
    header.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian if implicit else explicit


def _converted(header: Dataset, name: str) -> Any:
    try:
        return header[name].value
    except Exception as error:
        raise broken(header, name, short(error)) from error


def _many(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes)


def _number(header: Dataset, name: str, part: str) -> float:
    if not NUMBER.fullmatch(part):
        raise broken(header, name, part)
    value = float(part.replace(",", "."))
    if abs(value) == float("inf"):
        raise broken(header, name, part)
    return value
