"""Volumes from NIfTI, MetaImage, NRRD and DICOM in one orientation, with their spacing; and volumes written to NIfTI.

Canonical orientation: [D, H, W] are sagittal slices from the patient's right to left, rows from superior to inferior,
columns from anterior to posterior. It comes from the header alone, never from the pixels. (C, our choice) A header that
does not say how the patient lies, or says two things, is refused; axes up to 30 degrees off the body's are taken as the
nearest.
"""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinelib.cases.readers.limits import EXPORT
from spinelib.cases.readers.plane import is_plane
from spinelib.core.errors import BadInput
from spinelib.core.files import replace

# Direction in which each canonical axis runs, as nibabel names it.
AXES = ("L", "I", "P")
MAX_OBLIQUE = 30.0
# A voxel size beyond these is an error of unit or a header that nobody filled in, mm.
SPACINGS = (0.05, 25.0)
# The longer endings first: a name loses one of them.
ENDINGS = (".seg.nrrd", ".nii.gz", ".nii", ".mha", ".mhd", ".nrrd", ".nhdr")
# Endings of volumes that are refused, and what to do with them.
REFUSED = {
    ".nii.bz2": "Unpack it first (bunzip2).",
    ".nii.zst": "Unpack it first (zstd -d).",
    ".hdr": "Save both files of the pair (.hdr and .img) as one .nii.gz file.",
    ".img": "Save both files of the pair (.hdr and .img) as one .nii.gz file.",
}
# Axes to the right, front and top, or to the left, back and top, at 1 mm from 0: what programs write unasked.
NEVER_SET = (np.eye(4), np.diag([-1.0, -1.0, 1.0, 1.0]))
IDENTITY = "the affine is the identity: orientation and spacing were probably never set"


@dataclass(frozen=True)
class Volume:
    """A volume [D, H, W] in canonical orientation, integer or float32 as stored.

    spacing: mm along (D, H, W). affine: canonical voxel indices to millimetres to the patient's right, front and top
    (RAS+), [4, 4]. remark: what the header says that a reader should know; "" for a clean one.
    """

    array: NDArray[Any]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    remark: str = ""


def is_volume(path: Path | str) -> bool:
    """Whether it is a volume: by an ending of ENDINGS or REFUSED, or a folder (of DICOM slices).

    A NIfTI file of one plane is a film.
    """
    path = Path(path)
    return path.is_dir() or (path.name.lower().endswith((*ENDINGS, *REFUSED)) and not is_plane(path))


def volume_stem(path: Path | str) -> str:
    """The name of a volume's file or folder without its ending, .nii.gz and .seg.nrrd being one."""
    name = Path(path).name
    return next((name[: -len(end)] for end in (*ENDINGS, *REFUSED) if name.lower().endswith(end)), name)


def volume_files(path: Path | str) -> list[Path]:
    """The files that hold a volume: one, a header with its file of voxels, or those in and below a folder.

    Raises BadInput for a header whose voxels are not there, and for a folder of more files than a series has.
    """
    from spinelib.cases.readers import metaimage, nrrd, slices

    path = Path(path)
    if path.is_dir():
        return slices.files_below(path)
    kinds = {".mhd": metaimage, ".nhdr": nrrd}
    voxels = kinds[path.suffix.lower()].voxel_file(path) if path.suffix.lower() in kinds else None
    return [path, voxels] if voxels else [path]


def segment_names(path: Path | str) -> dict[int, str]:
    """What the numbers of a label map are called by its own file (3D Slicer's .seg.nrrd); else empty."""
    from spinelib.cases.readers import nrrd

    return nrrd.named_segments(Path(path)) if str(path).lower().endswith((".nrrd", ".nhdr")) else {}


def read_volume(path: Path | str, like: NDArray[np.float64] | None = None) -> Volume:
    """A volume in canonical orientation from NIfTI, MetaImage, NRRD or a folder that holds one DICOM series.

    With `like`, the stored voxel grid of another file (`stored_affine`), the file's own orientation is passed over:
    for label maps that lost their header. Raises BadInput when the file is missing, damaged, larger than MAX_VOXELS
    (before it is read), not 3-D, holds NaN or infinite values, or does not say how the patient lies.
    """
    array, affine, remark = _reader(Path(path)).read(Path(path), like is None)
    if like is not None:
        affine = like
    elif any(np.allclose(affine, each, atol=1e-6) for each in NEVER_SET):
        remark = f"{remark}; {IDENTITY}" if remark else IDENTITY
    _check_values(Path(path), array)
    check_affine(Path(path), affine)
    return _canonical(Path(path), array, affine, remark)


def stored_affine(path: Path | str) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape and affine (RAS+, mm) of a volume in the order of its file, from the header alone. Raises BadInput."""
    return _reader(Path(path)).geometry(Path(path))


def save_volume(
    path: Path | str,
    array: ArrayLike,
    spacing: tuple[float, float, float],
    affine: NDArray[np.float64] | None = None,
) -> None:
    """Write a canonical [D, H, W] array with its spacing (mm) to .nii or .nii.gz, whole or not at all.

    `read_volume` gives the same array and spacing back; other programs find the orientation in qform and sform. The
    same array makes the same bytes. bool becomes uint8, int64 int32 and float64 float32. `affine` places it where a
    volume that was read lies (`Volume.affine`); by default its middle is the origin. Raises ValueError for another
    ending, shape or spacing, and BadInput when the file cannot be written.
    """
    import nibabel

    path, values = Path(path), np.asarray(array)
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise ValueError(f"{path.name} must end in .nii or .nii.gz")
    if values.ndim != 3 or len(spacing) != 3 or not all(math.isfinite(mm) and mm > 0 for mm in spacing):
        raise ValueError(f"a volume is [D, H, W] with three spacings, not {list(values.shape)} with {spacing}")
    spacing = (float(spacing[0]), float(spacing[1]), float(spacing[2]))
    narrower = {"bool": "uint8", "int64": "int32", "float64": "float32"}
    values = values.astype(narrower.get(values.dtype.name, values.dtype.name))
    placed = canonical_affine(values.shape, spacing) if affine is None else affine
    image = nibabel.Nifti1Image(values, placed)
    for code in (image.set_qform, image.set_sform):
        code(image.affine, code="scanner")
    image.header.set_xyzt_units("mm")
    content = image.to_bytes()
    with replace(path) as temporary:
        # A time of 0 in the archive, so that equal arrays are equal files.
        temporary.write_bytes(gzip.compress(content, 6, mtime=0) if path.suffix.lower() == ".gz" else content)


def canonical_affine(shape: tuple[int, ...], spacing: tuple[float, float, float]) -> NDArray[np.float64]:
    """Affine (RAS+, mm) of a canonical array whose middle lies at the origin, [4, 4]."""
    d, h, w = spacing
    affine = np.zeros((4, 4))
    affine[:3, :3] = [[-d, 0, 0], [0, 0, -w], [0, -h, 0]]
    affine[3, 3] = 1
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine


def check_affine(path: Path, affine: NDArray[np.float64]) -> None:
    """Raise BadInput for an affine that is no rigid placement of a voxel grid along the body's axes."""
    axes = affine[:3, :3]
    if not np.isfinite(affine).all() or abs(np.linalg.det(axes)) < 1e-9:
        raise BadInput(path, "has an orientation matrix that is singular or not finite", EXPORT)
    spacing = np.linalg.norm(axes, axis=0)
    if spacing.min() < SPACINGS[0] or spacing.max() > SPACINGS[1]:
        sizes = " x ".join(f"{mm:.3g}" for mm in spacing)
        raise BadInput(path, f"has voxels of {sizes} mm", f"Correct the spacing or the unit. {EXPORT}")
    unit = axes / spacing
    if np.abs(unit.T @ unit - np.eye(3)).max() > 0.05:
        raise BadInput(path, "has axes that are not at right angles", EXPORT)
    angle = oblique(affine)
    if angle > MAX_OBLIQUE:
        reason = f"lies {angle:.0f} degrees off the body's axes, so that no axis is clearly left-right"
        raise BadInput(path, reason, "Resample it to sagittal slices.")


def oblique(affine: NDArray[np.float64]) -> float:
    """Greatest angle between an axis of the voxel grid and the body axis nearest to it, degrees."""
    unit = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return float(np.degrees(np.arccos(np.clip(np.abs(unit).max(0), -1, 1))).max())


def _check_values(path: Path, array: NDArray[Any]) -> None:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise BadInput(path, "holds NaN or infinite values", EXPORT)


def _canonical(path: Path, array: NDArray[Any], affine: NDArray[np.float64], remark: str) -> Volume:
    from nibabel import orientations

    turn = orientations.ornt_transform(orientations.io_orientation(affine), orientations.axcodes2ornt(AXES))
    turned = np.ascontiguousarray(orientations.apply_orientation(array, turn))
    placed = affine @ orientations.inv_ornt_aff(turn, array.shape)
    d, h, w = (float(round(mm, 5)) for mm in np.linalg.norm(placed[:3, :3], axis=0))
    if max(h, w) > 1.5 * d:
        reason = f"has slices that are not sagittal: {d:g} mm from left to right, {h:g} x {w:g} mm in that plane"
        raise BadInput(path, reason, "Choose the sagittal series of this patient.")
    angle = oblique(affine)
    notes = [remark] if remark else []
    if angle > 10:
        notes.append(f"lies {angle:.0f} degrees off the body's axes; the nearest axes are taken")
    return Volume(turned, (d, h, w), placed, "; ".join(notes))


def _reader(path: Path) -> Any:
    """The module that reads this kind of volume: `read(path, strict)` and `geometry(path)`."""
    from spinelib.cases.readers import metaimage, nifti, nrrd, series

    if path.is_dir():
        return series
    name = path.name.lower()
    for ending, remedy in REFUSED.items():
        if name.endswith(ending):
            raise BadInput(path, f"is a volume of a kind that is not read ({ending})", remedy)
    kinds = {".mha": metaimage, ".mhd": metaimage, ".nrrd": nrrd, ".nhdr": nrrd}
    return kinds.get(path.suffix.lower(), nifti)
