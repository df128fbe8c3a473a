"""Volumes of the manifest with their label maps: on the network's grid, and in their own voxels.

(C, our choice) Greys are stretched from the 0.5 to the 99.5 percent quantile of the kept half, because a surface coil
makes the skin of the back many times brighter than bone. A label map must have its volume's shape, spacing and axes;
one that its header places elsewhere is taken voxel by voxel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.film import CaseValues
from spinelib.cases.manifest import Case, read_classes
from spinelib.cases.volume import Volume, read_volume, stored_affine
from spinelib.cases.volume_frame import place
from spinelib.core.errors import BadInput

# Raised when the arrays of the same volumes would come out differently; films have their own.
VERSION = 1
QUANTILES = (0.5, 99.5)
# Fewer rows or columns than this cannot show a vertebra.
SMALLEST = 16
REMEDY = "Save the label map with the header and the size of its volume."


class VolumeReader:
    """Reads cases of the data set in `folder` onto `grid` (slices, height, width)."""

    def __init__(self, folder: Path, grid: tuple[int, int, int], classes: tuple[str, ...]) -> None:
        self.folder, self.grid, self.classes = folder, grid, classes

    def blank(self) -> CaseValues:
        """What an array of each name holds for one case before anything is known."""
        return {
            "images": np.zeros((1, *self.grid), np.uint8),
            "labels": np.zeros(self.grid, np.uint8),
            "landmarks": np.full((0, 4, 2), np.nan, np.float32),
            "frames": np.zeros(9, np.float32),
            "spacing": np.full(3, np.nan, np.float32),
        }

    def read(self, case: Case) -> CaseValues:
        """Image, labels, frame and spacing of one case. Raises BadInput."""
        volume, labels, _ = read_pair(self.folder, case, len(self.classes))
        frame = place(volume.array.shape, self.grid)
        film = self.blank()
        film["images"] = stretched_grey(self.folder / case.image, frame.resample(volume.array), frame.inside())[None]
        film["labels"] = frame.nearest(labels)
        film["frames"] = np.array(frame.row(), np.float32)
        film["spacing"] = np.array(volume.spacing, np.float32) / np.array(frame.scale, np.float32)
        if not film["labels"].any():
            reason = "has no label in the middle half, from front to back, that the network sees"
            raise BadInput(self.folder / case.mask, reason, "Cut the volume so that the spine lies in its middle.")
        return film


def native(
    folder: Path | str, row: Mapping[str, Any]
) -> tuple[NDArray[np.uint8], tuple[float, float, float], NDArray[Any]]:
    """Labels uint8 [D, H, W], spacing (mm along D, H, W) and image of one case in its own voxels, canonical.

    `row` is a row of the manifest or of `CaseArrays.table`. Raises BadInput as `load_arrays` would.
    """
    case = Case(str(row["case"]), "", "sagittal", str(row["image"]), str(row["mask"]))
    volume, labels, _ = read_pair(Path(folder), case, len(read_classes(folder)))
    return labels, volume.spacing, volume.array


def read_pair(folder: Path, case: Case, count: int) -> tuple[Volume, NDArray[np.uint8], list[str]]:
    """The volume and the labels (0..`count`) of a case in its own voxels, and remarks on both. Raises BadInput."""
    if not case.mask:
        raise BadInput(folder / case.image, "has no label map", "Name it in the manifest's column mask.")
    image = read_volume(folder / case.image)
    if min(image.array.shape[1:]) < SMALLEST:
        sizes = " x ".join(map(str, image.array.shape))
        raise BadInput(folder / case.image, f"is too small to show a spine ({sizes} voxels)", "Choose another file.")
    if image.array.min() == image.array.max():
        raise BadInput(folder / case.image, "shows one grey value only", "Choose the file that holds the image.")
    labels = read_volume(folder / case.mask)
    remarks = [image.remark, labels.remark, compare_geometry(folder / case.mask, image, labels)]
    values = check_labels(folder / case.mask, labels.array, count)
    return image, values, [remark for remark in remarks if remark]


def read_like(path: Path, image: Path) -> Volume:
    """A label map whose own orientation is not to be trusted, laid on the voxels of `image` as both are stored."""
    labels = read_volume(path, like=stored_affine(image)[1])
    return replace(labels, remark="the orientation of its volume is used")


def compare_geometry(path: Path, image: Volume, labels: Volume) -> str:
    """A remark on a label map that lies elsewhere than its volume, "" for none; BadInput when they do not fit."""
    if labels.array.shape != image.array.shape:
        found, wanted = (" x ".join(map(str, v.array.shape)) for v in (labels, image))
        raise BadInput(path, f"has {found} voxels (slices, rows, columns), its volume {wanted}", REMEDY)
    if not np.allclose(labels.spacing, image.spacing, rtol=0.02):
        found, wanted = (" x ".join(f"{mm:.3g}" for mm in v.spacing) for v in (labels, image))
        raise BadInput(path, f"has voxels of {found} mm, its volume {wanted} mm", REMEDY)
    if not np.allclose(labels.affine[:3, :3], image.affine[:3, :3], atol=0.05 * max(image.spacing)):
        raise BadInput(path, "is turned against its volume by their headers", REMEDY)
    away = float(np.linalg.norm(labels.affine[:3, 3] - image.affine[:3, 3]))
    return f"lies {away:.1f} mm off its volume by their headers; taken voxel by voxel" if away > 1 else ""


def check_labels(path: Path, values: NDArray[Any], count: int) -> NDArray[np.uint8]:
    """Labels as uint8. Raises BadInput for values other than 0 to `count`, and for an empty or a full map."""
    if values.dtype.kind == "f" and not (values == np.rint(values)).all():
        raise BadInput(path, "holds values that are no whole numbers: an image, not labels", REMEDY)
    low, high = float(values.min()), float(values.max())
    # With one structure every label number counts as foreground, as in masks of films.
    if low < 0 or high > (255 if count == 1 else count):
        odd = np.unique(values[(values < 0) | (values > count)])[:4]
        reason = f"holds values that are no label ({', '.join(f'{value:g}' for value in odd)})"
        raise BadInput(path, reason, f"Use 0 for nothing and 1 to {count} for the structures, or give labels.csv.")
    if high == 0 or low > 0:
        raise BadInput(path, "marks no voxel" if high == 0 else "marks every voxel", REMEDY)
    return (values > 0).astype(np.uint8) if count == 1 else values.astype(np.uint8)


def stretched_grey(path: Path, values: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Greys of an image on the grid stretched to 1..255; 0 where the volume has no slice. Raises BadInput."""
    low, high = np.percentile(values[inside], QUANTILES)
    if not high > low:
        raise BadInput(path, "shows one grey value only", "Choose the file that holds the image.")
    stretched = np.rint(1 + 254 * np.clip((values - low) / (high - low), 0, 1))
    return np.asarray(stretched * inside, np.uint8)
