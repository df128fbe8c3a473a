"""NHANES II cervical and lumbar films in SpineFM's own layout: `imgs/ID.jpg` with one bitmap per vertebra beside them.

(B) Layout as the published program reads it [sjsimons/SpineFM, fork sean429/SpineFM, dataset.py]: `gts/ID_LEVEL.npy`
are arrays of the film's size, levels are C2 .. S1; `data_split/train.txt`, `val.txt` and `test.txt` begin every line
with an id, 378/81/81 of them; CSXA films lie there as `imgs/ID.png`. The host of the films went offline in January
2025. (C) An id is a letter (C cervical, L lumbar) and digits; films with the same digits count as one patient, which
keeps them on one side whether or not they are one. Where two bitmaps share pixels the lower vertebra has them.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import check_file, check_size, picture_size
from spinelib.cases.readers.tables import suggest
from spinelib.cases.readers.text import read_text, say_encoding
from spinelib.core.errors import BadInput, printable
from spinelib.sources.accounting import write_account
from spinelib.sources.layouts import is_image
from spinelib.sources.levels import ORDER, LabelledFilm, write_levels
from spinelib.sources.listing import Listing, list_files

OFFICIAL = "Give a folder with imgs/ (ID.jpg or ID.png) and gts/ (ID_LEVEL.npy), as SpineFM has it."
BITMAP = "Save a bitmap of the film's size with numpy.save: 0 outside, one value inside."
SHARED = 0.2  # share of the smaller of two bitmaps above which both mark one vertebra
SPLITS = {"train.txt": "train", "val.txt": "train", "test.txt": "test"}
# The notes of the manifest; another word would count as other data.
REGIONS = {"C": "neck", "L": "loin"}


def prepare_nhanes2(
    source: Path | None, folder: Path, test_fraction: float = 0.15, seed: int = 0, audit: bool = True
) -> None:
    """Write manifest, problems, classes, masks and (unless `audit` is off) audit.csv to `folder`.

    `source` holds imgs/ and gts/. With data_split/ in it or beside it the films of test.txt are the test set, and
    films in none of its lists are left out; without it `test_fraction` of the films, whole patients, by `seed`. A film
    or bitmap that cannot be used becomes a row of problems.csv. Raises BadInput for another layout, or when no film is
    left.
    """
    if source is None or not (source / "imgs").is_dir() or not (source / "gts").is_dir():
        raise BadInput(source or "nhanes2", "does not hold imgs/ and gts/", OFFICIAL)
    problems: list[Problem] = []
    listing = list_files(source, problems, (folder,))
    splits = _splits(listing, problems)
    films = _gather(listing, splits, problems)
    levels = tuple(level for level in ORDER if any(level in film.bitmaps for film in films))
    usable = _labelled(films, levels, bool(splits), problems)
    write_levels(usable, levels, source, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)
    write_account(listing, [film.case for film in films], problems, folder, unasked="ignored")


def _bitmaps(listing: Listing, problems: list[Problem]) -> dict[str, dict[str, list[Path]]]:
    """The bitmap of every level of every film, by the files' names; several where it has several."""
    found: dict[str, dict[str, list[Path]]] = {}
    # Also what cannot be opened: a film without one of its bitmaps would be labelled wrong.
    for path, place in listing.names.items():
        ignored = listing.decided.get(path, ("", ""))[0] == "ignored"
        if place.rpartition("/")[0] != "gts" or ignored or printable(place) != place:
            continue
        name, _, level = _stem(path).partition("_")
        if path.suffix != ".npy" or level not in ORDER:
            reason = f"is not called ID_LEVEL.npy with a level of {ORDER[0]} to {ORDER[-1]}"
            problems.append(Problem(name, str(path), reason, "Rename or remove it.", "kept"))
            continue
        found.setdefault(name, {}).setdefault(level, []).append(path)
    return found


def _stem(path: Path) -> str:
    return unicodedata.normalize("NFC", path.stem)


def _splits(listing: Listing, problems: list[Problem]) -> dict[str, str]:
    """Split of every id that the lists in data_split/, in the source or beside it, name; empty without them."""
    source = listing.source
    folder = next((root / "data_split" for root in (source, source.parent) if (root / "data_split").is_dir()), None)
    out: dict[str, str] = {}
    for name, split in SPLITS.items() if folder else ():
        path = (folder or source) / name
        if not path.exists():
            continue
        text, encoding = read_text(path)
        if say_encoding(encoding):
            problems.append(Problem("", str(path), say_encoding(encoding), "Save it as UTF-8.", "kept"))
        listing.decide(path, "used", "list of films")
        for word in (re.split(r"[\s,;]", line.strip())[0] for line in text.splitlines() if line.strip()):
            name_ = unicodedata.normalize("NFC", word.removesuffix(".jpg").removesuffix(".png"))
            if out.get(name_, split) != split:
                raise BadInput(path, f"names {name_!r}, which another list names too", "Keep it in one of them.")
            out[name_] = split
    return out


@dataclass(frozen=True)
class _Film:
    """What is called by one name: films (one, if all is well), the bitmaps of each level, and the split."""

    name: str
    images: tuple[Path, ...]
    bitmaps: Mapping[str, list[Path]]
    split: str
    missing: Path

    @property
    def case(self) -> Case:
        """The film without its mask; films with the same digits are one patient's."""
        patient = re.sub(r"\D", "", self.name) or self.name
        image = str(self.images[0] if self.images else self.missing)
        return Case(self.name, patient, "lateral", image, split=self.split, note=REGIONS.get(self.name[:1].upper(), ""))

    def read(self, levels: Sequence[str], listed: bool) -> LabelledFilm:
        """The film with its bitmaps as a label map; with `listed` it must be in a list. Raises BadInput."""
        if not self.images:
            raise BadInput(self.missing, "does not exist, though it has bitmaps", "Add the film.")
        image = self.images[0]
        for same in (self.images, *self.bitmaps.values()):
            if len(same) > 1:
                raise BadInput(same[1], f"has the name of {same[0].name}", "Keep the one that counts.")
        if not self.bitmaps:
            raise BadInput(image, f"has no bitmap {self.name}_LEVEL.npy", "Add its bitmaps, or remove the film.")
        if listed and not self.split:
            raise BadInput(image, "is in none of the lists of data_split/", "Add its id to one of them.")
        shape = picture_size(image)
        masks = {level: read_bitmap(paths[0], shape) for level, paths in self.bitmaps.items()}
        return LabelledFilm(self.case, merge(masks, levels, image), {})


def _gather(listing: Listing, splits: Mapping[str, str], problems: list[Problem]) -> list[_Film]:
    """What is called by each name; `listing` then has all of it as parts of the film."""
    bitmaps = _bitmaps(listing, problems)
    images: dict[str, list[Path]] = {}
    for path in listing.in_folders("imgs", depth=0):
        if is_image(path):
            images.setdefault(_stem(path), []).append(path)
    films = []
    for name in sorted({*images, *bitmaps}):
        missing = listing.source / "imgs" / f"{name}.jpg"
        film = _Film(name, tuple(images.get(name, ())), bitmaps.get(name, {}), splits.get(name, ""), missing)
        bitmap_files = (path for paths in film.bitmaps.values() for path in paths)
        listing.join(Path(film.case.image), *film.images[1:], *bitmap_files)
        films.append(film)
    unknown = [name for name in splits if name not in {film.name for film in films}]
    for name in unknown:
        text = f"a list names {name!r}, which is no film here"
        remedy = suggest(name, [film.name for film in films])
        problems.append(Problem(name, str(listing.source / "data_split"), text, remedy, "kept"))
    return films


def _labelled(
    films: Sequence[_Film], levels: Sequence[str], listed: bool, problems: list[Problem]
) -> Iterator[LabelledFilm]:
    for film in films:
        try:
            yield film.read(levels, listed)
        except BadInput as error:
            problems.append(Problem.of(film.name, error))


def read_bitmap(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """One vertebra [H,W] from a .npy file; nothing but plain numbers is loaded.

    Raises BadInput for another size than `shape` (height, width), several values, an empty or a full bitmap, or
    anything that is no array of numbers.
    """
    try:
        values = np.load(check_file(path), mmap_mode="r", allow_pickle=False)
    except BadInput:
        raise
    # Damaged or hostile files surface as many kinds of errors.
    except Exception as error:
        raise BadInput(path, "is no readable array of numbers", BITMAP) from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "buif" or values.ndim != 2:
        kind = f"{values.dtype} of shape {list(values.shape)}" if isinstance(values, np.ndarray) else "several arrays"
        raise BadInput(path, f"holds {kind}", BITMAP)
    check_size(path, *values.shape)
    if values.shape != shape:
        found = f"{values.shape[1]} x {values.shape[0]}"
        raise BadInput(path, f"has {found} pixels, its film {shape[1]} x {shape[0]}", BITMAP)
    mask = np.asarray(values != 0)
    if not mask.any() or mask.all() or len(np.unique(values[mask])) > 1:
        raise BadInput(path, "is not a bitmap with one value inside and 0 outside", BITMAP)
    return mask


def merge(masks: Mapping[str, NDArray[np.bool_]], levels: Sequence[str], film: Path) -> NDArray[np.uint8]:
    """One label map [H,W] of the bitmaps of a film: 1 + place in `levels`.

    Raises BadInput where two of them mark the same vertebra.
    """
    known = [level for level in levels if level in masks]
    out = np.zeros(next(iter(masks.values())).shape, np.uint8)
    for k, level in enumerate(known):
        for other in known[:k]:
            both = int((masks[level] & masks[other]).sum())
            if both > SHARED * min(int(masks[level].sum()), int(masks[other].sum())):
                raise BadInput(
                    film, f"has bitmaps of {other} and {level} that mark one vertebra", "Correct one of them."
                )
        out[masks[level]] = levels.index(level) + 1
    return out
