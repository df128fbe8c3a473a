"""MetaImage files with their voxels inside (.mha), the format of SPIDER, or beside (.mhd with .raw or .zraw).

(A) ITK's MetaIO: a text header of "name = value" lines ending with ElementDataFile = LOCAL or the name of the file with
the voxels; these are raw or zlib-compressed, first axis fastest; TransformMatrix holds the direction of one axis after
the other and Offset the first voxel, both to the patient's left, back and top (LPS). (C) Files without TransformMatrix
are refused, and so are voxels as text (BinaryData = False), which could be taken for numbers. ITK's own reader is not
used: it gives a damaged or cut stream of packed voxels as if it were whole, and fills in what a header lacks.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.limits import EXPORT, check_voxels
from spinelib.cases.readers.packed import beside, read_bytes
from spinelib.cases.readers.picture import check_file
from spinelib.core.errors import BadInput

KINDS = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
TURN = ("TransformMatrix", "Rotation", "Orientation")
PLACE = ("Offset", "Position", "Origin")
HEADER_BYTES = 65536


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels (integer, or float32), affine (RAS+, mm) and a remark, in the order of the file. Raises BadInput.

    Not `strict`: a file without an orientation is read as well.
    """
    fields, start = _header(path)
    shape = _shape(path, fields)
    affine = _affine(path, fields, strict)
    kind = KINDS.get(fields.get("ElementType", ""))
    if kind is None or fields.get("ElementNumberOfChannels", "1") != "1":
        raise BadInput(path, f"holds {fields.get('ElementType', 'voxels of no stated kind')}", "Save one number each.")
    if fields.get("BinaryData", "True").lower() != "true":
        raise BadInput(path, "holds its voxels as text", "Save it as a binary .mha or as .nii.gz.")
    big = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False")).lower() == "true"
    dtype = np.dtype(kind).newbyteorder(">" if big else "<")
    packed = fields.get("CompressedData", "False").lower() == "true"
    file = path
    if not _inside(fields):
        file, start = beside(path, fields["ElementDataFile"]), _skipped(path, fields)
    content = read_bytes(file, math.prod(shape) * dtype.itemsize, start=start, packed=packed)
    values = np.frombuffer(content, dtype).reshape(shape, order="F")
    with np.errstate(over="ignore"):
        return values.astype(np.float32 if kind[0] == "f" else dtype.newbyteorder("=")), affine, ""


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape and affine (RAS+, mm) as the header states them. Raises BadInput."""
    fields, _ = _header(path)
    return _shape(path, fields), _affine(path, fields, True)


def voxel_file(path: Path) -> Path | None:
    """The file beside `path` that holds its voxels; None where they are inside. Raises BadInput."""
    fields, _ = _header(path)
    return None if _inside(fields) else beside(path, fields["ElementDataFile"])


def _inside(fields: dict[str, str]) -> bool:
    return fields["ElementDataFile"].upper() == "LOCAL"


def _skipped(path: Path, fields: dict[str, str]) -> int:
    """Bytes before the voxels in a file of their own."""
    text = fields.get("HeaderSize", "0")
    if not text.isdecimal():
        raise BadInput(path, f"has a HeaderSize that is no number of bytes ({text})", EXPORT)
    return int(text)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The header's fields, and where the voxels begin."""
    with check_file(path).open("rb") as file:
        head = file.read(HEADER_BYTES)
    fields: dict[str, str] = {}
    start = 0
    while "ElementDataFile" not in fields:
        end = head.find(b"\n", start)
        name, sign, value = head[start:end].decode("latin-1").partition("=")
        if end < 0 or not sign:
            raise BadInput(path, "is not a MetaImage file", EXPORT)
        fields[name.strip()] = value.strip()
        start = end + 1
    return fields, start


def _shape(path: Path, fields: dict[str, str]) -> tuple[int, ...]:
    shape = tuple(int(size) for size in _numbers(path, fields, ("DimSize",)))
    check_voxels(path, shape)
    return shape


def _affine(path: Path, fields: dict[str, str], strict: bool) -> NDArray[np.float64]:
    if strict and not any(name in fields for name in TURN):
        raise BadInput(path, "does not say how the patient lies (no TransformMatrix)", EXPORT)
    turn = _numbers(path, fields, TURN, "1 0 0 0 1 0 0 0 1", 9).reshape(3, 3)
    if fields.get("DistanceUnits", "mm") not in ("mm", "?"):
        raise BadInput(path, f"states its sizes in {fields['DistanceUnits']}, not mm", EXPORT)
    spacing = _numbers(path, fields, ("ElementSpacing", "ElementSize"), None, 3)
    if spacing.min() <= 0:
        raise BadInput(path, f"has no usable ElementSpacing in its header ({spacing.tolist()})", EXPORT)
    affine = np.eye(4)
    affine[:3, :3] = turn.T * spacing
    affine[:3, 3] = _numbers(path, fields, PLACE, "0 0 0", 3)
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine, float)


def _numbers(
    path: Path, fields: dict[str, str], names: tuple[str, ...], default: str | None = None, count: int = 0
) -> NDArray[np.float64]:
    text = next((fields[name] for name in names if name in fields), default)
    try:
        values = np.array([float(part) for part in (text or "").split()])
    except ValueError:
        values = np.zeros(0)
    if not len(values) or not np.isfinite(values).all() or (count and len(values) != count):
        raise BadInput(path, f"has no usable {names[0]} in its header ({text})", EXPORT)
    return values
