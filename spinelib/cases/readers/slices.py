"""Which files of a folder are the DICOM slices of one series; every file is a slice, or named.

(A) DICOM PS3.3 C.7.3: slices of one series share SeriesInstanceUID; PS3.4 B.5: only some SOP classes hold images.
(C) Slices in folders below belong to the series when they say so. A file that is called as the slices are and holds
none is refused, since a slice would be missing; other files are passed over with a remark.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from spinelib.cases.readers.dicom_header import begins_with_elements, one_line, text
from spinelib.cases.readers.frames import split_frames
from spinelib.core.errors import BadInput

MAX_FILES = 4000
ENDINGS = (".dcm", ".dicom", ".dic", ".ima")
REMEDY = "Give a folder that holds one sagittal series, or convert it to NIfTI with dcm2niix."
MISSING = "a slice of its series may be missing"
AGAIN = "Copy the series again, or take the file out of the folder."


@dataclass(frozen=True)
class Slice:
    """A slice: its file, the header of the slice (without pixels), and which frame of the file it is."""

    file: Path
    header: Dataset
    frame: int | None = None


@dataclass(frozen=True)
class Opened:
    """A file with the DICOM header that it holds, or the reason why it holds no image."""

    file: Path
    header: Dataset | None
    reason: str = ""

    @property
    def series(self) -> str:
        """The SeriesInstanceUID; "" where none is stated."""
        return text(self.header, "SeriesInstanceUID") if self.header is not None else ""


def find_slices(folder: Path) -> tuple[list[Slice], list[str]]:
    """The slices of the series in `folder`, in the order of their names, and remarks on its other files.

    Raises BadInput for a folder without DICOM images or with several series, and for a file among the slices that is
    empty, damaged or without an image.
    """
    opened = [open_header(file) for file in files_below(folder)]
    top = [each for each in opened if not each.reason and each.file.parent == folder]
    if not top:
        below = sorted({each.file.parent.relative_to(folder).as_posix() for each in opened if not each.reason})
        reason = f"has its DICOM images in folders below it ({some(below)})" if below else ""
        raise BadInput(folder, reason or "is a folder without DICOM images", REMEDY)
    _check_one(folder, top)
    used = [each for each in opened if not each.reason and each.series == top[0].series]
    _check_others(opened, used)
    moved = [each.file.relative_to(folder).as_posix() for each in used if each.file.parent != folder]
    others = [each.file.relative_to(folder).as_posix() for each in opened if each not in used]
    notes = [f"takes slices from folders below it ({some(moved)})"] if moved else []
    notes += [f"passed over: {some(others)} (no slices of this series)"] if others else []
    return [part for each in used for part in _parts(each)], notes


def files_below(folder: Path) -> list[Path]:
    """Files in `folder` and below it, by name, without hidden ones. Raises BadInput for more than MAX_FILES."""
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        # A link that leads nowhere may stand for a slice.
        if not hidden and (path.is_file() or not path.exists()):
            found.append(path)
        if len(found) > MAX_FILES:
            raise BadInput(folder, f"holds more than {MAX_FILES} files", REMEDY)
    return found


def open_header(file: Path) -> Opened:
    """The DICOM header of a file without its pixels, or why it holds no image; never raises BadInput."""
    import pydicom
    import pydicom.errors

    try:
        if not file.stat().st_size:
            return Opened(file, None, "is empty (0 bytes)")
        header = pydicom.dcmread(file, stop_before_pixels=True, force=begins_with_elements(file))
        size = text(header, "Rows"), text(header, "Columns")
    except pydicom.errors.InvalidDicomError:
        return Opened(file, None, "is not DICOM")
    except OSError as error:
        return Opened(file, None, f"cannot be opened ({error.strerror or one_line(error)})")
    # Damaged headers surface as many kinds of errors.
    except Exception as error:
        return Opened(file, None, f"cannot be read as DICOM ({one_line(error)})")
    return Opened(file, header, "" if all(part.isdecimal() and int(part) for part in size) else "holds no image")


def no_image_class(header: Dataset) -> str:
    """The name of the SOP class of an object that by its class holds no image; "" for images and where none is said."""
    from pydicom.uid import UID

    name = UID(text(header, "SOPClassUID") or _stored_class(header)).name
    return "" if not name or "Image Storage" in name else name


def _stored_class(header: Dataset) -> str:
    return text(getattr(header, "file_meta", Dataset()), "MediaStorageSOPClassUID")


def _check_one(folder: Path, top: Sequence[Opened]) -> None:
    found = {each.series: text(each.header or Dataset(), "SeriesDescription") or "without a name" for each in top}
    if len(found) > 1:
        raise BadInput(folder, f"holds several series ({some(sorted(found.values()))})", REMEDY)


def _check_others(opened: Sequence[Opened], used: Sequence[Opened]) -> None:
    """Raise BadInput for a file without an image that lies beside slices and is called as they are."""
    patterns, places = {_pattern(each.file) for each in used}, {each.file.parent for each in used}
    for each in opened:
        like_a_slice = each.file.suffix.lower() in ENDINGS or _pattern(each.file) in patterns
        not_an_image = each.header is not None and no_image_class(each.header)
        if each.reason and like_a_slice and each.file.parent in places and not not_an_image:
            raise BadInput(each.file, f"{each.reason}: {MISSING}", AGAIN)


def _pattern(file: Path) -> str:
    """The name with every number in it as 0."""
    return re.sub(r"\d+", "0", file.name)


def _parts(each: Opened) -> list[Slice]:
    """The slice, or the slices of a file with frames, of an opened file."""
    header = each.header or Dataset()
    parts = split_frames(each.file, header)
    return [Slice(each.file, header)] if parts is None else [Slice(each.file, p, k) for k, p in enumerate(parts)]


def some(names: Sequence[str], most: int = 4) -> str:
    """The first names in a sentence, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
