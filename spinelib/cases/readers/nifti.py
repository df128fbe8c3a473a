"""NIfTI files (.nii, .nii.gz): voxels and the affine that their header states.

(A) NIfTI-1: qform and sform each have a code, 0 meaning that the form says nothing; the sform is taken first. Values
are stored * scl_slope + scl_inter, unless the slope is 0 or no number.
(C) A file with neither is refused, because the order of its axes would be a guess; so is one whose two forms name
different axes. Two forms that differ less, and zooms other than the affine's, are kept with a remark. The file must
hold as many bytes as its header states, and a packed one the right check sum.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import io
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.limits import EXPORT, check_voxels
from spinelib.cases.readers.packed import first_bytes, is_gzip, read_bytes
from spinelib.cases.readers.picture import check_file, check_size
from spinelib.core.errors import BadInput

MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
NO_FORM = "does not say how the patient lies (qform and sform code are 0)"
PAIR = "Save both as one .nii.gz file."
AGAIN = "Copy it again, or convert it again with dcm2niix."
# Length of the two kinds of headers, and where their magic word stands.
KINDS = {348: ("Nifti1Header", 344), 540: ("Nifti2Header", 4)}


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels (integer, or float32), affine (RAS+, mm) and a remark, in the order of the file. Raises BadInput.

    Not `strict`: a file without an orientation is read as well, with whatever affine it has.
    """
    header = _open(path)
    shape, (affine, remark) = _shape(path, header), _affine(path, header, strict)
    return _voxels(path, header).reshape(shape), affine, remark


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape and affine (RAS+, mm) as the header states them. Raises BadInput."""
    header = _open(path)
    return _shape(path, header), _affine(path, header, True)[0]


def plane_shape(path: Path) -> tuple[int, ...]:
    """The header's sizes without axes of one voxel at the end: two of a film. Raises BadInput."""
    shape = [int(size) for size in _open(path).get_data_shape()]
    while len(shape) > 2 and shape[-1] == 1:
        shape.pop()
    return tuple(shape)


def plane_values(path: Path) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """As `read`, the values [i, j] of a file of one plane. Raises BadInput."""
    header, shape = _open(path), plane_shape(path)
    if len(shape) != 2:
        raise BadInput(path, f"holds no plane but {' x '.join(map(str, shape))} voxels", "Save the film alone.")
    check_size(path, *shape)
    affine, remark = _affine(path, header, True)
    return _voxels(path, header).reshape(shape), affine, remark


def _open(path: Path) -> Any:
    """The header, as nibabel reads it, of a file whose size and kind of numbers can be used."""
    import nibabel

    # What nibabel repairs is said here, where it matters.
    logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)
    start = first_bytes(check_file(path), 540)
    name, place = next((KINDS[n] for n in KINDS if n.to_bytes(4, "little") in (start[:4], start[3::-1])), ("", 0))
    magic = start[place : place + 3]
    if name and magic in (b"ni1", b"ni2"):
        raise BadInput(path, "is one half of a pair of files (.hdr and .img)", PAIR)
    if not name or magic not in (b"n+1", b"n+2"):
        raise BadInput(path, "is not a readable NIfTI file (its first bytes are none of a header)", AGAIN)
    try:
        header = getattr(nibabel, name).from_fileobj(io.BytesIO(start))
        kind, _ = header.get_data_dtype(), int(header.get_data_offset())
    except Exception as error:
        reason = f"is not a readable NIfTI file ({' '.join(str(error).split())[:120]})"
        raise BadInput(path, reason, AGAIN) from error
    if kind.kind not in "buif":
        what = "complex numbers" if kind.kind == "c" else "colours"
        raise BadInput(path, f"holds {what}", "Save one number per voxel.")
    return header


def _voxels(path: Path, header: Any) -> NDArray[Any]:
    """The voxels in a row of their own, first axis fastest being undone; integer, or float32."""
    kind, shape, offset = header.get_data_dtype(), header.get_data_shape(), int(header.get_data_offset())
    if offset < len(header.binaryblock):
        raise BadInput(path, f"places its voxels at byte {offset}, within its header", AGAIN)
    size = offset + math.prod(shape) * kind.itemsize
    content = read_bytes(path, size, packed=is_gzip(path))
    stored = np.frombuffer(content, kind, offset=offset).reshape(shape, order="F")
    slope, intercept = _scale(path, header)
    if (slope, intercept) != (1.0, 0.0):
        stored = stored * slope + intercept
    with np.errstate(over="ignore"):
        return stored.astype(np.float32 if stored.dtype.kind == "f" else kind.newbyteorder("="))


def _scale(path: Path, header: Any) -> tuple[float, float]:
    """Slope and intercept that make values of stored numbers."""
    try:
        slope, intercept = header.get_slope_inter()
    except Exception as error:
        reason = f"has a scl_slope or scl_inter that is no number ({header['scl_slope']}, {header['scl_inter']})"
        raise BadInput(path, reason, AGAIN) from error
    return (1.0, 0.0) if slope is None else (float(slope), float(intercept or 0.0))


def _shape(path: Path, header: Any) -> tuple[int, ...]:
    shape = tuple(int(size) for size in header.get_data_shape())
    # A fourth axis of one volume says nothing; one of many is a series.
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    check_voxels(path, shape)
    return shape


def _affine(path: Path, header: Any, strict: bool) -> tuple[NDArray[np.float64], str]:
    forms = [form for form in (_form(header, "sform"), _form(header, "qform")) if form is not None]
    if not forms:
        if strict:
            raise BadInput(path, NO_FORM, EXPORT)
        return np.asarray(header.get_best_affine(), float), ""
    affine, remark = forms[0], ""
    if len(forms) == 2 and np.isfinite(affine).all() and not np.allclose(forms[0], forms[1], atol=0.1):
        remark = _compare(path, forms[0], forms[1])
    zooms = np.asarray(header.get_zooms()[:3], float)
    stated = np.linalg.norm(affine[:3, : len(zooms)], axis=0)
    if not remark and np.isfinite(stated).all() and not np.allclose(zooms, stated, rtol=0.02):
        remark = (
            f"has pixdim {zooms.round(3).tolist()} beside an affine of {stated.round(3).tolist()} mm, which is used"
        )
    scale = _millimetres(path, header)
    return np.diag([scale, scale, scale, 1.0]) @ affine, remark


def _millimetres(path: Path, header: Any) -> float:
    """Length of the header's unit."""
    try:
        return MILLIMETRES[header.get_xyzt_units()[0]]
    except KeyError as error:
        raise BadInput(path, "states its sizes in a unit that NIfTI does not know", EXPORT) from error


def _form(header: Any, name: str) -> NDArray[np.float64] | None:
    """The affine of "sform" or "qform" when its code is not 0."""
    try:
        affine, code = getattr(header, f"get_{name}")(coded=True)
    # A quaternion longer than 1 has no rotation.
    except Exception:
        return np.full((4, 4), np.nan)
    return np.asarray(affine, float) if code and affine is not None else None


def _compare(path: Path, sform: NDArray[np.float64], qform: NDArray[np.float64]) -> str:
    from nibabel import aff2axcodes

    # A damaged qform beside a whole sform is passed over.
    if np.isfinite(qform).all() and abs(np.linalg.det(qform[:3, :3])) > 1e-9:
        axes = ["".join(map(str, aff2axcodes(form))) for form in (sform, qform)]
        if axes[0] != axes[1]:
            reason = f"says two things about how the patient lies (sform {axes[0]}, qform {axes[1]})"
            raise BadInput(path, reason, EXPORT)
    return "has a qform that differs from its sform, which is used"
