"""Real pictures on which a gate is tried: development films of AASCE, lumbar volumes, what shows no spine.

Those with a label calibrate how sure answers are (`make_gate`); no rule and no threshold is made from any of them.
Pelvis and hands are not among the files that this project knows, nor are films from the side, nor volumes that show no
spine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.gate.answers import FILM_ANSWER, SIDE_ANSWER, VOLUME_ANSWER
from spinelib.apply.gate.made import MadePicture
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.images import eight_bit, read_image, to_grey
from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.cases.volume import read_volume
from spinelib.cases.volumes import read_pair
from spinelib.core.errors import BadInput
from spinelib.core.layout import IMAGES, LANDMARK_TABLE
from spinelib.core.structures import STRUCTURES
from spinelib.measures.cobb.reading import from_corners
from spinelib.sources import prepare

# Folders of a user's data that hold no film of a spine, by what they show.
NO_FILMS = {
    "skin": ("skin_ham10000", "skin_isic2017"),
    "chest": ("cxr_lungs",),
    "real MR slice": ("lumbar_mri/VB2_T2",),
}
DEVELOPMENT, TURNED = FILM_ANSWER.real, f"{FILM_ANSWER.real} upside down"
# Pictures of each folder, and slices of each volume.
MOST, SLICES_EACH = 40, 2
LUMBAR = "lumbar_mri"


def real_pictures(source: Path, answers: str = FILM_ANSWER.name) -> Iterator[MadePicture]:
    """The real pictures below `source`, a folder with one folder for each data set; those that are there.

    answers: name of the type of answers that are tried (`AnswerType`). Raises BadInput where there are none.
    """
    found = 0
    for picture in REAL[answers](source):
        found += 1
        yield picture
    if not found:
        raise BadInput(source, "holds none of the data sets that a gate is tried on", "See data/README.md.")


def _for_films(source: Path) -> Iterator[MadePicture]:
    yield from _development(source)
    yield from _no_films(source)


def _for_sides(source: Path) -> Iterator[MadePicture]:
    """The same, none of which is to be answered; what lies in them is not compared."""
    for picture in _for_films(source):
        if picture.kind != TURNED:
            yield replace(picture, readable=False, labels=None)


def _for_volumes(source: Path) -> Iterator[MadePicture]:
    """The lumbar volumes with those of their structures that are labelled, each also upside down."""
    if not (source / LUMBAR).is_dir():
        return
    with TemporaryDirectory() as folder:
        prepare("lumbar", Path(folder), source / LUMBAR, test_fraction=1)
        for case in read_manifest(folder):
            volume, labels, _ = read_pair(Path(folder), case, len(STRUCTURES))
            kind = VOLUME_ANSWER.real
            upright = MadePicture(
                kind, case.patient, volume.array, True, unseen=True, labels=labels, spacing=volume.spacing
            )
            yield upright
            turned = np.ascontiguousarray(volume.array[:, ::-1])
            yield replace(upright, kind=f"{kind} upside down", pixels=turned, readable=False, labels=None)


def _development(source: Path) -> Iterator[MadePicture]:
    """The development films with their labels, each once as it is and once turned by 180 degrees."""
    if not any((source / part).is_dir() for part in ("aasce2019", "boostnet_labeldata", "labels")):
        return
    with TemporaryDirectory() as folder:
        prepare("aasce", Path(folder), source, audit=False, only="development")
        corners = read_landmarks(Path(folder) / LANDMARK_TABLE)
        for case in read_manifest(folder):
            pixels = eight_bit(to_grey(read_image(case.image)))
            spine = draw_quadrilaterals(corners[case.case], (pixels.shape[0], pixels.shape[1])) > 0
            angle = float(from_corners(corners[case.case], (0.0, float(len(pixels)))).angles[0])
            yield MadePicture(
                DEVELOPMENT, case.patient, pixels, True, unseen=True, angle=angle, labels=spine.astype(np.uint8)
            )
            yield MadePicture(TURNED, case.patient, np.rot90(pixels, 2).copy(), False, unseen=True)


def _no_films(source: Path) -> Iterator[MadePicture]:
    for kind, folders in NO_FILMS.items():
        for place in (source / name / IMAGES for name in folders):
            files = sorted(place.iterdir())[:MOST] if place.is_dir() else []
            for path in files:
                for pixels in _planes(path):
                    yield MadePicture(kind, path.name, pixels, False, unseen=True)


def _planes(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The picture in a file, or slices around the middle of a volume."""
    if not path.name.endswith(".nii.gz"):
        yield np.asarray(Image.open(path).convert("L"))
        return
    volume = read_volume(path).array
    first = max((len(volume) - SLICES_EACH) // 2, 0)
    for plane in volume[first : first + SLICES_EACH]:
        yield eight_bit(plane.astype(np.float32))


REAL: dict[str, Callable[[Path], Iterator[MadePicture]]] = {
    FILM_ANSWER.name: _for_films, SIDE_ANSWER.name: _for_sides, VOLUME_ANSWER.name: _for_volumes,
}  # fmt: skip
