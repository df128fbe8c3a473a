"""Volumes of the manifest with their label maps: on the network's grid, and in their own voxels.

(C, our choice) Greys are stretched from the 0.5 to the 99.5 percent quantile of the kept half, because a surface coil
makes the skin of the back many times brighter than bone. A label map lies where its header says: its voxels must be
those of its volume, all of them or a part.
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
from spinelib.cases.readers.mask_values import one_structure
from spinelib.cases.volume import Volume, read_volume, stored_affine
from spinelib.cases.volume_frame import place
from spinelib.core.errors import BadInput

# Raised when the arrays of the same volumes would come out differently; films have their own.
VERSION = 2
QUANTILES = (0.5, 99.5)
# Fewer rows or columns than this cannot show a vertebra.
SMALLEST = 16
REMEDY = "Save the label map with the header and the size of its volume."
TRUST = f'{REMEDY} Where the voxels fit and the header is wrong, prepare with label_header="image".'


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
    """The volume and the labels (0..`count`) of a case in its own voxels, and remarks on these. Raises BadInput."""
    if not case.mask:
        raise BadInput(folder / case.image, "has no label map", "Name it in the manifest's column mask.")
    image = read_volume(folder / case.image)
    if min(image.array.shape[1:]) < SMALLEST:
        sizes = " x ".join(map(str, image.array.shape))
        raise BadInput(folder / case.image, f"is too small to show a spine ({sizes} voxels)", "Choose another file.")
    if image.array.min() == image.array.max():
        raise BadInput(folder / case.image, "shows one grey value only", "Choose the file that holds the image.")
    labels = read_volume(folder / case.mask)
    array, remark = laid_on(folder / case.mask, image, labels)
    values, said = check_labels(folder / case.mask, array, count)
    return image, values, [each for each in (labels.remark, remark, said) if each]


def read_like(path: Path, file: Path, image: Volume) -> Volume:
    """A label map whose own orientation is not to be trusted, laid on the voxels of `image`, read from `file`.

    Raises BadInput where the two have not as many voxels along each axis.
    """
    labels = read_volume(path, like=stored_affine(file)[1])
    if labels.array.shape != image.array.shape:
        found, wanted = (" x ".join(map(str, v.array.shape)) for v in (labels, image))
        raise BadInput(path, f"has {found} voxels (slices, rows, columns), its volume {wanted}", REMEDY)
    return replace(labels, remark="the orientation of its volume is used")


def laid_on(path: Path, image: Volume, labels: Volume) -> tuple[NDArray[Any], str]:
    """A label map on the voxels of its volume [D, H, W], 0 where it has none, and a remark ("" for the same voxels).

    Both lie where their headers say; each voxel takes the label of the nearest one. Raises BadInput where the grids
    differ, or labelled voxels lie outside of the volume.
    """
    if not np.allclose(labels.spacing, image.spacing, rtol=0.02):
        found, wanted = (" x ".join(f"{mm:.3g}" for mm in v.spacing) for v in (labels, image))
        raise BadInput(path, f"has voxels of {found} mm, its volume {wanted} mm", REMEDY)
    shift, rest = _shift(image, labels)
    # Up to half a voxel the nearest voxel is the same everywhere.
    if np.abs(rest).max() > 0.51:
        raise BadInput(path, "is turned against its volume by their headers", TRUST)
    start = np.maximum(shift, 0)
    stop = np.minimum(shift + labels.array.shape, image.array.shape)
    into = tuple(slice(a, max(a, b)) for a, b in zip(start, stop, strict=True))
    taken = labels.array[tuple(slice(a, max(a, b)) for a, b in zip(start - shift, stop - shift, strict=True))]
    lost = np.count_nonzero(labels.array) - np.count_nonzero(taken)
    if lost:
        raise BadInput(path, f"has {lost} labelled voxels outside of its volume by their headers", TRUST)
    out = np.zeros(image.array.shape, labels.array.dtype)
    out[into] = taken
    return out, _placed(image, labels, shift, float(np.abs(rest).max()))


def _shift(image: Volume, labels: Volume) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Whole voxels from the volume's first voxel to the label map's [3], and what is left at its corners [8, 3]."""
    across = np.linalg.inv(image.affine) @ labels.affine
    corners = np.stack(np.meshgrid(*((0, n - 1) for n in labels.array.shape), indexing="ij"), -1).reshape(-1, 3)
    moved = corners @ (across[:3, :3] - np.eye(3)).T + across[:3, 3]
    # The middle of the corners: the nearest voxel, however slight a turn is spread over the volume.
    shift = np.rint(moved.mean(0)).astype(np.intp)
    return shift, moved - shift


def _placed(image: Volume, labels: Volume, shift: NDArray[np.intp], rest: float) -> str:
    notes = []
    if labels.array.shape != image.array.shape:
        notes.append("covers a part of its volume and is placed there by their headers")
    elif shift.any():
        away = float(np.linalg.norm(shift * image.spacing))
        notes.append(f"lies {away:.1f} mm off its volume by their headers and is placed there")
    if rest > 0.1:
        notes.append(f"lies up to {rest:.1f} voxels off the grid of its volume; the nearest voxels are taken")
    return "; ".join(notes)


def check_labels(path: Path, values: NDArray[Any], count: int) -> tuple[NDArray[np.uint8], str]:
    """Labels as uint8, and a remark. Raises BadInput for values other than 0 to `count`, an empty and a full map.

    With one structure its numbers mean what they mean in a film's mask: 255 beside others is to be ignored, say.
    """
    if values.dtype.kind == "f" and not (values == np.rint(values)).all():
        raise BadInput(path, "holds values that are no whole numbers: an image, not labels", REMEDY)
    said = ""
    if count == 1:
        values, said = one_structure(path, values, ("spine",))
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > count:
        odd = np.unique(values[(values < 0) | (values > count)])[:4]
        reason = f"holds values that are no label ({', '.join(f'{value:g}' for value in odd)})"
        raise BadInput(path, reason, f"Use 0 for nothing and 1 to {count} for the structures, or give labels.csv.")
    if high == 0 or low > 0:
        raise BadInput(path, "marks no voxel" if high == 0 else "marks every voxel", REMEDY)
    return values.astype(np.uint8), said


def stretched_grey(path: Path, values: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Greys of an image on the grid stretched to 1..255; 0 where the volume has no slice. Raises BadInput."""
    low, high = np.percentile(values[inside], QUANTILES)
    if not high > low:
        raise BadInput(path, "shows one grey value only", "Choose the file that holds the image.")
    stretched = np.rint(1 + 254 * np.clip((values - low) / (high - low), 0, 1))
    return np.asarray(stretched * inside, np.uint8)
