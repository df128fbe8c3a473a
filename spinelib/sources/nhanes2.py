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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.images import check_file, check_size, picture_size
from spinelib.core.errors import BadInput
from spinelib.sources.levels import ORDER, LabelledFilm, write_levels

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
    bitmaps = _bitmaps(source / "gts", problems)
    levels = tuple(level for level in ORDER if any(level in found for found in bitmaps.values()))
    films = _films(source, bitmaps, levels, _splits(source), problems)
    write_levels(films, levels, source, folder, problems, test_fraction=test_fraction, seed=seed, audit=audit)


def _bitmaps(folder: Path, problems: list[Problem]) -> dict[str, dict[str, Path]]:
    """The bitmap of every level of every film, by the files' names."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")):
        name, _, level = path.stem.partition("_")
        if path.suffix != ".npy" or level not in ORDER:
            reason = f"is not called ID_LEVEL.npy with a level of {ORDER[0]} to {ORDER[-1]}"
            problems.append(Problem(name, str(path), reason, "Rename or remove it.", "kept"))
            continue
        found.setdefault(name, {})[level] = path
    return found


def _splits(source: Path) -> dict[str, str]:
    """Split of every id that the lists in data_split/ name; empty without them."""
    folder = next((root / "data_split" for root in (source, source.parent) if (root / "data_split").is_dir()), None)
    out: dict[str, str] = {}
    for name, split in SPLITS.items() if folder else ():
        path = folder / name if folder else source
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(path, "is not a text file", "Give one id per line.") from error
        for word in (re.split(r"[\s,;]", line.strip())[0] for line in lines if line.strip()):
            name_ = word.removesuffix(".jpg").removesuffix(".png")
            if out.get(name_, split) != split:
                raise BadInput(path, f"names {name_!r}, which another list names too", "Keep it in one of them.")
            out[name_] = split
    return out


def _films(
    source: Path,
    bitmaps: Mapping[str, Mapping[str, Path]],
    levels: Sequence[str],
    splits: Mapping[str, str],
    problems: list[Problem],
) -> Iterator[LabelledFilm]:
    inside = sorted((source / "imgs").iterdir())
    images = {path.stem: path for path in inside if path.suffix.lower() in (".jpg", ".jpeg", ".png")}
    for name in sorted({*images, *bitmaps}):
        try:
            yield _film(name, images.get(name), bitmaps.get(name, {}), levels, splits, source)
        except BadInput as error:
            problems.append(Problem.of(name, error))


def _film(
    name: str,
    image: Path | None,
    bitmaps: Mapping[str, Path],
    levels: Sequence[str],
    splits: Mapping[str, str],
    source: Path,
) -> LabelledFilm:
    if image is None:
        raise BadInput(source / "imgs" / f"{name}.jpg", "does not exist, though it has bitmaps", "Add the film.")
    if not bitmaps:
        raise BadInput(image, f"has no bitmap {name}_LEVEL.npy", "Add its bitmaps, or remove the film.")
    if splits and name not in splits:
        raise BadInput(image, "is in none of the lists of data_split/", "Add its id to one of them.")
    labels = merge({level: read_bitmap(path, picture_size(image)) for level, path in bitmaps.items()}, levels, image)
    digits = re.sub(r"\D", "", name)
    note = REGIONS.get(name[:1].upper(), "")
    case = Case(name, digits or name, "lateral", str(image.resolve()), split=splits.get(name, ""), note=note)
    return LabelledFilm(case, labels, {})


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
