"""The digital patient from the side as a data set: cervical and lumbar lateral films with a mask per vertebra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from spinelib.cases.manifest import Case, write_classes, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.core.files import replace
from spinelib.core.layout import IMAGES, MASKS, DataFolder
from spinelib.phantom.surroundings import surrounded_share
from spinelib.sources.levels import ORDER, write_corners
from spinelib.sources.options import made_size

if TYPE_CHECKING:
    from spinelib.phantom.lateral import LateralFilms

BATCH = 16  # patients in memory at once
CURVES = 0.2


def prepare_phantom_lateral(
    source: Path | None,
    folder: Path,
    patients: int = 100,
    seed: int = 0,
    size: Sequence[int] = (320, 256),
    views: Sequence[str] = ("lateral_cervical", "lateral_lumbar"),
    test_fraction: float = 0.2,
    curves: float = CURVES,
    surroundings: float = 0.0,
) -> None:
    """Write digital patients to `folder`: images/, masks/ (label maps), corners.csv, classes.csv, manifest.csv.

    Each of the `patients` has one film in every view of `views`, drawn on `size` (height, width) px and cut to its
    borders. They are those of the data set phantom with the same seed, their scoliotic curves reduced to the share
    `curves`: cervical and lumbar films are mostly taken of other people. A share `surroundings` of the films lies
    among bars, rulers, writing or a viewer's window (`spinelib.phantom.surroundings`). The last `test_fraction` of the
    patients are the test split. `source` is not used. Raises BadInput for an option out of its range.
    """
    from spinelib.phantom.lateral import VIEWS

    pixels = made_size("phantom_lateral", size, (64, 48))
    _check(patients, views, {"test_fraction": test_fraction, "curves": curves, "surroundings": surroundings})
    first_test = patients - round(patients * test_fraction)
    levels = _levels(views)
    cases: list[Case] = []
    corners: dict[str, dict[str, np.ndarray]] = {}
    for first, view, films in _batches(patients, seed, pixels, views, curves):
        renumber = np.array([0, *(levels.index(level) + 1 for level in films.levels)], np.uint8)
        for k in range(len(films)):
            name = f"p{first + k:05d}_{view}"
            image, labels, shift = crop_bars(films.images[k], renumber[films.vertebrae[k]])
            key = (abs(int(seed)), first + k, VIEWS.index(view))
            image, (top, left) = surrounded_share(image, surroundings, key)
            labels = _widened(labels, image.shape, top, left)
            shift -= np.array([left, top], shift.dtype)
            _write_png(image, DataFolder(folder).images / f"{name}.png")
            _write_png(labels, DataFolder(folder).masks / f"{name}.png")
            points = films.corners[k] - shift
            corners[name] = dict(zip(films.levels, points, strict=True))
            split = "test" if first + k >= first_test else "train"
            cases.append(_case(name, view, split, float(films.spacing[k])))
    cases = sorted(cases, key=lambda case: case.case)
    write_corners({case.case: corners[case.case] for case in cases}, folder)
    write_classes(levels, folder)
    write_problems([], folder)
    write_manifest(cases, folder)


def crop_bars(image: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The film without the black bars around it, its label map [h,w], and the (x, y) px that were cut off.

    Bars that were left in would be taken for dark film and not for nothing.
    """
    lit = [np.flatnonzero(image.any(axis=axis) | labels.any(axis=axis)) for axis in (1, 0)]
    if not len(lit[0]):
        return image, labels, np.zeros(2, np.float32)
    rows, columns = (slice(int(side[0]), int(side[-1]) + 1) for side in lit)
    return image[rows, columns], labels[rows, columns], np.array([columns.start, rows.start], np.float32)


def _widened(labels: np.ndarray, shape: tuple[int, ...], top: int, left: int) -> np.ndarray:
    """A label map [h,w] in a picture of `shape` in which the film begins at row `top` and column `left`."""
    below, right = shape[0] - top - labels.shape[0], shape[1] - left - labels.shape[1]
    return np.pad(labels, ((top, below), (left, right)))


def _case(name: str, view: str, split: str, mm: float) -> Case:
    return Case(
        case=name,
        patient=name.partition("_")[0],
        view="lateral",
        image=f"{IMAGES}/{name}.png",
        mask=f"{MASKS}/{name}.png",
        spacing=(mm, mm),
        split=split,
        note=view.removeprefix("lateral_"),
    )


def _batches(
    patients: int, seed: int, size: tuple[int, int], views: Sequence[str], curves: float
) -> Iterator[tuple[int, str, LateralFilms]]:
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.lateral import lateral_films, straightened

    for first in range(0, patients, BATCH):
        anatomy = straightened(sample_anatomy(min(BATCH, patients - first), seed, first), curves)
        for view in views:
            yield first, view, lateral_films(anatomy, view, size, seed)


def _levels(views: Sequence[str]) -> tuple[str, ...]:
    """Names of the labelled vertebrae of all views, from above."""
    from spinelib.phantom.lateral import LABELLED_LEVELS, LATERAL_LEVELS

    seen = {LATERAL_LEVELS[level] for view in views for level in LABELLED_LEVELS[view]}
    return tuple(level for level in ORDER if level in seen)


def _write_png(pixels: np.ndarray, path: Path) -> None:
    with replace(path) as temporary:
        Image.fromarray(pixels).save(temporary, compress_level=1)


def _check(patients: int, views: Sequence[str], shares: Mapping[str, float]) -> None:
    from spinelib.phantom.lateral import VIEWS

    if patients < 1:
        raise BadInput("phantom_lateral", f"patients is {patients}", "Ask for at least one patient.")
    if isinstance(views, str) or not views or not set(views) <= set(VIEWS) or len(set(views)) < len(views):
        raise BadInput("phantom_lateral", f"views is {views!r}", f"Give a list of: {', '.join(VIEWS)}.")
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise BadInput("phantom_lateral", f"{name} is {value}", "Give a number from 0 to 1.")
