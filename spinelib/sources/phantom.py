"""The digital patient as a data set: films, landmarks and manifest, made from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from spinelib.cases import Case, write_landmarks, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.core.files import replace
from spinelib.core.layout import IMAGES, LANDMARK_TABLE, DataFolder
from spinelib.phantom.style import Style
from spinelib.phantom.surroundings import surrounded_share
from spinelib.sources.options import made_size

if TYPE_CHECKING:
    from spinelib.phantom import Films

BATCH = 16  # patients in memory at once


def prepare_phantom(
    source: Path | None,
    folder: Path,
    patients: int = 100,
    seed: int = 0,
    size: Sequence[int] = (512, 256),
    views: Sequence[str] | Mapping[str, float] = ("coronal",),
    test_fraction: float = 0.2,
    surroundings: float = 0.0,
    framing: str = "plain",
    metal: float = 1.0,
    subtle: float = 0.0,
    inlet: float = 0.0,
    tones: float = 0.0,
    label: Sequence[float] = (1.0, 1.0),
) -> None:
    """Write digital patients to `folder`: images/*.png, landmarks.csv, problems.csv (empty), manifest.csv.

    Each of the `patients` has one film in every view of `views`, or a single film in a view drawn from `views` where
    that gives each its share; films are drawn on `size` (height, width) px and cut to their borders. A share
    `surroundings` of them lies among bars, rulers, writing or a viewer's window (`spinelib.phantom.surroundings`). The
    last `test_fraction` of the patients are the test split; patients are exchangeable, so that is a random split.
    framing, metal, subtle, inlet, tones and label are the series' style (`spinelib.phantom.style`). `source` is not
    used. Raises BadInput for an option out of its range.
    """
    from spinelib.phantom import VIEWS

    pixels = made_size("phantom", size, (32, 16))
    _check(patients, views, test_fraction, surroundings)
    style = Style(framing, metal, subtle=subtle, inlet=inlet, tones=tones, label=_pair(label))
    first_test = patients - round(patients * test_fraction)
    cases: list[Case] = []
    corners: dict[str, np.ndarray] = {}
    for numbers, view, films in _batches(patients, seed, pixels, views, style):
        for k, number in enumerate(numbers):
            name = f"p{number:05d}_{view}"
            key = (abs(int(seed)), number, VIEWS.index(view))
            film, quads = _film_only(films.images[k], films.corners[k])
            image, (top, left) = surrounded_share(film, surroundings, key)
            corners[name] = quads + np.array([left, top], quads.dtype)
            _write_png(image, DataFolder(folder).images / f"{name}.png")
            mm = float(films.spacing[k])
            split = "test" if number >= first_test else "train"
            cases.append(
                Case(
                    case=name,
                    patient=f"p{number:05d}",
                    view=view,
                    image=f"{IMAGES}/{name}.png",
                    landmarks=LANDMARK_TABLE,
                    spacing=(mm, mm),
                    split=split,
                )
            )
    write_landmarks(corners, folder)
    write_problems([], folder)
    write_manifest(sorted(cases, key=lambda case: case.case), folder)


def _batches(
    patients: int, seed: int, size: tuple[int, int], views: Sequence[str] | Mapping[str, float], style: Style
) -> Iterator[tuple[list[int], str, Films]]:
    """Numbers of patients, their view and their films, a few at a time."""
    from spinelib.phantom import films, sample_anatomy

    drawn = _drawn_views(patients, seed, views) if isinstance(views, Mapping) else None
    for first in range(0, patients, BATCH):
        anatomy = sample_anatomy(min(BATCH, patients - first), seed, first)
        for view in views:
            chosen = [k for k in range(len(anatomy)) if drawn is None or drawn[first + k] == view]
            if chosen:
                yield [first + k for k in chosen], view, films(anatomy[chosen], view, size, seed, style)


def _drawn_views(patients: int, seed: int, views: Mapping[str, float]) -> np.ndarray:
    """The view of each patient's only film, [patients]."""
    shares = np.array(list(views.values()), float)
    return np.random.default_rng([abs(int(seed)), 5]).choice(list(views), patients, p=shares / shares.sum())


def _pair(label: Sequence[float]) -> tuple[float, float]:
    if len(label) != 2:
        raise BadInput("phantom", f"label is {list(label)!r}", "Give two factors, of width and height.")
    return float(label[0]), float(label[1])


def _film_only(image: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The film without the black bars around it, [h,w], and its corners [17,4,2], moved with it.

    Real films come without bars: were they left in, loading would take them for dark film and not for nothing.
    """
    lit = [np.flatnonzero(image.any(axis=axis)) for axis in (1, 0)]
    if not len(lit[0]):
        return image, corners
    (top, bottom), (left, right) = ((int(side[0]), int(side[-1]) + 1) for side in lit)
    return image[top:bottom, left:right], corners - np.array([left, top], corners.dtype)


def _write_png(image: np.ndarray, path: Path) -> None:
    with replace(path) as temporary:
        Image.fromarray(image).save(temporary, compress_level=1)


def _check(
    patients: int,
    views: Sequence[str] | Mapping[str, float],
    test_fraction: float,
    surroundings: float,
) -> None:
    from spinelib.phantom import VIEWS

    unknown = [view for view in views if view not in VIEWS]
    if patients < 1:
        raise BadInput("phantom", f"patients is {patients}", "Ask for at least one patient.")
    if unknown or isinstance(views, str) or not views:
        raise BadInput("phantom", f"views is {views!r}", f"Give a list of: {', '.join(VIEWS)}.")
    if isinstance(views, Mapping) and not all(share > 0 for share in views.values()):
        raise BadInput("phantom", f"views is {views!r}", "Give each view a share above 0.")
    for name, share in (("test_fraction", test_fraction), ("surroundings", surroundings)):
        if not 0 <= share <= 1:
            raise BadInput("phantom", f"{name} is {share}", "Give a number from 0 to 1.")
