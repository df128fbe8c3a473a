r"""DICOM radiographs: pixels (white bone, upright), spacing, the shape of a pixel, and what the header says.

(A) DICOM PS3.3 C.7.6.1.1.1: PatientOrientation gives where a row runs to and where a column runs to. (C) A film whose
columns do not run to the feet is turned by quarter turns until they do, never mirrored; masks must be turned alike.
(A) C.7.6.3.1.7: PixelAspectRatio is vertical\horizontal. (C) A spacing of 0 or of 100 mm and more is none.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spinelib.cases.readers.dicom_header import (
    begins_with_elements,
    broken_value,
    file_of,
    first_whole,
    frame_item,
    numbers,
    read_header,
    text,
)
from spinelib.cases.readers.dicom_pixels import check_image, grey_values
from spinelib.cases.readers.picture import Facts, Picture, check_aspect

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
# Quarter turns anticlockwise that bring the feet down: by where columns run to, else by where rows do.
COLUMNS_RUN_TO, ROWS_RUN_TO = {"F": 0, "H": 2}, {"F": 3, "H": 1}


def is_dicom(path: Path) -> bool:
    """Whether the file says it is DICOM: by its suffix, the mark after its preamble, or its first element."""
    if path.suffix.lower() in (".dcm", ".dicom"):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM" or begins_with_elements(path)


def read(path: Path) -> Picture:
    """A single-frame DICOM file as a picture of greys [H, W], upright as PatientOrientation says. Raises BadInput.

    Refuses files without pixels, with several frames, with too many pixels, with numbers that are none, or in an
    encoding that no installed decoder knows.
    """
    header = read_header(path)
    remarks: list[str] = []
    pixels = grey_values(header, windowed=True, remarks=remarks)
    spacing, aspect = _spacing(header), _aspect(header)
    turns = _quarter_turns(header, remarks)
    if turns % 2:
        aspect, spacing = 1 / aspect, spacing and (spacing[1], spacing[0])
    return Picture(np.rot90(pixels, turns), spacing, aspect, _facts(header), "; ".join(remarks), turns)


def header_spacing(path: Path) -> tuple[float, float] | None:
    """Millimetres per pixel (row, column) of the upright picture; None where none is usable. Raises BadInput."""
    header = read_header(path)
    spacing = _spacing(header)
    return (spacing[1], spacing[0]) if spacing and _quarter_turns(header, []) % 2 else spacing


def header_size(path: Path) -> tuple[int, int]:
    """Height and width of the upright picture. Raises BadInput."""
    header = read_header(path)
    check_image(header)
    size = first_whole(header, "Rows", 0), first_whole(header, "Columns", 0)
    return size[::-1] if _quarter_turns(header, []) % 2 else size


def _spacing(header: Dataset) -> tuple[float, float] | None:
    """PixelSpacing, else ImagerPixelSpacing (at the detector), else NominalScannedPixelSpacing (of a scanned film)."""
    for name in SPACINGS:
        holder = frame_item(header, "PixelMeasuresSequence") if name == "PixelSpacing" else header
        said = numbers(holder, name)
        if said and len(said) != 2:
            raise broken_value(header, name, text(header, name))
        if said and all(0 < part < 100 for part in said):
            check_aspect(Path(file_of(header)), said[0] / said[1])
            return said[0], said[1]
    return None


def _aspect(header: Dataset) -> float:
    """Height of a pixel over its width: from the spacing, else from PixelAspectRatio, else 1."""
    spacing, ratio = _spacing(header), numbers(header, "PixelAspectRatio")
    if spacing:
        return spacing[0] / spacing[1]
    if len(ratio) != 2 or min(ratio) <= 0:
        return 1.0
    check_aspect(Path(file_of(header)), ratio[0] / ratio[1])
    return ratio[0] / ratio[1]


def _quarter_turns(header: Dataset, remarks: list[str]) -> int:
    said = text(header, "PatientOrientation").upper()
    rows, _, columns = said.partition("\\")
    turns = COLUMNS_RUN_TO.get(columns[:1], ROWS_RUN_TO.get(rows[:1]))
    if turns:
        remarks.append(f"turned by {90 * turns} degrees anticlockwise, since PatientOrientation is {said}")
    elif turns is None and said:
        remarks.append(f"PatientOrientation is {said}: neither rows nor columns run to the head or the feet")
    return turns or 0


def _facts(header: Dataset) -> Facts:
    view = text(header, "ViewPosition")
    for item in header.get("ViewCodeSequence") or []:
        view = view or text(item, "CodeMeaning")
    laterality = text(header, "ImageLaterality") or text(header, "Laterality")
    said = [text(header, name) for name in ("PatientID", "StudyDate", "AccessionNumber")]
    return Facts(said[0], said[1], laterality, view, said[2])
