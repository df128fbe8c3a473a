"""The tables and windows by which DICOM turns stored numbers into greys.

(A) DICOM PS3.3 C.7.6.3.1.5 and C.7.9 (palettes), C.11.1 (modality: a slope or a table), C.11.2 (values of interest:
a table or a window). The tables are looked up here: the library's functions count entries in the type of an entry,
so that tables of more than 256 entries of 8 bits come out wrong.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.dicom_header import REMEDY, broken_value, file_of, first_number, frame_item, numbers, text
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Values and the least and greatest value that they could have.
Greys = tuple[NDArray[np.float64], tuple[float, float]]
# (C) A window that leaves fewer of the pixels between its ends shows no film.
LEAST_WITHIN = 0.01


def palette(header: Dataset, stored: NDArray[Any]) -> NDArray[np.float32]:
    """Luminance [H, W] of the colours that the palette gives to stored indices [H, W]. Raises BadInput."""
    from pydicom.pixels import apply_color_lut

    count, first, bits = _descriptor(header, "RedPaletteColorLookupTableDescriptor", stored)
    if "RedPaletteColorLookupTableData" in header:
        names = [f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")]
        colours = np.stack([_entries(header, header, name, count, bits) for name in names], 1)
    elif bits == 8 and count > 256:
        raise BadInput(file_of(header), "has a segmented palette of more than 256 entries of 8 bits", REMEDY)
    else:
        signed = first + np.arange(count, dtype=np.int64)
        colours = apply_color_lut(signed, header)[:, :3]
    table = to_grey(colours[None].astype(np.float64))[0]
    return np.asarray(table[_index(stored, first, len(table))], np.float32)


def modality(header: Dataset, stored: NDArray[Any], ends: tuple[float, float]) -> Greys:
    """Stored values as the modality means them: by its table, else slope * stored + intercept. Raises BadInput."""
    tables = header.get("ModalityLUTSequence")
    if tables:
        return _looked_up(header, tables[0], stored.astype(np.float64))
    rescale = frame_item(header, "PixelValueTransformationSequence")
    slope, intercept = first_number(rescale, "RescaleSlope", 1), first_number(rescale, "RescaleIntercept", 0)
    if slope == 0:
        raise broken_value(header, "RescaleSlope", "0")
    low, high = (slope * end + intercept for end in ends)
    return stored.astype(np.float64) * slope + intercept, (min(low, high), max(low, high))


def values_of_interest(header: Dataset, greys: Greys, film: NDArray[np.bool_], remarks: list[str]) -> Greys:
    """The values through the first table or window that shows the film; as they are when the header has none.

    film: the pixels [H, W] that are no padding. What leaves almost no pixel unsaturated is passed over, with a remark.
    Raises BadInput.
    """
    values, ends = greys
    for item in header.get("VOILUTSequence") or []:
        count, first, _ = _descriptor(item, "LUTDescriptor", values)
        if _shows(values[film], first, first + count - 1):
            return _looked_up(header, item, values)
        remarks.append("a table of values of interest (VOI LUT) that leaves almost nothing of the film was passed over")
    item = frame_item(header, "FrameVOILUTSequence")
    function = text(item, "VOILUTFunction").upper() or "LINEAR"
    for center, width in zip(numbers(item, "WindowCenter"), numbers(item, "WindowWidth"), strict=False):
        reach = width if function == "SIGMOID" else width / 2
        if width > 0 and _shows(values[film], center - reach, center + reach):
            return through_window(values, center, width, function, ends), ends
        remarks.append(f"a window ({center:g}, {width:g}) that leaves almost nothing of the film was passed over")
    return values, ends


def through_window(
    values: NDArray[np.float64], center: float, width: float, function: str, ends: tuple[float, float]
) -> NDArray[np.float64]:
    """Values [H, W] through a window onto the range `ends`.

    (A) PS3.3 C.11.2.1.2.1 (LINEAR: half a step less at the center, one less in width), C.11.2.1.3.2 (LINEAR_EXACT),
    C.11.2.1.3.1 (SIGMOID). Raises ValueError for another function.
    """
    low, high = ends
    if function == "SIGMOID":
        return np.asarray((high - low) / (1 + np.exp(-4 * (values - center) / width)) + low)
    if function == "LINEAR":
        center, width = center - 0.5, width - 1
    elif function != "LINEAR_EXACT":
        raise ValueError(f"the VOILUTFunction '{function}' is unknown")
    if width <= 0:
        return np.where(values <= center, low, high)
    return np.asarray(np.clip((values - center) / width + 0.5, 0, 1) * (high - low) + low)


def _shows(values: NDArray[np.float64], low: float, high: float) -> bool:
    return float(((values > low) & (values < high)).mean()) >= LEAST_WITHIN


def _looked_up(header: Dataset, item: Dataset, values: NDArray[np.float64]) -> Greys:
    count, first, bits = _descriptor(item, "LUTDescriptor", values)
    table = _entries(header, item, "LUTData", count, bits)
    ends = (0.0, float(max(2**bits - 1, table.max())))
    return table[_index(values, first, count)].astype(np.float64), ends


def _index(values: NDArray[Any], first: int, count: int) -> NDArray[np.int64]:
    """Entries of a table for values: below the first the first, above the last the last."""
    return np.clip(np.rint(np.asarray(values, np.float64)) - first, 0, count - 1).astype(np.int64)


def _descriptor(item: Dataset, name: str, values: NDArray[Any]) -> tuple[int, int, int]:
    """Number of entries (0 stands for 65536), first value mapped, bits of an entry.

    The first value is signed where the values are, whatever type the header gives it.
    """
    said = numbers(item, name)
    if len(said) != 3:
        raise broken_value(item, name, str(said))
    count, first, bits = (int(part) for part in said)
    if first > 0x7FFF and values.min() < 0:
        first -= 0x10000
    return count & 0xFFFF or 0x10000, first, bits


def _entries(header: Dataset, item: Dataset, name: str, count: int, bits: int) -> NDArray[np.float64]:
    """The entries of a table: words, or bytes where there are only as many bytes as entries."""
    data = item[name].value
    order = "<" if header.file_meta.TransferSyntaxUID.is_little_endian else ">"
    if not isinstance(data, bytes):
        order, data = "<", np.atleast_1d(np.asarray(data)).astype("<u2").tobytes()
    if bits <= 8 and len(data) in (count, count + count % 2):
        return np.frombuffer(data, np.uint8)[:count].astype(np.float64)
    if len(data) < 2 * count:
        raise ValueError(f"{name} holds {len(data) // 2} of {count} entries")
    return np.frombuffer(data, f"{order}u2", count).astype(np.float64)
