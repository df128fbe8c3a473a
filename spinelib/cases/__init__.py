"""The one data contract: manifest, typed cases, images, masks, landmarks, arrays on one grid, splits and audit."""

from spinelib.cases.arrays import CaseArrays
from spinelib.cases.drawing import draw_column, draw_quadrilaterals
from spinelib.cases.frame import Frame, letterbox
from spinelib.cases.images import read_image, read_spacing
from spinelib.cases.landmarks import LEVELS, read_landmarks, write_landmarks
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
from spinelib.cases.masks import read_mask
from spinelib.cases.splits import check_disjoint, folds, frozen_folds, holdout

__all__ = [
    "LEVELS",
    "Case",
    "CaseArrays",
    "Frame",
    "Problem",
    "check_disjoint",
    "draw_column",
    "draw_quadrilaterals",
    "folds",
    "frozen_folds",
    "holdout",
    "letterbox",
    "load_arrays",
    "read_classes",
    "read_image",
    "read_landmarks",
    "read_manifest",
    "read_mask",
    "read_problems",
    "read_spacing",
    "to_table",
    "write_classes",
    "write_landmarks",
    "write_manifest",
    "write_problems",
]
