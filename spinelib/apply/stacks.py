"""The series of DICOM slices in a source, wherever they lie: each one volume.

A series that has a folder of its own is that folder. Slices of several series in one folder, or of one in several,
are brought together by links when the volume is outlined.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spinelib.cases.readers.series_list import FoundSeries, find_series
from spinelib.sources.listing import Listing
from spinelib.sources.series_folders import slice_series


@dataclass(frozen=True)
class Stack:
    """A series of slices: its name, its folder, and its slices; `files` where the folder is not its own."""

    name: str
    path: Path
    slices: tuple[Path, ...]
    files: tuple[Path, ...] = ()


def find_stacks(listing: Listing, dims: int | None) -> list[Stack]:
    """The series in `listing`, their slices decided as used; DICOM objects without an image are decided, too.

    For films (dims 2) only folders of slices that lie one behind the other in the patient; other DICOM files are films.
    For films and volumes (None) only series of slices that say where in the patient they lie.
    """
    files = [path for path in listing.names if path.is_file() and path not in listing.decided]
    if dims == 2:
        folders = {name: path for name, path in listing.files.items() if path.is_dir()}
        stacks = [Stack(name, path, _in(path, files)) for name, path in folders.items() if path.is_dir()]
    else:
        series, others = find_series(listing.source, files)
        series = [each for each in series if dims or _sliced(each)]
        stacks = [_stack(listing, each, others) for each in series]
        for path, reason in others.items():
            if reason.startswith("is a DICOM object without an image"):
                listing.decide(path, "ignored", reason)
    for stack in stacks:
        for path in stack.slices:
            listing.decide(path, "used", f"slice of {stack.name}")
    return stacks


def _sliced(each: FoundSeries) -> bool:
    return len(each.files) > 1 and slice_series(each.files[0]) is not None


def _in(folder: Path, files: list[Path]) -> tuple[Path, ...]:
    return tuple(path for path in files if path.parent == folder)


def _stack(listing: Listing, each: FoundSeries, others: dict[Path, str]) -> Stack:
    places = {path.parent for path in each.files}
    # A slice that cannot be opened belongs to the series that lies there; the reader says what is missing.
    lost = [path for path in others if path.parent in places and path.suffix.lower() in (".dcm", ".dicom", ".ima")]
    slices = (*each.files, *lost)
    if each.own:
        folder = each.files[0].parent
        name = listing.source.name if folder == listing.source else each.name
        return Stack(name, folder, slices)
    return Stack(each.name, each.files[0].parent, slices, slices)
