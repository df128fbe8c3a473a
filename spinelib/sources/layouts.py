"""Which image belongs to which mask: by their names, in folders of somebody's own films or volumes.

Names are compared as people read them: two ways of writing one letter (NFC, NFD) are the same; capitals count unless
only one partner is left without them. Whatever could mean two things becomes a problem, never the first of them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.images import SUFFIXES
from spinelib.cases.volume import ENDINGS as VOLUMES
from spinelib.cases.volume import REFUSED, volume_stem

ENDINGS = ("", "_segmentation", "_Segmentation", "_mask", "-mask", "_seg", "_label")
# Left by operating systems and people, never a film or a volume.
PASSED_OVER = (".txt", ".csv", ".md", ".json", ".db", ".ini", ".xlsx", ".pdf")
# Endings of the kinds that people have. What follows the last dot of a UID, of "film 0.1" or "Schmidt.Anna" is none.
OTHERS = (".json", ".txt", ".xml", ".mat", ".csv", ".webp", ".jp2", ".gif", ".ima", ".img", ".dic", ".npz", ".pdf")
KINDS = (*SUFFIXES, *OTHERS)
# Names of files that are written are no longer than this, so that there is room for an ending.
LONGEST = 100
# Kinds of DICOM images that show all of the patient's depth in one plane.
PROJECTIONS = ("CR", "DX", "RG", "RF", "XA", "PX", "IO", "MG")
ONE_NAME = "Give every image a name of its own and a mask of the same name."


def match(
    images: Iterable[Path],
    masks: Iterable[Path],
    view: str,
    problems: list[Problem],
    landmarks: Path | None = None,
    names: Mapping[Path, str] | None = None,
    label: str = "mask",
) -> Iterator[Case]:
    """A case for every image with a mask of its name (and one of ENDINGS), or with `landmarks` for those without.

    `names` are the names that count, with the folders that images and masks share ("p9/film9.png"); without them the
    bare names. Paths become absolute, every image a patient of its own. What has no partner, or more than one, becomes
    a row of `problems`, which calls it a `label`.
    """
    images, masks, names = list(images), list(masks), names or {}
    known = _Names({path: names.get(path, path.name) for path in [*images, *masks]})
    readable = [path for path in images if is_image(path)]
    pairs = _Pairs(readable, masks, known)
    ids = case_names({path: known.names[path] for path in readable})
    for image in images:
        mask, table = pairs.mask.get(image), ""
        problem = pairs.problem(image, label) if image in ids else "is not of a kind that can be read"
        if problem.startswith(f"has no {label}") and landmarks is not None:
            problem, table = "", os.path.abspath(landmarks)
        if problem:
            problems.append(Problem(known.bare(image), str(image), problem, ONE_NAME, "excluded"))
            continue
        file = os.path.abspath(mask) if mask else ""
        yield Case(ids[image], ids[image], view, os.path.abspath(image), file, table)
    alone = set(masks) - set(pairs.mask.values())
    for mask in masks:
        if mask in alone:
            text, remedy = pairs.unclaimed(mask)
            problems.append(Problem(known.bare(mask), str(mask), text, remedy, "excluded"))


def without_repeated(cases: Sequence[Case], problems: list[Problem]) -> list[Case]:
    """The cases whose name no other has; of several with one name none is taken, each becomes a row of `problems`."""
    images: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        images[case.case].append(case.image)
    for name, same in images.items():
        for k, image in enumerate(same) if len(same) > 1 else ():
            text = f"has the name of another image ({', '.join(same[:k] + same[k + 1 :])})"
            problems.append(Problem(name, image, text, ONE_NAME, "excluded"))
    return [case for case in cases if len(images[case.case]) == 1]


class _Names:
    """The names of files as they are compared, less their endings: with and without their folders."""

    def __init__(self, names: Mapping[Path, str]) -> None:
        self.names = {path: unicodedata.normalize("NFC", name) for path, name in names.items()}
        self.keys = {path: self._key(path, name) for path, name in self.names.items()}

    @staticmethod
    def _key(path: Path, name: str) -> str:
        return name if path.is_dir() else stem_of(name)

    def full(self, path: Path) -> str:
        return self.keys[path]

    def bare(self, path: Path) -> str:
        return self.keys[path].rpartition("/")[2]


def case_names(images: Mapping[Path, str]) -> dict[Path, str]:
    """The name of each image's case, from their names below one folder: the bare one, with its folders where need be.

    A number makes different what then is still the same; it is none that makes it the name of another image.
    """
    known = _Names(images)
    folders = defaultdict(set)
    for image in images:
        folders[known.bare(image).casefold()].add(known.full(image).rpartition("/")[0])
    wanted = {}
    for image in images:
        alone = len(folders[known.bare(image).casefold()]) == 1
        wanted[image] = known.bare(image) if alone else known.full(image).replace("/", "_")
    return dict(zip(wanted, name_with_number(list(wanted.values())), strict=True))


def name_with_number(names: Sequence[str]) -> list[str]:
    """The names, each once: the first of several keeps its own, others get the lowest number that no name has."""
    taken, given, found = set(names), set[str](), []
    for name in names:
        others = (f"{name}_{k}" for k in itertools.count(2))
        one = name if name not in given else next(other for other in others if other not in taken)
        taken.add(one)
        given.add(one)
        found.append(one)
    return found


def labels_beside(files: Mapping[str, Path], pictures: bool = True) -> tuple[dict[Path, str], dict[Path, str]]:
    """Films and labels among files by their names: labels are JSON, or called as a film beside them with an ending.

    With `pictures` off, only JSON is a label. What is called as a label and of no kind of labels is neither.
    """
    stems = {stem_of(name) for name, path in files.items() if path.suffix.lower() not in PASSED_OVER}
    images: dict[Path, str] = {}
    labels: dict[Path, str] = {}
    for name, path in files.items():
        stem = stem_of(name)
        if path.suffix.lower() == ".json":
            labels[path] = name
        elif path.suffix.lower() not in PASSED_OVER:
            ends = [end for end in ENDINGS[1:] if stem.casefold().endswith(end.casefold())]
            beside = pictures and any(stem[: -len(end)] in stems for end in ends)
            if not beside or is_label(path):
                (labels if beside else images)[path] = name
    return images, labels


class _Pairs:
    """The mask of each image, by the whole name first, then by less of it; and what could mean two things."""

    def __init__(self, images: Sequence[Path], masks: Sequence[Path], known: _Names) -> None:
        self.known = known
        self.mask: dict[Path, Path] = {}
        self.several: dict[Path, list[Path]] = {}
        self.contested: set[Path] = set()
        self.named: dict[str, list[Path]] = defaultdict(list)
        for image in images:
            self.named[known.full(image)].append(image)
        for key in (known.full, known.bare, self._small(known.full), self._small(known.bare)):
            claimed = self.claimed
            still = [image for image in images if image not in self.mask and image not in self.several]
            self._round(still, [mask for mask in masks if mask not in claimed], key)

    @staticmethod
    def _small(key: Callable[[Path], str]) -> Callable[[Path], str]:
        return lambda path: key(path).casefold()

    @property
    def claimed(self) -> set[Path]:
        """Masks that belong to an image, alone or with others."""
        return {*self.mask.values(), *(mask for masks in self.several.values() for mask in masks)}

    def problem(self, image: Path, label: str) -> str:
        """What is wrong with an image's partners, each called a `label`; "" for one with one of them."""
        same = self.named[self.known.full(image)]
        if len(same) > 1:
            return f"has the name of another image ({_say(same)})"
        if image in self.several:
            return f"has several {label}s ({_say(self.several[image])})"
        return "" if image in self.mask else f"has no {label} called {self.known.bare(image)}"

    def unclaimed(self, mask: Path) -> tuple[str, str]:
        """What is wrong with a mask that belongs to no image, and the remedy."""
        for image, found in self.several.items():
            if mask in found:
                return f"is one of several masks of {image.name}", ONE_NAME
        if mask in self.contested:
            return "could belong to several images", ONE_NAME
        return "has no image", "Add the image or remove the mask."

    def _round(self, images: Sequence[Path], masks: Sequence[Path], key: Callable[[Path], str]) -> None:
        found = _candidates(images, masks, key)
        claims = Counter(mask for partners in found.values() for mask in partners)
        for image, partners in found.items():
            if any(claims[mask] > 1 for mask in partners):
                self.contested.update(partners)
            elif len(partners) == 1:
                self.mask[image] = partners[0]
            elif partners:
                self.several[image] = partners


def _candidates(images: Sequence[Path], masks: Sequence[Path], key: Callable[[Path], str]) -> dict[Path, list[Path]]:
    """The masks that may be those of each image: of its name, with one of ENDINGS or with its own ending within."""
    by_key: dict[str, list[Path]] = defaultdict(list)
    for mask in masks:
        by_key[key(mask)].append(mask)
    own = {key(image) for image in images}
    found = {}
    for image in images:
        name = key(image)
        wanted = dict.fromkeys([*(name + ending for ending in ENDINGS), name + image.suffix])
        found[image] = [m for word in wanted if word == name or word not in own for m in by_key.get(word, [])]
    return found


def stem_of(name: str) -> str:
    """The name of a file, with its folders, without its ending; that of a volume may have two, a UID has none."""
    folder, slash, last = name.rpartition("/")
    stem, ending = volume_stem(last), Path(last).suffix
    return folder + slash + (last[: -len(ending)] if stem == last and ending.lower() in KINDS else stem)


def short_name(case: str) -> str:
    """A name for a file of a case, another for each: without slashes, and not longer than file systems allow."""
    plain = case.replace("/", "_").replace("\\", "_")
    if plain == case and len(plain.encode()) <= LONGEST:
        return plain
    return f"{plain[:20]}-{hashlib.sha256(case.encode()).hexdigest()[:16]}"


def is_image(path: Path) -> bool:
    """Whether a path is of a kind that is read as a film or a volume: by its ending, as DICOM, or as a folder."""
    if path.name.lower().endswith((*SUFFIXES, *VOLUMES, *REFUSED)) or path.is_dir():
        return True
    try:
        return path.stat().st_size > 132 and is_dicom(path)
    except OSError:
        return False


def is_label(path: Path) -> bool:
    """Whether a path is of a kind that is read as a mask, a label map or outlines; others are passed over."""
    return path.suffix.lower() == ".json" or (path.suffix.lower() not in PASSED_OVER and is_image(path))


def _say(paths: Iterable[Path]) -> str:
    return ", ".join(path.name for path in paths)
