"""The pictures that the gate of a network for films from the front is made from and tested on.

Films of the digital patient, good, corrupted and spoiled, other images of the patient, and drawings; no real picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.pictures import NO_SPINE, UNSEEN, draw_no_spine
from spinelib.apply.gate.spoiled import SPOILED, STILL_FILMS, spoil_film
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.corruptions import SEVERITIES, case_seeds, chosen, corrupt
from spinelib.measures.cobb.reading import from_corners
from spinelib.sources.phantom import prepare_phantom

# Severities up to which a corrupted picture still ought to be answered.
READABLE_SEVERITY = 2
# As the released networks for films were trained, seeds apart.
SURROUNDED = 0.35
STYLE = {"framing": "open", "metal": 2.0, "tones": 0.35, "surroundings": SURROUNDED}
VIEWS = {"coronal": 0.7, "left_bending": 0.15, "right_bending": 0.15}
SIDE_VIEWS = ("lateral_cervical", "lateral_lumbar")
SLICES = 6  # of one MR volume, around its middle


@dataclass(frozen=True)
class Amounts:
    """How much is made of each kind.

    films: patients with one film or volume each; corrupted: of these, how many meet each corruption at every severity;
    each: of each other way to spoil one, and drawings of each kind; others: films from another side, each view;
    volumes: MR volumes that give slices.
    """

    films: int = 240
    corrupted: int = 4
    each: int = 20
    others: int = 12
    volumes: int = 3

    def scaled(self, share: float) -> Amounts:
        """`share` of every amount, at least 2 of each (1 volume)."""
        least = {"volumes": 1}
        amounts = {name: max(round(n * share), least.get(name, 2)) for name, n in asdict(self).items() if n}
        return replace(self, **amounts)


@dataclass(frozen=True)
class MadePicture:
    """One picture: uint8 [h, w], or a volume [D, H, W], what it is, and what is true of it.

    readable: whether it ought to be answered; None where its answer is judged by its error alone. unseen: whether no
    rule may be fitted to it. angle: the patient's largest, degrees, of a film from the front. labels: uint8 of the
    picture's shape where it is known what lies where: 1 in the spine, numbers of VerSe on films from the side, of
    STRUCTURES in volumes. spacing: mm along the axes of a volume.
    """

    kind: str
    patient: str
    pixels: NDArray[Any]
    readable: bool | None
    severity: int = 0
    unseen: bool = False
    angle: float = float("nan")
    labels: NDArray[np.uint8] | None = None
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)


def made_pictures(folder: Path, seed: int, amounts: Amounts) -> Iterator[MadePicture]:
    """All pictures of one `seed`, films first; `folder` takes the films that are made on the way."""
    films = front_films(folder, seed, amounts.films)
    yield from films
    yield from corrupted_pictures(films, seed, amounts.corrupted)
    yield from spoiled_films(films, seed, amounts.each)
    yield from _from_the_side(seed, amounts.others)
    yield from mr_slices(seed, amounts.volumes)
    yield from drawn_pictures(seed, amounts.each)


def front_films(folder: Path, seed: int, count: int) -> list[MadePicture]:
    """Films of the digital patient from the front; `folder` takes them."""
    prepare_phantom(None, folder, count, seed, (512, 256), VIEWS, 0.0, **STYLE)  # type: ignore[arg-type]
    corners, found = read_landmarks(folder / LANDMARK_TABLE), []
    for case in read_manifest(folder):
        pixels = np.asarray(Image.open(folder / case.image))
        size = (pixels.shape[0], pixels.shape[1])
        spine = (draw_quadrilaterals(corners[case.case], size) > 0).astype(np.uint8)
        angle = float(from_corners(corners[case.case], (0.0, float(size[0]))).angles[0])
        found.append(MadePicture(FILM_ANSWER.good, case.patient, pixels, True, angle=angle, labels=spine))
    return found


def corrupted_pictures(
    good: Sequence[MadePicture], seed: int, count: int, severities: Sequence[int] = SEVERITIES
) -> Iterator[MadePicture]:
    """Pictures with labels at every one of `severities` of every corruption that they meet.

    A film that is cut still has the whole patient's largest angle.
    """
    for number, corruption in enumerate(chosen((), good[0].pixels.ndim)):
        for k in range(count):
            one = good[(number * count + k) % len(good)]
            assert one.labels is not None
            image, labels = torch.from_numpy(one.pixels[None, None].copy()), torch.from_numpy(one.labels[None].copy())
            for severity in severities:
                worse = corrupt(corruption, image, labels, severity, case_seeds([one.patient], corruption.name, seed))
                yield replace(
                    one,
                    kind=corruption.name,
                    readable=True if severity <= READABLE_SEVERITY else None,
                    severity=severity,
                    pixels=worse.images[0, 0].numpy(),
                    labels=worse.labels[0].numpy(),
                )


def spoiled_films(
    films: Sequence[MadePicture], seed: int, count: int, kinds: Sequence[str] = tuple(SPOILED)
) -> Iterator[MadePicture]:
    """`count` films of each of `kinds` of SPOILED; what lies where is not known of them any more."""
    for number, kind in enumerate(kinds):
        for k in range(count):
            film = films[(number * count + k) % len(films)]
            pixels = spoil_film(kind, film.pixels, np.random.default_rng([seed, 32, number, k]))
            still = kind in STILL_FILMS
            yield replace(film, kind=kind, pixels=pixels, readable=None if still else False, labels=None)


def drawn_pictures(seed: int, count: int) -> Iterator[MadePicture]:
    """`count` drawings of each kind of NO_SPINE."""
    for number, kind in enumerate(NO_SPINE):
        for k in range(count):
            pixels = draw_no_spine(kind, np.random.default_rng([seed, 31, number, k]))
            yield MadePicture(kind, f"{kind} {k}", pixels, False, unseen=kind in UNSEEN)


def _from_the_side(seed: int, count: int) -> Iterator[MadePicture]:
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.lateral import lateral_films

    anatomy = sample_anatomy(count, seed, 5000)
    for view in SIDE_VIEWS:
        for k, pixels in enumerate(lateral_films(anatomy, view, (400, 320), seed).images):
            yield MadePicture("from the side", f"side {k}", pixels, False)


def mr_slices(seed: int, count: int) -> Iterator[MadePicture]:
    """Slices around the middle of `count` digital MR volumes."""
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.mr import scan

    anatomy = sample_anatomy(count, seed, 5000)
    for k in range(count):
        volume = scan(anatomy[k], seed, size=(256, 256), slices=12).image
        middle = len(volume) // 2
        for plane in volume[middle - SLICES // 2 : middle + SLICES // 2].astype(float):
            top = max(float(np.percentile(plane, 99.5)), 1.0)
            yield MadePicture("MR slice", f"MR {k}", (255 * np.clip(plane / top, 0, 1)).astype(np.uint8), False)
