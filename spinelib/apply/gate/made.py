"""The pictures that a gate is made from and tested on.

Films of the digital patient, good, corrupted and spoiled, other images of the patient, and drawings; no real picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.gate.pictures import NO_SPINE, UNSEEN, Pixels, draw_no_spine
from spinelib.apply.gate.spoiled import SPOILED, STILL_FILMS, spoil_film
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.corruptions import SEVERITIES, case_seeds, chosen, corrupt
from spinelib.measures.cobb.reading import from_corners
from spinelib.sources.phantom import prepare_phantom

# The one kind that ought to be answered; severities at which a corrupted film still ought to be.
FILM, READABLE_SEVERITY = "film", 2
# As the released network for films was trained, seeds apart.
STYLE = {"framing": "open", "metal": 2.0, "tones": 0.35, "surroundings": 0.35}
VIEWS = {"coronal": 0.7, "left_bending": 0.15, "right_bending": 0.15}
SIDE_VIEWS = ("lateral_cervical", "lateral_lumbar")
SLICES = 6  # of one MR volume, around its middle


@dataclass(frozen=True)
class Amounts:
    """How much is made of each kind.

    films: patients with one film each; corrupted: films that meet each corruption, at every severity; each: films of
    each other way to spoil one, and drawings of each kind; others: films from the side, and MR volumes.
    """

    films: int = 240
    corrupted: int = 4
    each: int = 20
    others: int = 12
    volumes: int = 3

    def scaled(self, share: float) -> Amounts:
        """`share` of every amount, at least 2 of each (1 volume)."""
        least = {"volumes": 1}
        return Amounts(**{name: max(round(n * share), least.get(name, 2)) for name, n in asdict(self).items()})


@dataclass(frozen=True)
class MadePicture:
    """One picture: uint8 [h, w], what it is, and what is true of it.

    readable: whether it ought to be answered; None where its answer is judged by its error alone. unseen: whether no
    rule may be fitted to it. angle: the patient's largest, degrees, and spine uint8 [h, w], where there is a spine.
    """

    kind: str
    patient: str
    pixels: Pixels
    readable: bool | None
    severity: int = 0
    unseen: bool = False
    angle: float = float("nan")
    spine: NDArray[np.uint8] | None = None


def made_pictures(folder: Path, seed: int, amounts: Amounts) -> Iterator[MadePicture]:
    """All pictures of one `seed`, films first; `folder` takes the films that are made on the way."""
    size = (512, 256)
    prepare_phantom(None, folder, amounts.films, seed, size, VIEWS, 0.0, **STYLE)  # type: ignore[arg-type]
    films = _films(folder)
    yield from films
    yield from _corrupted(films, seed, amounts.corrupted)
    yield from _spoiled(films, seed, amounts.each)
    yield from _others(seed, amounts)
    for number, kind in enumerate(NO_SPINE):
        for k in range(amounts.each):
            pixels = draw_no_spine(kind, np.random.default_rng([seed, 31, number, k]))
            yield MadePicture(kind, f"{kind} {k}", pixels, False, unseen=kind in UNSEEN)


def _films(folder: Path) -> list[MadePicture]:
    corners, found = read_landmarks(folder / LANDMARK_TABLE), []
    for case in read_manifest(folder):
        pixels = np.asarray(Image.open(folder / case.image))
        size = (pixels.shape[0], pixels.shape[1])
        spine = (draw_quadrilaterals(corners[case.case], size) > 0).astype(np.uint8)
        angle = float(from_corners(corners[case.case], (0.0, float(size[0]))).angles[0])
        found.append(MadePicture(FILM, case.patient, pixels, True, angle=angle, spine=spine))
    return found


def _corrupted(films: list[MadePicture], seed: int, count: int) -> Iterator[MadePicture]:
    """Films at every severity of every corruption; a film that is cut still has the whole patient's largest angle."""
    for number, corruption in enumerate(chosen((), 2)):
        for k in range(count):
            film = films[(number * count + k) % len(films)]
            assert film.spine is not None
            image, labels = torch.from_numpy(film.pixels[None, None].copy()), torch.from_numpy(film.spine[None].copy())
            for severity in SEVERITIES:
                seeds = case_seeds([film.patient], corruption.name, seed)
                worse = corrupt(corruption, image, labels, severity, seeds)
                readable = True if severity <= READABLE_SEVERITY else None
                pixels, spine = worse.images[0, 0].numpy(), worse.labels[0].numpy()
                yield MadePicture(
                    corruption.name, film.patient, pixels, readable, severity, angle=film.angle, spine=spine
                )


def _spoiled(films: list[MadePicture], seed: int, count: int) -> Iterator[MadePicture]:
    for number, kind in enumerate(SPOILED):
        for k in range(count):
            film = films[(number * count + k) % len(films)]
            pixels = spoil_film(kind, film.pixels, np.random.default_rng([seed, 32, number, k]))
            still = kind in STILL_FILMS
            yield MadePicture(kind, film.patient, pixels, None if still else False, angle=film.angle)


def _others(seed: int, amounts: Amounts) -> Iterator[MadePicture]:
    """Films from the side and slices of MR volumes."""
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.lateral import lateral_films
    from spinelib.phantom.mr import scan

    anatomy = sample_anatomy(max(amounts.others, amounts.volumes), seed, 5000)
    for view in SIDE_VIEWS:
        for k, pixels in enumerate(lateral_films(anatomy[: amounts.others], view, (400, 320), seed).images):
            yield MadePicture("from the side", f"side {k}", pixels, False)
    for k in range(amounts.volumes):
        volume = scan(anatomy[k], seed, size=(256, 256), slices=12).image
        middle = len(volume) // 2
        for plane in volume[middle - SLICES // 2 : middle + SLICES // 2].astype(float):
            top = max(float(np.percentile(plane, 99.5)), 1.0)
            yield MadePicture("MR slice", f"MR {k}", (255 * np.clip(plane / top, 0, 1)).astype(np.uint8), False)
