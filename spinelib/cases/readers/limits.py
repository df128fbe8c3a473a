"""How large a volume may be before it is read, and what to do about a file that lost its geometry."""

from __future__ import annotations

import math
from pathlib import Path

from spinelib.core.errors import BadInput

# Half a gigabyte as float32; the largest sagittal spine series hold about 20 million voxels.
MAX_VOXELS = 120_000_000
EXPORT = "Convert the original DICOM series again, for example with dcm2niix, or name the DICOM folder itself."


def check_voxels(path: Path, shape: tuple[int, ...]) -> None:
    """Raise BadInput for a shape that is not 3-D, is empty, or holds more than MAX_VOXELS."""
    sizes = " x ".join(map(str, shape))
    if len(shape) == 3 and min(shape) < 1:
        raise BadInput(path, f"has no voxels along an axis ({sizes})", EXPORT)
    if len(shape) != 3:
        remedy = "Save one volume of three axes; split a series of volumes into one file each."
        raise BadInput(path, f"has {len(shape)} axes ({sizes}), not three", remedy)
    count = math.prod(int(size) for size in shape)
    if count > MAX_VOXELS:
        reason = f"has {count / 1e6:.0f} million voxels ({sizes}), the limit is {MAX_VOXELS // 10**6}"
        raise BadInput(path, reason, "Cut it to the spine or reduce it first.")
