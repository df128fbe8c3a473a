"""The pictures that the gate of a network for films from the side is made from and tested on; no real picture.

Films of neck and loin of the digital patient, good, corrupted and spoiled, its films from the front, slices of its MR
volumes, and drawings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from spinelib.apply.gate.answers import SIDE_ANSWER
from spinelib.apply.gate.made import (
    SIDE_VIEWS,
    SURROUNDED,
    Amounts,
    MadePicture,
    corrupted_pictures,
    drawn_pictures,
    front_films,
    mr_slices,
    spoiled_films,
)
from spinelib.apply.side import NUMBERS
from spinelib.cases.manifest import read_classes, read_manifest
from spinelib.sources.phantom_lateral import prepare_phantom_lateral

# Severities at which films are corrupted: one that still ought to be read, and one that is judged by its error.
WORSE = (2, 4)
# Of SPOILED. What is cut to a part may still be read, but not by counting from C2 or the sacrum.
SPOILED_SIDES = ("upside down", "lying", "a part", "beside the spine", "photograph", "screenshot")


def made_sides(folder: Path, seed: int, amounts: Amounts) -> Iterator[MadePicture]:
    """All pictures of one `seed`, good films first; `folder` takes the films that are made on the way."""
    films = _side_films(folder / "side", seed, amounts.films)
    yield from films
    yield from corrupted_pictures(films, seed, amounts.corrupted, WORSE)
    yield from spoiled_films(films, seed, amounts.each, SPOILED_SIDES)
    for film in front_films(folder / "front", seed, amounts.others):
        yield replace(film, kind="from the front", readable=False, angle=float("nan"), labels=None)
    yield from mr_slices(seed, amounts.volumes)
    yield from drawn_pictures(seed, amounts.each)


def _side_films(folder: Path, seed: int, count: int) -> list[MadePicture]:
    """`count` films, one of the neck and one of the loin of each patient, labelled with VerSe's numbers."""
    patients = -(-count // len(SIDE_VIEWS))
    prepare_phantom_lateral(None, folder, patients, seed, views=SIDE_VIEWS, test_fraction=0.0, surroundings=SURROUNDED)
    numbers = np.array([0, *(NUMBERS[level] for level in read_classes(folder))], np.uint8)
    found = []
    for case in read_manifest(folder):
        pixels, labels = (np.asarray(Image.open(folder / str(path))) for path in (case.image, case.mask))
        found.append(MadePicture(SIDE_ANSWER.good, case.patient, pixels, True, labels=numbers[labels]))
    return found[:count]
