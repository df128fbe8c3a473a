"""Films kept as NIfTI: one plane, upright as the header says.

(A) NIfTI-1: the affine says where both axes of the plane run. (C) Rows run to the feet, or to the back where the plane
has no such axis; columns run to the patient's left, or to the back: as ITK writes a picture without turning it. The
identity matrix is refused, since programs write it unasked and then axes may mean anything.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spinelib.cases.readers import nifti
from spinelib.cases.readers.picture import Picture, check_aspect
from spinelib.core.errors import BadInput

REMEDY = "Save the film as PNG, or with an affine that says where its axes run."
# An axis that runs to one of these is turned round.
OPPOSITE = {"R": "L", "S": "I", "A": "P"}
# Programs that know no spacing write 1 mm from 0.
UNKNOWN = np.diag([-1.0, -1.0, 1.0, 1.0])


def is_nifti(path: Path | str) -> bool:
    """Whether the name is one of NIfTI."""
    return Path(path).name.lower().endswith((".nii", ".nii.gz"))


def is_plane(path: Path | str) -> bool:
    """Whether the name is one of NIfTI and the header states one plane: two axes, others of one voxel behind them."""
    path = Path(path)
    if not is_nifti(path) or not path.is_file():
        return False
    try:
        return len(nifti.plane_shape(path)) == 2
    except BadInput:
        return False


def read_plane(path: Path | str) -> Picture:
    """A film in NIfTI, float32 [H, W] in the file's values, with its spacing. Raises BadInput.

    The spacing is None where the affine is that of a program which knew none.
    """
    from nibabel import aff2axcodes

    path = Path(path)
    values, affine, remark = nifti.plane_values(path)
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise BadInput(path, "has an affine that is singular or not finite", REMEDY)
    if np.allclose(affine, np.eye(4), atol=1e-6):
        raise BadInput(path, "does not say how the film lies (its affine is the identity)", REMEDY)
    codes = [str(code) for code in aff2axcodes(affine)[:2]]
    runs = [OPPOSITE.get(code, code) for code in codes]
    plane = np.flip(values, tuple(k for k in (0, 1) if codes[k] in OPPOSITE))
    down = runs.index("I") if "I" in runs else runs.index("P")
    across, along = (float(mm) for mm in np.linalg.norm(affine[:3, :2], axis=0))
    spacing = None if np.allclose(affine, UNKNOWN, atol=1e-6) else (along, across) if down else (across, along)
    pixels = np.ascontiguousarray(plane.T if down else plane, np.float32)
    aspect = spacing[0] / spacing[1] if spacing else 1.0
    check_aspect(path, aspect)
    return Picture(pixels, spacing, aspect, remark=remark)
