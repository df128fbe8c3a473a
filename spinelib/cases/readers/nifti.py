"""NIfTI files (.nii, .nii.gz): voxels and the affine that their header states.

(A) NIfTI-1: qform and sform each have a code, 0 meaning that the form says nothing; the sform is taken first.
(C) A file with neither is refused, because the order of its axes would be a guess; so is one whose two forms name
different axes. Two forms that differ less, and zooms other than the affine's, are kept with a remark.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.images import check_file
from spinelib.cases.readers.limits import EXPORT, check_voxels
from spinelib.core.errors import BadInput

MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
NO_FORM = "does not say how the patient lies (qform and sform code are 0)"


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels (integer, or float32), affine (RAS+, mm) and a remark, in the order of the file. Raises BadInput.

    Not `strict`: a file without an orientation is read as well, with whatever affine it has.
    """
    image = _open(path)
    affine, remark = _affine(path, image, strict)
    try:
        values = np.asanyarray(image.dataobj).reshape(_shape(path, image))
    # Damaged archives surface as many kinds of errors.
    except Exception as error:
        reason = f"is damaged or cut short ({' '.join(str(error).split())[:120]})"
        raise BadInput(path, reason, "Copy or download it again.") from error
    if values.dtype.kind not in "buif":
        raise BadInput(path, f"holds {values.dtype} values", "Save one number per voxel.")
    return values if values.dtype.kind in "bui" else values.astype(np.float32), affine, remark


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape and affine (RAS+, mm) as the header states them. Raises BadInput."""
    image = _open(path)
    return _shape(path, image), _affine(path, image, True)[0]


def _open(path: Path) -> Any:
    import nibabel

    path = check_file(path)
    try:
        image = nibabel.load(path)
    except Exception as error:
        reason = f"is not a readable NIfTI file ({' '.join(str(error).split())[:120]})"
        raise BadInput(path, reason, "Copy it again, or convert it again with dcm2niix.") from error
    if not isinstance(image, nibabel.Nifti1Pair):
        raise BadInput(path, f"is a {type(image).__name__}, not NIfTI", EXPORT)
    _shape(path, image)
    return image


def _shape(path: Path, image: Any) -> tuple[int, ...]:
    shape = tuple(int(size) for size in image.shape)
    # A fourth axis of one volume says nothing; one of many is a series.
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    check_voxels(path, shape)
    return shape


def _affine(path: Path, image: Any, strict: bool) -> tuple[NDArray[np.float64], str]:
    header = image.header
    forms = [form for form in (_form(image, "sform"), _form(image, "qform")) if form is not None]
    if not forms:
        if strict:
            raise BadInput(path, NO_FORM, EXPORT)
        return np.asarray(image.affine, float), ""
    affine, remark = forms[0], ""
    if len(forms) == 2 and np.isfinite(affine).all() and not np.allclose(forms[0], forms[1], atol=0.1):
        remark = _compare(path, forms[0], forms[1])
    zooms, stated = np.asarray(header.get_zooms()[:3], float), np.linalg.norm(affine[:3, :3], axis=0)
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


def _form(image: Any, name: str) -> NDArray[np.float64] | None:
    """The affine of "sform" or "qform" when its code is not 0."""
    try:
        affine, code = getattr(image.header, f"get_{name}")(coded=True)
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
