"""One volume: its label map in the voxels of its own file, with the geometry of that file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.volume import AXES, Volume, is_volume, read_volume, save_volume, segment_names, stored_affine
from spinelib.cases.volume_frame import place
from spinelib.cases.volumes import SMALLEST, stretched_grey
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

KINDS = "Give NIfTI, MetaImage, NRRD or a folder of DICOM slices, or a run of films."


@dataclass(frozen=True)
class OutlinedVolume:
    """The outline of one volume: the volume in canonical orientation, and its class map uint8 [D, H, W]."""

    volume: Volume
    labels: NDArray[np.uint8]


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
    # The numbers of a frame are kept as float32, as the study's arrays keep them.
    return OutlinedVolume(volume, predictor.volume(image[None], np.array(frame.row(), np.float32)))


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
