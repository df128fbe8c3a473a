"""The greys of one DICOM image, as its header says: the same for a film and for a slice of a series.

(A) DICOM PS3.3 C.7.6.3 and C.11, in this order: stored bits, palette or colours, modality, values of interest,
photometric interpretation; PS3.5 8.1.1: only the bits below HighBit, BitsStored of them, are the pixel's.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.dicom_decode import stored_values
from spinelib.cases.readers.dicom_header import REMEDY, broken_value, file_of, first_whole, numbers, one_line, text
from spinelib.cases.readers.dicom_luts import modality, palette, values_of_interest
from spinelib.cases.readers.picture import check_size, to_grey
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

FLOATS = ("FloatPixelData", "DoubleFloatPixelData")
PIXELS = ("PixelData", *FLOATS)
# Colour spaces that the decoders turn into RGB; the two of JPEG 2000 lie in its own streams alone.
COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422")
JPEG_2000 = {(kind, f"1.2.840.10008.1.2.4.{n}") for kind in ("YBR_ICT", "YBR_RCT") for n in (90, 91)}


def grey_values(header: Dataset, *, windowed: bool, remarks: list[str] | None = None) -> NDArray[np.float32]:
    """The image of a single-frame DICOM data set, float32 [H, W], high where it is shown bright.

    Applied are palette, colour space (colours become luminance), rescaling or modality table; what is padding becomes
    what is black; MONOCHROME1 and PresentationLUTShape INVERSE are turned round. With `windowed`, as for films, the
    first table or window of values of interest that shows anything is applied, too. Slices of a series are read
    without: a window is a viewer's choice for each slice, and values of one volume must be comparable. `remarks`
    receives what a reader should know. Raises BadInput.
    """
    try:
        check_image(header)
        with np.errstate(all="ignore"):
            return _grey(header, windowed, [] if remarks is None else remarks)
    except BadInput:
        raise
    except MemoryError as error:
        raise BadInput(file_of(header), "does not fit into memory", "Reduce it first.") from error
    # Decoder plug-ins raise their own kinds of errors.
    except Exception as error:
        raise BadInput(file_of(header), f"holds pixels that cannot be decoded ({one_line(error)})", REMEDY) from error


def check_image(header: Dataset) -> None:
    """Raise BadInput where a data set holds no image, several frames, or more pixels than any film has."""
    path = Path(file_of(header))
    height, width = first_whole(header, "Rows", 0), first_whole(header, "Columns", 0)
    if not any(name in header for name in PIXELS) or height < 1 or width < 1:
        raise BadInput(path, f"is {what_it_is(header)} without an image", "Choose the file that holds the radiograph.")
    frames = first_whole(header, "NumberOfFrames", 1)
    if frames > 1:
        raise BadInput(path, f"holds {frames} frames", "Export the frame with the film as a file of its own.")
    check_size(path, height, width)


def what_it_is(header: Dataset) -> str:
    """What kind of DICOM object a data set is: the name of its SOP class."""
    from pydicom.uid import UID

    meta = getattr(header, "file_meta", None)
    uid = text(header, "SOPClassUID") or (text(meta, "MediaStorageSOPClassUID") if meta else "")
    name = UID(uid).name if uid else ""
    return f"a DICOM file ({name})" if name and name != uid else "a DICOM file"


def _grey(header: Dataset, windowed: bool, remarks: list[str]) -> NDArray[np.float32]:
    stored, ends = _stored(header)
    kind = text(header, "PhotometricInterpretation")
    if stored.ndim == 3:
        if kind not in COLOURS and (kind, header.file_meta.TransferSyntaxUID) not in JPEG_2000:
            raise BadInput(file_of(header), f"is in colours that are not read ({kind})", REMEDY)
        return to_grey(stored)
    if kind == "PALETTE COLOR":
        return palette(header, stored)
    film = ~_padding(header, stored)
    values, ends = modality(header, stored, ends)
    if windowed and film.any():
        values, ends = values_of_interest(header, (values, ends), film, remarks)
    if kind == "MONOCHROME1" or text(header, "PresentationLUTShape").upper() == "INVERSE":
        values = ends[0] + ends[1] - values
    if film.any():
        values[~film] = values[film].min()
    return np.asarray(values, np.float32)


def _stored(header: Dataset) -> tuple[NDArray[Any], tuple[float, float]]:
    """Stored values [H, W] or colours [H, W, 3], and the least and greatest number that their bits can hold."""
    from pydicom.pixels import pixel_array

    if any(name in header for name in FLOATS):
        values = pixel_array(header, index=0)
        return values, (float(values.min()), float(values.max()))
    bits = first_whole(header, "BitsStored", 0)
    if not 1 <= bits <= 64:
        raise broken_value(header, "BitsStored", str(bits))
    syntax = header.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated and first_whole(header, "HighBit", bits - 1) != bits - 1 and "RLE" not in syntax.name:
        raise broken_value(header, "HighBit", text(header, "HighBit"))
    values = stored_values(header)
    if values.ndim == 2:
        values = _own_bits(header, values, bits)
    low = -(2 ** (bits - 1)) if values.dtype.kind == "i" else 0
    return values, (low, low + 2**bits - 1)


def _own_bits(header: Dataset, values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Values without the bits above HighBit (overlays lie there) and below the lowest stored one."""
    allocated = values.dtype.itemsize * 8
    high = first_whole(header, "HighBit", bits - 1)
    if first_whole(header, "BitsAllocated", 16) == 1 or bits >= allocated:
        return values
    if not bits - 1 <= high < allocated:
        raise broken_value(header, "HighBit", str(high))
    return (values << (allocated - 1 - high)) >> (allocated - bits)


def _padding(header: Dataset, stored: NDArray[Any]) -> NDArray[np.bool_]:
    """Pixels [H, W] whose stored value is the padding value, or lies between it and its limit, both included."""
    names = ("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit")
    if stored.dtype.kind != "f":
        names = ("PixelPaddingValue", "PixelPaddingRangeLimit")
    ends = [value for name in names for value in numbers(header, name)[:1]]
    if not ends or not numbers(header, names[0]):
        return np.zeros(stored.shape, bool)
    if stored.dtype.kind == "i":
        # some write a negative value as if it were unsigned
        ends = [
            end - 2 ** (8 * stored.dtype.itemsize) if end >= 2 ** (8 * stored.dtype.itemsize - 1) else end
            for end in ends
        ]
    return np.asarray((stored >= min(ends)) & (stored <= max(ends)))
