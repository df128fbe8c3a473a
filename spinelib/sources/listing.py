"""Every file below a folder of the user's, and what became of each: used, ignored with a reason, or a problem.

(C, our choice) Links are followed, each folder is read once. Hidden files and what operating systems leave are ignored.
A folder of DICOM slices counts as one file, a volume; files.csv lists its slices.

Marks: (C) our choice.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from spinelib.cases.manifest import Problem
from spinelib.cases.volume import volume_files
from spinelib.core.errors import BadInput, printable
from spinelib.core.layout import APPLIED, ENGINE_LOCK, KERNEL_LOCK, PREPARED, UNPACKED
from spinelib.sources.archives import unpack
from spinelib.sources.layouts import PASSED_OVER, short_name
from spinelib.sources.series_folders import slices_in

# Left by operating systems and by programs that write discs.
LEFT_BEHIND = {"thumbs.db", "ehthumbs.db", "desktop.ini", "dicomdir", "autorun.inf", "__macosx"}
# Files by which folders of applied runs, of prepared data and of notebooks are known.
OURS = (APPLIED, PREPARED, ENGINE_LOCK, KERNEL_LOCK)
RENAME = "Rename the file; letters, digits, - and _ are read everywhere."
HEADERS = (".mhd", ".nhdr")
Use = Literal["used", "ignored", "problem"]


@dataclass
class Listing:
    """The files below `source` that can be opened, and what is known of the others.

    files: path by name from `source` ("a/b.png"); a folder of slices stands for them. names: the name of every file
    that was found, by its path; a file in an archive is named "a.zip/b.png". decided: what became of files so far.
    parts: the files that an entry of `files` stands for: slices of a folder, voxels beside their header.
    """

    source: Path
    files: dict[str, Path] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)
    decided: dict[Path, tuple[Use, str]] = field(default_factory=dict)
    parts: dict[Path, list[Path]] = field(default_factory=dict)

    def decide(self, path: Path, use: Use, reason: str) -> None:
        """Say what becomes of a file; what was said first stays."""
        self.decided.setdefault(path, (use, reason))

    def inside(self, folder: str) -> Listing:
        """The part below `folder` ("images" or "a/b"), named from there; what is decided there is decided here."""
        start = f"{folder}/" if folder else ""
        files = {name[len(start) :]: path for name, path in self.files.items() if name.startswith(start)}
        # What was unpacked does not lie below the source.
        places = [path.parents[name.count("/")] for name, path in files.items()]
        source = places[0] if places and folder else self.source / folder
        return Listing(source, files, self.names, self.decided, self.parts)

    def folders(self) -> list[str]:
        """Names of the folders directly below, those without a readable file left out."""
        return sorted({name.split("/")[0] for name in self.files if "/" in name})

    def called(self, *words: str) -> list[str]:
        """Those of the folders directly below whose name is one of `words`, capitals aside."""
        return [name for name in self.folders() if name.casefold() in words]

    def in_folders(self, *words: str, depth: int = 3) -> list[Path]:
        """Films, volumes and masks in folders called one of `words`, capitals aside, at most `depth` folders down.

        What people leave beside them (texts, tables) is not among them.
        """
        wanted, found = {word.casefold() for word in words}, []
        for name, path in self.files.items():
            parents = name.casefold().split("/")[:-1]
            inside = 0 < len(parents) <= depth + 1 and parents[-1] in wanted
            if inside and path.suffix.lower() not in PASSED_OVER:
                found.append(path)
        return found

    def join(self, film: Path, *labels: Path) -> None:
        """Let what becomes of a film become of these files too."""
        self.parts[film] = [*self.parts.get(film, [film]), *labels]

    def summary(self) -> str:
        """What lies there, in words: "12 .png, 3 .json in a, b"."""
        if not self.files:
            return "nothing that can be read"
        kinds = Counter(
            "series of slices" if path.is_dir() else path.suffix.lower() or "without an ending"
            for path in self.files.values()
        )
        said = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4))
        folders = self.folders()
        return said + (f", in {', '.join(folders[:6])}{' ...' if len(folders) > 6 else ''}" if folders else "")


def list_files(source: Path, problems: list[Problem], without: Collection[Path] = ()) -> Listing:
    """Every file below `source`; folders in `without` (written by preparing) are passed over.

    What cannot be opened at all (a link to nothing, a pipe, a name that is no UTF-8) becomes a row of `problems`.
    Raises BadInput for a source whose own name is no UTF-8.
    """
    source = source.resolve()
    if printable(str(source)) != str(source):
        raise BadInput(source, "has a name that is no UTF-8", "Rename the folder; letters, digits, - and _ are safe.")
    listing = Listing(source)
    known = {path.resolve() for path in without}
    for path in _walk(source, listing, {_identity(source)}, known):
        name = path.relative_to(source).as_posix()
        _take(listing, path, name, name, problems)
    _join_parts(listing)
    return listing


def list_archive(archive: Path, problems: list[Problem], folder: Path) -> Listing:
    """What a zip archive holds, unpacked below `folder`. Raises BadInput for one that cannot be unpacked."""
    target = folder / UNPACKED / short_name(archive.stem)
    inside = unpack(archive, target)
    listing = Listing(target)
    for name, path in sorted(inside.items()):
        _take(listing, path, name, name, problems)
    _join_parts(listing)
    return listing


def list_archives(listing: Listing, problems: list[Problem], folder: Path) -> Listing:
    """The listing with what its zip archives hold in their places, unpacked below `folder`.

    An archive that cannot be unpacked becomes a row of `problems`.
    """
    whole = Listing(
        listing.source, dict(listing.files), dict(listing.names), dict(listing.decided), dict(listing.parts)
    )
    for name, path in listing.files.items():
        if not is_archive(path):
            continue
        whole.files.pop(name)
        try:
            inside = unpack(path, folder / UNPACKED / short_name(name))
        except BadInput as error:
            problems.append(Problem.of("", error))
            whole.decide(path, "problem", error.reason)
            continue
        whole.decide(path, "used", f"unpacked: {len(inside)} files")
        top = name[: -len(path.suffix)]
        for part, place in sorted(inside.items()):
            _take(whole, place, f"{top}/{part}", f"{name}/{part}", problems)
    _join_parts(whole)
    return whole


def is_archive(path: Path) -> bool:
    """Whether a file is called as an archive that is unpacked here."""
    return path.suffix.lower() == ".zip"


def _take(listing: Listing, path: Path, name: str, shown: str, problems: list[Problem]) -> None:
    """Take a file into the listing under `name`, or say why not; `shown` is its name in files.csv."""
    listing.names[path] = shown
    if path in listing.decided:
        return
    reason = _ignored(name)
    problem = None if reason else _fault(path, name)
    if reason:
        listing.decide(path, "ignored", reason)
    elif problem is not None:
        problems.append(problem)
        listing.decide(path, "problem", problem.problem)
    else:
        # One letter may be written in two ways; where both are there, the second keeps its own.
        plain = unicodedata.normalize("NFC", name)
        listing.files[name if plain in listing.files else plain] = path


def _walk(folder: Path, listing: Listing, seen: set[tuple[int, int]], without: set[Path]) -> Iterator[Path]:
    """Everything below `folder` that is no folder, by name, a linked folder after those that lie there."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: (entry.is_symlink(), entry.name))
    except OSError as error:
        listing.names[folder] = f"{folder.relative_to(listing.source).as_posix()}/"
        listing.decide(folder, "problem", f"is a folder that cannot be opened ({error.strerror})")
        return
    for entry in entries:
        path = Path(entry.path)
        if not _is_folder(path):
            yield path
        elif path.resolve() in without:
            continue
        elif any((path / name).exists() for name in OURS):
            yield from _earlier(path, listing)
        elif _identity(path) not in seen:
            seen.add(_identity(path))
            yield from _walk(path, listing, seen, without)
        else:
            listing.names[path] = path.relative_to(listing.source).as_posix()
            listing.decide(path, "ignored", "a link to a folder that is read already")


def _earlier(folder: Path, listing: Listing) -> Iterator[Path]:
    """The files of results that an earlier call wrote, all of them decided: they are nobody's films."""
    for here, _, names in os.walk(folder):
        for path in (Path(here) / name for name in sorted(names)):
            listing.decide(path, "ignored", "result of an earlier call")
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _ignored(name: str) -> str:
    """Why a file is passed over by its name alone; "" for one that is not."""
    parts = name.split("/")
    if parts[-1].casefold() == "dicomdir":
        return "a list of other files; those are read themselves"
    if any(part.casefold() in LEFT_BEHIND for part in parts):
        return "left by an operating system or a program"
    if any(part.startswith(".") for part in parts):
        return "hidden"
    return ""


def _fault(path: Path, name: str) -> Problem | None:
    """Why a file cannot be opened at all."""
    if printable(name) != name:
        return Problem("", str(path), "has a name that is no UTF-8", RENAME, "excluded")
    remedy = "Copy the file itself to this place, or take this away."
    try:
        mode = path.stat().st_mode
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        text = "is a link to nothing" if missing else f"cannot be opened ({error.strerror})"
        return Problem("", str(path), text, remedy, "excluded")
    if not stat.S_ISREG(mode):
        return Problem("", str(path), "is a pipe, a socket or a device, not a file", remedy, "excluded")
    if not os.access(path, os.R_OK):
        return Problem("", str(path), "cannot be opened (no permission)", "Give yourself leave to read it.", "excluded")
    return None


def _join_parts(listing: Listing) -> None:
    """Let headers stand for their voxels, and folders of DICOM slices for these."""
    names = {path: name for name, path in listing.files.items()}
    for path in [path for path in names if path.suffix.lower() in HEADERS]:
        try:
            listing.parts[path] = volume_files(path)
        except BadInput:
            # The reader will say so.
            continue
        for part in listing.parts[path]:
            if part != path and part in names:
                listing.files.pop(names[part], None)
    _join_slices(listing)


def _join_slices(listing: Listing) -> None:
    """Let a folder of DICOM slices stand for them and for those of the same series in folders below it."""
    folders: dict[str, list[str]] = {}
    for name in listing.files:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    found: dict[str, set[str]] = {}
    for folder in sorted(folders):
        series = slices_in({name: listing.files[name] for name in folders[folder]})
        if not series:
            continue
        place = listing.files[folders[folder][0]].parent
        above = next((other for other in found if folder.startswith(f"{other}/" if other else "")), None)
        if above is not None and found[above] == {uid for uid, _ in series.values()}:
            place = listing.files[above]
        else:
            found[folder] = {uid for uid, _ in series.values()}
            listing.files[folder] = place
        listing.parts.setdefault(place, []).extend(path for _, path in series.values())
        for name in series:
            listing.files.pop(name)
