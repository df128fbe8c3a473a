"""The DICOM series below a folder, however they lie: hospital CDs, exports of archives, folders within folders.

(A) DICOM PS3.3 C.7.3: a series is what shares SeriesInstanceUID; names of files and folders say nothing.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset

from spinelib.cases.readers.dicom_header import text
from spinelib.cases.readers.slices import Opened, files_below, no_image_class, open_header


@dataclass(frozen=True)
class FoundSeries:
    """One series: a name to show, its files by name, SeriesInstanceUID, PatientID, and whether its folder is its own.

    own: all its files lie in one folder, in which no other series lies, so that the folder itself can be read.
    """

    name: str
    files: tuple[Path, ...]
    uid: str
    patient: str
    own: bool


def find_series(folder: Path | str, files: Sequence[Path] | None = None) -> tuple[list[FoundSeries], dict[Path, str]]:
    """The series of DICOM images in `folder` and below it, by name, and the other files with the reason why not.

    A series is called as its folder, relative to `folder`, where it has one of its own; else as the folder above its
    files with its description or number. A file that cannot be read is among the others, a DICOMDIR too; hidden files
    are passed over. `files`: those to look at, in place of all. Raises BadInput for a folder with more files than
    `slices.MAX_FILES`.
    """
    folder = Path(folder)
    opened = [open_header(file) for file in (files_below(folder) if files is None else files)]
    groups: dict[str, list[Opened]] = defaultdict(list)
    for each in opened:
        if not each.reason:
            groups[each.series].append(each)
    holds = Counter(place for group in groups.values() for place in {each.file.parent for each in group})
    found = [_series(folder, uid, group, holds) for uid, group in groups.items()]
    return sorted(_unique(found), key=lambda each: each.name), {e.file: _why_not(e) for e in opened if e.reason}


def link_series(files: Sequence[Path], target: Path) -> Path:
    """A folder `target` of links to the files of one series, which `read_volume` reads; gives `target`.

    Links are called 0000-NAME and so on, so that files of one name in several folders stay apart. Where the system
    makes no links (Windows asks for a right to), they are copies. Raises OSError for a folder that cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(sorted(files)):
        link = target / f"{number:04d}-{file.name}"
        link.unlink(missing_ok=True)
        try:
            link.symlink_to(file.resolve())
        except (OSError, NotImplementedError):
            shutil.copyfile(file, link)
    return target


def _series(folder: Path, uid: str, group: Sequence[Opened], holds: Counter[Path]) -> FoundSeries:
    header = group[0].header or Dataset()
    places = {each.file.parent for each in group}
    own = len(places) == 1 and holds[group[0].file.parent] == 1
    place = Path(os.path.commonpath(places)).relative_to(folder).as_posix()
    words = text(header, "SeriesDescription") or f"series {text(header, 'SeriesNumber') or uid}"
    words = re.sub(r"[^\w .+-]+", "_", words).strip(". ") or "series"
    name = place if own and place != "." else words if place == "." else f"{place}/{words}"
    return FoundSeries(name, tuple(each.file for each in group), uid, text(header, "PatientID"), own)


def _unique(found: Sequence[FoundSeries]) -> list[FoundSeries]:
    """Series of one name get the end of their UID behind it."""
    count = Counter(each.name.casefold() for each in found)
    return [
        replace(each, name=f"{each.name} {each.uid[-12:]}") if count[each.name.casefold()] > 1 else each
        for each in found
    ]


def _why_not(each: Opened) -> str:
    kind = no_image_class(each.header) if each.header is not None else ""
    return f"is a DICOM object without an image ({kind})" if kind else each.reason
