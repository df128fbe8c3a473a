"""NRRD files (.nrrd, .nhdr with a file of voxels), and 3D Slicer's segmentations (.seg.nrrd), read by ITK.

(A) teem.sourceforge.net/nrrd/format.html: lines "field: value" and "key:=value" up to an empty line; `space` names the
directions of the patient, without which `space directions` say nothing. Slicer's vtkMRMLSegmentationStorageNode: a
segment is what has the number SegmentN_LabelValue in the layer SegmentN_Layer, the first axis where there are several.
(C) A file that names no anatomical space is refused, like one whose voxels are text, packed by bzip2, or preceded by
bytes to skip. Segments that overlap are refused. Layers become one label map: segments are numbered as Slicer does
where these numbers differ, else from 1 in their order.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.limits import EXPORT, check_voxels
from spinelib.cases.readers.packed import beside, read_bytes
from spinelib.cases.readers.picture import check_file
from spinelib.core.errors import BadInput

HEADER_BYTES = 2**20
# The spaces that ITK turns to left, back and top; the others it would take for that.
SPACES = {"LPS", "RAS", "LAS", "LEFT-POSTERIOR-SUPERIOR", "RIGHT-ANTERIOR-SUPERIOR", "LEFT-ANTERIOR-SUPERIOR"}
PACKED = {"raw": False, "gzip": True, "gz": True}
AGAIN = "Save it again, for example with 3D Slicer, or as .nii.gz."
# Its number in the label map, its number and its layer in the file, its name.
Segment = tuple[int, int, int, str]


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels (integer, or float32), affine (RAS+, mm) and a remark, in the order of the file. Raises BadInput.

    Of a segmentation: its label map. Not `strict`: a file that names no space is refused as well, because ITK does not
    read it.
    """
    import SimpleITK

    fields, start = _fields(path)
    reader = _open(path, fields)
    _check_voxels(path, fields, start, reader)
    try:
        values = SimpleITK.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise BadInput(path, "is damaged or cannot be decoded", AGAIN) from error
    # ITK gives slices first and layers last.
    values = values.transpose(2, 1, 0, *range(3, values.ndim))
    segments = _segments(path, fields)
    if values.ndim == 4 or any(number != label for number, label, _, _ in segments):
        values = _one_map(path, values.reshape(*values.shape[:3], -1), segments)
    with np.errstate(over="ignore"):
        return values.astype(np.float32) if values.dtype.kind == "f" else values, _affine(reader), ""


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape and affine (RAS+, mm) as the header states them. Raises BadInput."""
    reader = _open(path, _fields(path)[0])
    return tuple(reader.GetSize()), _affine(reader)


def voxel_file(path: Path) -> Path | None:
    """The file beside `path` that holds its voxels; None where they are inside. Raises BadInput."""
    name = _data_file(_fields(path)[0])
    return beside(path, name) if name else None


def named_segments(path: Path) -> dict[int, str]:
    """What the numbers of a segmentation's label map are called; empty for other files. Raises BadInput."""
    return {number: name for number, _, _, name in _segments(path, _fields(path)[0])}


def _fields(path: Path) -> tuple[dict[str, str], int]:
    """The header's fields and keys, and where its voxels begin."""
    with check_file(path).open("rb") as file:
        head = file.read(HEADER_BYTES)
    end = re.search(rb"\r?\n\r?\n", head)
    if not head.startswith(b"NRRD000") or (not end and len(head) == HEADER_BYTES):
        raise BadInput(path, "is not a NRRD file", AGAIN)
    text = (head[: end.start()] if end else head).decode("utf-8", "replace")
    lines = [re.match(r"([^#:][^:]*?)(:=|: ?)(.*)", line) for line in text.splitlines()[1:]]
    fields = {
        line[1] if line[2] == ":=" else line[1].strip().lower(): line[3].strip() for line in lines if line is not None
    }
    return fields, end.end() if end else len(head)


def _open(path: Path, fields: dict[str, str]) -> Any:
    """ITK's reader with the header read. Raises BadInput for what it would take otherwise than it is stated."""
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    if fields.get("space", "").upper() not in SPACES or "space directions" not in fields:
        said = fields.get("space") or "nothing"
        raise BadInput(path, f"does not say how the patient lies (its space is {said})", EXPORT)
    if set(re.findall(r"\w+", fields.get("space units", ""))) - {"mm"}:
        raise BadInput(path, f"states its sizes in {fields['space units']}, not mm", AGAIN)
    sizes = tuple(int(size) for size in re.findall(r"-?\d+", fields.get("sizes", "")))
    layers = len(sizes) == 4 and fields.get("kinds", "").split()[:1] == ["list"] and bool(_segments(path, fields))
    check_voxels(path, sizes[1:] if layers else sizes)
    # ITK opens whatever file is named.
    if _data_file(fields):
        beside(path, _data_file(fields))
    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("NrrdImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise BadInput(path, "is no readable NRRD file", AGAIN) from error
    if (reader.GetNumberOfComponents() != 1 and not layers) or reader.GetDimension() != 3:
        raise BadInput(path, "holds several numbers per voxel", "Save one number per voxel.")
    if not np.isfinite(_affine(reader)).all() or abs(np.linalg.det(_affine(reader))) < 1e-9:
        raise BadInput(path, "has an orientation matrix that is singular or not finite", EXPORT)
    return reader


def _check_voxels(path: Path, fields: dict[str, str], start: int, reader: Any) -> None:
    """Raise BadInput unless the file holds as many bytes as its header states, with the right check sum."""
    import SimpleITK

    encoding = fields.get("encoding", "").lower()
    if encoding not in PACKED:
        raise BadInput(path, f"holds its voxels as {encoding or 'nothing stated'}", "Save it with gzip or raw.")
    for name in ("byte skip", "line skip", "byteskip", "lineskip"):
        if fields.get(name, "0") != "0":
            raise BadInput(path, f"skips bytes before its voxels ({name}: {fields[name]})", AGAIN)
    bits = re.search(r"(\d+)-bit", SimpleITK.GetPixelIDValueAsString(reader.GetPixelID()))
    if bits is None:
        raise BadInput(path, f"holds {fields.get('type', 'voxels of no stated kind')}", "Save one number per voxel.")
    size = math.prod(reader.GetSize()) * reader.GetNumberOfComponents() * int(bits[1]) // 8
    name = _data_file(fields)
    file, first = (beside(path, name), 0) if name else (path, start)
    read_bytes(file, size, start=first, packed=PACKED[encoding])


def _data_file(fields: dict[str, str]) -> str:
    return fields.get("data file", fields.get("datafile", ""))


def _affine(reader: Any) -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, :3] = np.array(reader.GetDirection()).reshape(3, 3) * np.array(reader.GetSpacing())
    affine[:3, 3] = reader.GetOrigin()
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine, float)


def _segments(path: Path, fields: dict[str, str]) -> list[Segment]:
    """The segments of a segmentation, in their order; none for other files."""
    layers = fields.get("dimension") == "4"
    found = []
    for key in fields:
        number = re.fullmatch(r"Segment(\d+)_ID", key)
        if number:
            # Segmentations without layers' numbers have one layer for each segment.
            at, alone = f"Segment{number[1]}", number[1] if layers else "0"
            label, layer = fields.get(f"{at}_LabelValue", "1"), fields.get(f"{at}_Layer", alone)
            if not (label.isdecimal() and layer.isdecimal() and 0 < int(label) < 2**16):
                raise BadInput(path, f"has a segment with the label {label} in layer {layer}", AGAIN)
            found.append((int(number[1]), int(label), int(layer), fields.get(f"{at}_Name", fields[key])))
    found.sort()
    apart = len({label for _, label, _, _ in found}) == len(found)
    return [(label if apart else k, label, layer, name) for k, (_, label, layer, name) in enumerate(found, 1)]


def _one_map(path: Path, layers: NDArray[Any], segments: list[Segment]) -> NDArray[np.uint16]:
    """One label map [i, j, k] of the layers [i, j, k, layer] of a segmentation. Raises BadInput where they overlap."""
    labels = np.zeros(layers.shape[:3], np.uint16)
    names = {number: name for number, _, _, name in segments}
    for number, value, layer, name in segments:
        if layer >= layers.shape[3]:
            raise BadInput(path, f"has no layer {layer}, in which segment {name} lies", AGAIN)
        inside = layers[..., layer] == value
        if labels[inside].any():
            other = names[int(labels[inside].max())]
            reason = f"has segments that overlap ({other} and {name})"
            raise BadInput(path, reason, "Let every voxel be of one segment.")
        labels[inside] = number
    return labels
