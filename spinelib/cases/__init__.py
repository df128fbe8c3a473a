"""The one data contract: manifest, typed cases, images, volumes, masks, landmarks, one grid, splits, audit."""

from spinelib.cases.arrays import CaseArrays
from spinelib.cases.drawing import draw_column, draw_quadrilaterals
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.frame import Frame, letterbox
from spinelib.cases.labelled import known_structures, read_labelled, write_labelled
from spinelib.cases.loading import load_arrays
from spinelib.cases.manifest import (
    Case,
    Problem,
    read_classes,
    read_manifest,
    read_problems,
    to_table,
    write_classes,
    write_manifest,
    write_problems,
)
from spinelib.cases.readers.film import Film, read_film
from spinelib.cases.readers.images import read_image, read_spacing
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks, write_landmarks
from spinelib.cases.readers.masks import read_mask
from spinelib.cases.splits import check_disjoint, folds, frozen_folds, holdout
from spinelib.cases.volume import Volume, read_volume, save_volume
from spinelib.cases.volume_frame import VolumeFrame, frame_of, native_labels, place, to_native
from spinelib.cases.volumes import native

__all__ = [
    "LEVELS",
    "Case",
    "CaseArrays",
    "Film",
    "FilmPlace",
    "Frame",
    "Problem",
    "Volume",
    "VolumeFrame",
    "check_disjoint",
    "draw_column",
    "draw_quadrilaterals",
    "folds",
    "frame_of",
    "frozen_folds",
    "holdout",
    "known_structures",
    "letterbox",
    "load_arrays",
    "native",
    "native_labels",
    "place",
    "read_classes",
    "read_film",
    "read_image",
    "read_labelled",
    "read_landmarks",
    "read_manifest",
    "read_mask",
    "read_problems",
    "read_spacing",
    "read_volume",
    "save_volume",
    "to_native",
    "to_table",
    "write_classes",
    "write_labelled",
    "write_landmarks",
    "write_manifest",
    "write_problems",
]
