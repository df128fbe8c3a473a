"""One volume: its label map in the voxels of its own file, with the geometry of that file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.volume import AXES, Volume, is_volume, read_volume, save_volume, segment_names, stored_affine
from spinelib.cases.volume_frame import VolumeFrame, native_labels, place
from spinelib.cases.volumes import SMALLEST, stretched_grey
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

KINDS = "Give NIfTI, MetaImage, NRRD or a folder of DICOM slices, or a run of films."


@dataclass(frozen=True)
class GridAnswer:
    """The answer to a volume on the network's grid.

    labels: class map uint8 [D, H, W], 0 where the volume has no slice; chance: probability of that class float32
    [D, H, W]; inside: where the volume has slices, bool [D, H, W]; mm: size of a voxel along (D, H, W).
    """

    labels: NDArray[np.uint8]
    chance: NDArray[np.float32]
    inside: NDArray[np.bool_]
    mm: tuple[float, float, float]


@dataclass(frozen=True)
class OutlinedVolume:
    """The outline of one volume.

    volume: in canonical orientation; labels: its class map uint8 [D, H, W] in the volume's own voxels; on_grid: the
    same as the network answered it, None where that is not known.
    """

    volume: Volume
    labels: NDArray[np.uint8]
    on_grid: GridAnswer | None = None


def outline_volume(predictor: Predictor, path: Path) -> OutlinedVolume:
    """Outline one volume. Raises BadInput for a file that cannot be used."""
    if not is_volume(path):
        raise BadInput(path, "is no volume", KINDS)
    if segment_names(path):
        raise BadInput(path, "is a segmentation, no image", "Give the volume that it was drawn on.")
    volume = read_volume(path)
    if min(volume.array.shape[1:]) < SMALLEST:
        sizes = " x ".join(map(str, volume.array.shape))
        raise BadInput(path, f"is too small to show a spine ({sizes} voxels)", "Choose another file.")
    frame = place(volume.array.shape, predictor.card.input_grid)
    image = stretched_grey(path, frame.resample(volume.array), frame.inside())
    chances = predictor.volume_chances(image[None])
    # The numbers of a frame are kept as float32, as the study's arrays keep them.
    labels = native_labels(chances, np.array(frame.row(), np.float32))
    return OutlinedVolume(volume, labels, _grid_answer(chances, frame, volume.spacing))


def _grid_answer(chances: NDArray[np.floating], frame: VolumeFrame, spacing: tuple[float, float, float]) -> GridAnswer:
    """What is kept of probabilities [1 + K, D, H, W]; spacing: of the volume, mm."""
    inside = frame.inside()
    labels = (chances.argmax(0) * inside).astype(np.uint8)
    down, across, deep = spacing[1] / frame.scale[1], spacing[2] / frame.scale[2], spacing[0] / frame.scale[0]
    return GridAnswer(labels, chances.max(0).astype(np.float32), inside, (deep, down, across))


def save_like(target: Path, labels: NDArray[np.uint8], volume: Volume, path: Path) -> None:
    """Write labels [D, H, W] of `volume` to `target` (.nii.gz) in the voxels and with the affine of the file `path`.

    The axes of a series of DICOM slices are columns, rows, slices. Raises BadInput when it cannot be written.
    """
    from nibabel import orientations

    shape, affine = stored_affine(path)
    turn = orientations.ornt_transform(orientations.axcodes2ornt(AXES), orientations.io_orientation(affine))
    stored = np.ascontiguousarray(orientations.apply_orientation(labels, turn))
    if stored.shape != tuple(shape):
        raise ValueError(f"labels {list(stored.shape)} do not fit the file's {list(shape)}")
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    save_volume(target, stored, (float(sizes[0]), float(sizes[1]), float(sizes[2])), affine)
