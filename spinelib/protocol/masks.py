"""Masks made elsewhere as an entry of a study: matched to its cases by name, brought to its grid and scored there.

Films: masks of the size of the file, of the upright film, or of the study's grid, in the numbers of the classes.
Volumes: label maps where their headers say they lie, or of the size of the grid. An empty mask is an answer, a missing
one is not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.cases.film import shrink_mask
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.frame import letterbox
from spinelib.cases.readers.mask_pixels import read_mask_pixels
from spinelib.cases.readers.masks import read_mask
from spinelib.cases.volume import read_volume
from spinelib.cases.volume_frame import frame_of
from spinelib.cases.volumes import check_labels, laid_on
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.protocol.config import RunConfig
from spinelib.protocol.evaluation import Answers, Scored, outline_tables, score_cases
from spinelib.protocol.signs import training_mask
from spinelib.protocol.volume_scores import score_volumes
from spinelib.runs import Run
from spinelib.sources.layouts import is_image, match
from spinelib.sources.listing import list_files

# The variant of an entry that needs no folder: one mask for every film, below which no method should fall.
ONE_MASK = "one_mask"
SHOWN = 3
PREDICTED = re.compile(r"[_-]pred(iction)?(?=\.)", re.IGNORECASE)  # what programs add to the names of their answers
Labels = NDArray[np.uint8]


def score_masks(run: Run, sets: Mapping[str, CaseArrays]) -> Scored:
    """Score the masks in the folder that the run's parameter `masks` names, as `evaluate` scores a network's.

    Without a folder the variant has to be ONE_MASK: every film then gets the one mask that fits the training films
    best. The run's record keeps how many files there were and a digest of them. Raises BadInput for a folder that is
    not there, cases without a mask, naming them, and masks of another size or with other values.
    """
    config = RunConfig.of(run)
    if not config.masks:
        guess = _one_mask(config, sets)
        run.note(masks={"files": 0, "digest": digest(guess.tobytes())})
        return score_cases(run, sets, lambda films, _: _film_answers(np.repeat(guess[None], len(films), 0), films))
    folder = Path(config.masks).expanduser()
    if not folder.is_dir():
        raise BadInput(repr(config.masks), "is no folder of masks", "Name the folder that holds a mask for each case.")
    scored, used = score_files(run, sets, lambda cases, data: matched_masks(folder, cases, data))
    run.note(masks={"files": len(used), "digest": digest(*(part for path in used for part in (path.name, path)))})
    return scored


def score_files(
    run: Run, sets: Mapping[str, CaseArrays], find: Callable[[CaseArrays, Path], list[Path]]
) -> tuple[Scored, list[Path]]:
    """Score the file that `find` gives for each case (of prepared data in a folder); also gives the files.

    Raises BadInput as `score_masks` does of single masks.
    """
    used: list[Path] = []

    def answer(cases: CaseArrays, data: Path) -> Answers:
        files = find(cases, data)
        used.extend(files)
        return _answers(files, cases, data)

    return score_cases(run, sets, answer), used


def _one_mask(config: RunConfig, sets: Mapping[str, CaseArrays]) -> Labels:
    source = sets[config.trained_on]
    if config.variant != ONE_MASK:
        raise BadInput("masks", "is empty", f"Name the folder of masks, or call the variant {ONE_MASK}.")
    if len(source.grid) != 2 or len(source.classes) != 1:
        raise BadInput("masks", "is empty, and one mask for all is of films with one structure", "Name a folder.")
    return training_mask(source).astype(np.uint8)


def _film_answers(maps: Labels, films: CaseArrays) -> Answers:
    return outline_tables(maps, films), maps, None


def _answers(files: list[Path], cases: CaseArrays, data: Path) -> Answers:
    """The answers of one mask file for each case of prepared data in `data`."""
    if len(cases.grid) == 3:
        maps, rows = score_volumes(lambda i: read_volume_mask(files[i], cases, i, data), cases, data)
        return [rows], maps, None
    return _film_answers(np.stack([read_film_mask(path, cases, i) for i, path in enumerate(files)]), cases)


def matched_masks(folder: Path, cases: CaseArrays, data: Path) -> list[Path]:
    """The file in `folder` of each case, by the name of the case or else of its image, with an ending as in 7_mask.png.

    data: the folder of the prepared data. Raises BadInput that names the cases without a mask or with several.
    """
    files = [path for path in list_files(folder, []).files.values() if is_image(path)]
    images = [Path(os.path.abspath(data / name)) for name in cases.table["image"]]
    names = cases.table["case"].tolist()
    found = _by_name(images, {path: path.name for path in images}, files)
    found |= _by_name(images, _named(images, names), files)
    missing = [name for name, path in zip(names, images, strict=True) if path not in found]
    if missing:
        shown = ", ".join(missing[:SHOWN]) + (f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else "")
        reason = f"holds no mask, or several, of {len(missing)} of {len(names)} cases ({shown})"
        raise BadInput(folder, reason, "Call each mask as its case or its image; an empty mask counts as an answer.")
    return [found[path] for path in images]


def _named(images: list[Path], names: list[str]) -> dict[Path, str]:
    endings = ["".join(path.suffixes[-2:]) if path.name.endswith(".nii.gz") else path.suffix for path in images]
    return {path: name + ending for path, name, ending in zip(images, names, endings, strict=True)}


def _by_name(images: list[Path], names: Mapping[Path, str], files: list[Path]) -> dict[Path, Path]:
    known = {**names, **{path: PREDICTED.sub("", path.name) for path in files}}
    pairs = match(images, files, "", [], names=known)
    return {Path(case.image): Path(case.mask) for case in pairs}


def read_film_mask(path: Path, films: CaseArrays, i: int) -> Labels:
    """The mask in a file as a class map uint8 [H, W] on the grid, of the film at position `i`; 0 outside of the film.

    Raises BadInput for a mask of another size than file, film or grid, and for values that are no class.
    """
    place, grid = FilmPlace.from_row(films.places[i]), (int(films.grid[0]), int(films.grid[1]))
    native = (int(films.frames[i, 3]), int(films.frames[i, 4]))
    frame = letterbox(native, grid)
    # The last one counts where two sizes are the same: a film may lie turned in a file of its own size.
    sizes = {grid: _same, native: _same} | ({place.file: place.labels} if any(place.file) else {})
    pixels = read_mask_pixels(path).values
    size = (int(pixels.shape[0]), int(pixels.shape[1]))
    if size not in sizes:
        known = ", ".join(f"{wide} x {high}" for high, wide in sizes)
        reason = f"has {size[1]} x {size[0]} pixels, and its film and the grid {known}"
        raise BadInput(path, reason, "Save masks at the size of their films, or of the study's grid.")
    if not pixels.any():
        return np.zeros(grid, np.uint8)
    mask = sizes[size](read_mask(path, size, films.classes))
    return mask * frame.inside() if size == grid else shrink_mask(mask, frame, len(films.classes))


def _same(mask: Labels) -> Labels:
    return mask


def read_volume_mask(path: Path, volumes: CaseArrays, i: int, data: Path) -> Labels:
    """The label map in a file as classes uint8 [d, h, w] of the volume at position `i`, in its own voxels.

    data: the folder of the prepared data. Raises BadInput for a map of other voxels, and values that are no class.
    """
    image, found = read_volume(data / str(volumes.table["image"].iloc[i])), read_volume(path)
    on_grid = found.array.shape == tuple(volumes.grid) != image.array.shape
    array = found.array if on_grid else laid_on(path, image, found)[0]
    if not array.any():
        return np.zeros(image.array.shape, np.uint8)
    labels, _ = check_labels(path, array, len(volumes.classes))
    if not on_grid:
        return labels
    shares = np.stack([labels == k for k in range(len(volumes.classes) + 1)]).astype(np.float32)
    return frame_of(volumes.frames[i], volumes.grid).to_native(shares).argmax(0).astype(np.uint8)
