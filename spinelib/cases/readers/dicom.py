"""Single-frame DICOM radiographs: pixels (white bone) and spacing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

REMEDY = "Export it as an uncompressed single-frame DICOM or as PNG."


def is_dicom(path: Path) -> bool:
    """Whether the file says it is DICOM, by its suffix or by the mark after its preamble."""
    if path.suffix.lower() in (".dcm", ".dicom"):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def read_pixels(path: Path, limit: int) -> NDArray[np.float32]:
    """Pixels [H, W] or [H, W, 3], rescaled, MONOCHROME1 inverted, padding set to black. Raises BadInput.

    Refuses files without pixels, with several frames, with more than `limit` pixels or in an encoding that no
    installed decoder knows.
    """
    header = _header(path)
    height, width = int(header.get("Rows") or 0), int(header.get("Columns") or 0)
    if "PixelData" not in header or height < 1 or width < 1:
        raise BadInput(path, "is a DICOM file without an image", "Choose the file that holds the radiograph.")
    if int(header.get("NumberOfFrames") or 1) > 1:
        reason = f"holds {header.NumberOfFrames} frames"
        raise BadInput(path, reason, "Export the frame with the film as a file of its own.")
    if height * width > limit:
        raise BadInput(
            path,
            f"has {width} x {height} pixels, the limit is {limit // 10**6} megapixels",
            "Reduce it first.",
        )
    try:
        return _upright(header)
    # Decoder plug-ins raise their own kinds of errors.
    except Exception as error:
        reason = f"holds pixels that cannot be decoded ({' '.join(str(error).split())[:120]})"
        raise BadInput(path, reason, REMEDY) from error


def header_spacing(path: Path) -> tuple[float, float] | None:
    """Millimetres per pixel (row, column): PixelSpacing, else ImagerPixelSpacing; None when neither is usable."""
    header = _header(path)
    for name in ("PixelSpacing", "ImagerPixelSpacing"):
        value = header.get(name)
        try:
            row, column = (float(part) for part in value)
        except (TypeError, ValueError):
            continue
        if 0 < row < 100 and 0 < column < 100:
            return row, column
    return None


def _header(path: Path) -> FileDataset:
    import pydicom

    try:
        return pydicom.dcmread(path)
    # Damaged headers surface as many kinds of errors.
    except Exception as error:
        reason = f"is not a readable DICOM file ({' '.join(str(error).split())[:120]})"
        raise BadInput(path, reason, REMEDY) from error


def _upright(header: FileDataset) -> NDArray[np.float32]:
    from pydicom.pixels import apply_modality_lut, pixel_array

    stored = pixel_array(header)
    if stored.ndim == 3:
        return np.asarray(stored, np.float32)
    pixels = np.asarray(apply_modality_lut(stored, header), np.float32)
    if header.PhotometricInterpretation == "MONOCHROME1":
        pixels = pixels.max() - pixels + pixels.min()
    padding = header.get("PixelPaddingValue")
    if padding is not None and (stored == padding).any() and not (stored == padding).all():
        pixels[stored == padding] = pixels[stored != padding].min()
    return pixels
