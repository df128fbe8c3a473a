"""Which films or volumes lie in a folder of the user or a zip archive, however deep; no labels are asked for.

Read by the readers of the data set `folder`. Every file is a film, a volume or a slice of one, which then becomes a row
of results, or is passed over for a reason that `Sources.ignored` says: hidden files, tables and texts, labels beside
their images (C, our choice: folders masks, labels and labelsTr beside one of images, and files called as a film with
_mask or the like), results of earlier calls, and what stands twice by way of links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from spinelib.apply.stacks import Stack, find_stacks
from spinelib.cases.manifest import Problem
from spinelib.core.errors import BadInput, printable
from spinelib.sources.formats.folders import IMAGE_FOLDERS, LABEL_FOLDERS
from spinelib.sources.layouts import PASSED_OVER, labels_beside, stem_of
from spinelib.sources.listing import Listing, is_archive, list_archive, list_files

IMAGES, LABELS = {*IMAGE_FOLDERS, "imagestr", "imagests"}, {*LABEL_FOLDERS, "labelstr", "labelsts"}
VOXEL_FILES = (".raw", ".zraw", ".gz")
TABLES = (".yaml", ".yml", ".mat")
# What discs of hospitals hold beside their images.
PROGRAMS = (".exe", ".dll", ".htm", ".html", ".js", ".css", ".inf", ".xml", ".lnk", ".jar", ".ico", ".bat", ".log")
VOXELS = "voxels of the volume whose header lies beside them"
BESIDE, TEXT = "label beside its image", "table, text or program"
# What is looked for, by the axes of its images.
SOUGHT = {2: "films", 3: "volumes", None: "films or volumes"}
# Bytes that a file system allows for a name, less what the names of results add to it.
LONGEST = 255 - len(".nii.gz")


@dataclass(frozen=True)
class ImageFile:
    """One film or volume: its path, its name relative to the folder asked for, and the name of its results.

    files: of a volume whose slices have no folder of their own.
    """

    path: Path
    name: str
    stem: str
    files: tuple[Path, ...] = ()


@dataclass
class Sources:
    """Everything in a source.

    images: what is to be outlined. problems: files that cannot be opened at all, by name. ignored: files that are
    passed over, by name, with the reason. slices: the volume of each file that is a slice, by name.
    """

    images: list[ImageFile] = field(default_factory=list)
    problems: dict[str, Problem] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    slices: dict[str, str] = field(default_factory=dict)

    def pass_over(self, each: ImageFile, reason: str) -> None:
        """Take an image from those to be outlined, and say why; its slices go with it."""
        self.images.remove(each)
        gone = [name for name, volume in self.slices.items() if volume == each.name]
        self.ignored |= dict.fromkeys(gone or [each.name], reason)
        self.slices = {name: volume for name, volume in self.slices.items() if volume != each.name}

    @property
    def names(self) -> list[str]:
        """Every name that becomes a row of results."""
        return [*(each.name for each in self.images), *self.problems]


def refuse_path(source: Path) -> None:
    """Raise BadInput for a path that leads to no folder and to no file."""
    if not source.exists():
        there = sorted(path.name for path in source.parent.iterdir()) if source.parent.is_dir() else []
        import difflib

        near = difflib.get_close_matches(source.name, there, 3)
        beside = f" Near it in that folder: {', '.join(map(printable, near))}." if near else ""
        raise BadInput(source, "does not exist", f"Check the path and its spelling.{beside}")
    if not source.is_dir() and not source.is_file():
        raise BadInput(source, "is no ordinary file", "Give a folder, or the file of a film or a volume.")


def find_sources(source: Path | str, dims: int | None, out: Path) -> Sources:
    """The films (dims 2), volumes (dims 3) or both (None) in `source`, a folder, zip archive or single file; by name.

    `out` is passed over; archives are unpacked there. For films every DICOM image is one but for slices, for volumes
    every series of slices. Raises BadInput when `source` is not there, or holds nothing at all.
    """
    source = Path(source)
    refuse_path(source)
    if source.is_file() and not is_archive(source):
        return Sources(_named({source.name: (source, ())}))
    problems: list[Problem] = []
    listing = list_archive(source, problems, out) if source.is_file() else list_files(source, problems, (out,))
    _pass_over(listing)
    stacks = find_stacks(listing, dims)
    found: dict[str, tuple[Path, tuple[Path, ...]]] = {stack.name: (stack.path, stack.files) for stack in stacks}
    rest = {name: path for path, name in _files(listing).items() if path not in listing.decided}
    found |= {name: (path, ()) for name, path in rest.items()}
    if not found and not problems:
        what = SOUGHT[dims]
        raise BadInput(source, f"holds no {what}", "Choose the folder that holds them (or one above it).")
    return _sources(listing, found, stacks, problems)


def _sources(
    listing: Listing, found: Mapping[str, tuple[Path, tuple[Path, ...]]], stacks: list[Stack], problems: list[Problem]
) -> Sources:
    ignored = {printable(listing.names[p]): why for p, (use, why) in listing.decided.items() if use == "ignored"}
    slices = {printable(listing.names[path]): stack.name for stack in stacks for path in stack.slices}
    names = {str(path): name for path, name in listing.names.items()}
    rows = {printable(names.get(problem.file, problem.file)): problem for problem in problems}
    return Sources(_named(found), rows, dict(sorted(ignored.items())), slices)


def _files(listing: Listing) -> dict[Path, str]:
    """Every file of the listing by its name there, the slices of a volume one by one."""
    problem = {path for path, (use, _) in listing.decided.items() if use == "problem"}
    return {path: name for path, name in listing.names.items() if path.is_file() and path not in problem}


def _pass_over(listing: Listing) -> None:
    """Decide what is passed over by its name and its place."""
    files = _files(listing)
    folders = {above for name in files.values() for above in PurePosixPath(name).parents}
    labels = {
        above
        for above in folders
        if above.name.casefold() in LABELS and any(_image_folder(other, above) for other in folders)
    }
    beside = labels_beside({name: path for path, name in files.items()})[1]
    for path, name in files.items():
        above = set(PurePosixPath(name).parents)
        if above & labels or (path in beside and path.suffix.lower() != ".json"):
            listing.decide(path, "ignored", BESIDE)
        elif path.suffix.lower() in VOXEL_FILES and any(path.with_suffix(end).exists() for end in (".mhd", ".nhdr")):
            listing.decide(path, "ignored", VOXELS)
        elif path.suffix.lower() in (*PASSED_OVER, *PROGRAMS, *TABLES):
            listing.decide(path, "ignored", TEXT)


def _image_folder(other: PurePosixPath, labels: PurePosixPath) -> bool:
    return other.parent == labels.parent and other.name.casefold() in IMAGES


def refuse_name(path: Path) -> None:
    """Raise BadInput for a name after which results cannot be called."""
    if printable(path.name) != path.name:
        raise BadInput(printable(str(path)), "has a name that is no UTF-8", "Rename the file.")
    size = len(path.name.encode("utf-8"))
    if size > LONGEST:
        raise BadInput(path, f"has too long a name ({size} bytes, the limit is {LONGEST})", "Rename the file.")


def _named(found: Mapping[str, tuple[Path, tuple[Path, ...]]]) -> list[ImageFile]:
    """Results are called as their film without its ending; where two films share that, with it."""
    bare = {name: name if path.is_dir() else _bare(name) for name, (path, _) in found.items()}
    # Some file systems do not tell capitals apart.
    count = Counter(stem.casefold() for stem in bare.values())
    stems = {name: name if count[bare[name].casefold()] > 1 else bare[name] for name in sorted(found)}
    several = Counter(stem.casefold() for stem in stems.values())
    # A film may be called as another one with its ending: then neither name is free.
    taken = {n: f"{s}_{k}" if several[s.casefold()] > 1 else s for k, (n, s) in enumerate(stems.items(), 1)}
    return [ImageFile(found[name][0], printable(name), stem, found[name][1]) for name, stem in taken.items()]


def _bare(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{stem_of(last)}"
