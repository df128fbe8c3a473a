"""Stored values of one DICOM frame, by whichever decoder reads its encoding right.

pydicom reads what is not compressed and RLE, Pillow JPEG of 8 bits and JPEG 2000, GDCM the rest (JPEG of 12 bits, JPEG
Lossless, JPEG-LS), in a process of its own. A stream whose size differs from Rows and Columns is refused before it is
unpacked. (A) ISO/IEC 10918-1 B.2.2 and 14495-1 C.2.2: where a JPEG stream gives its precision and size.
"""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.readers.dicom_header import first_whole, text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SCRIPT = Path(__file__).with_name("gdcm_frame.py")
SECONDS = 120
# By the last parts of the transfer syntax 1.2.840.10008.1.2.4.x, the name in GDCM.
BY_GDCM = {
    "51": "JPEGExtendedProcess2_4",
    "57": "JPEGLosslessProcess14",
    "70": "JPEGLosslessProcess14_1",
    "80": "JPEGLSLossless",
    "81": "JPEGLSNearLossless",
}
BY_PILLOW = ("50", "51", "90", "91")


def stored_values(header: Dataset) -> NDArray[Any]:
    """Stored values [H, W] or colours (RGB) [H, W, 3] of the first frame. Raises any error where they do not decode."""
    from pydicom.encaps import get_frame
    from pydicom.pixels import pixel_array

    family, _, kind = str(header.file_meta.TransferSyntaxUID).rpartition(".")
    if family != "1.2.840.10008.1.2.4":
        return pixel_array(header, index=0, correct_unused_bits=False)
    frame = get_frame(header.PixelData, 0, number_of_frames=1)
    if kind in BY_GDCM and not (kind == "51" and first_whole(header, "BitsStored", 0) <= 8):
        return _by_gdcm(header, frame, BY_GDCM[kind])
    if kind in BY_PILLOW:
        with Image.open(BytesIO(frame), formats=("JPEG", "JPEG2000")) as stream:
            _check_equal(header, stream.height, stream.width)
        return pixel_array(header, index=0, decoding_plugin="pillow")
    raise ValueError(f"no decoder for {header.file_meta.TransferSyntaxUID.name}")


def stream_size(frame: bytes) -> tuple[int, int, int, int]:
    """Precision, height, width and samples of a JPEG or JPEG-LS stream. Raises ValueError."""
    at = 2
    while at + 10 <= len(frame) and frame[at] == 0xFF:
        marker, length = frame[at + 1], int.from_bytes(frame[at + 2 : at + 4])
        # SOF0 to SOF15 but DHT, JPG and DAC; SOF55 of JPEG-LS
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            body = frame[at + 4 : at + 10]
            return body[0], int.from_bytes(body[1:3]), int.from_bytes(body[3:5]), body[5]
        at += 1 if marker == 0xFF else 2 + length
    raise ValueError("the stream is no JPEG")


def _by_gdcm(header: Dataset, frame: bytes, syntax: str) -> NDArray[Any]:
    from pydicom.pixels import convert_color_space

    precision, height, width, samples = stream_size(frame)
    _check_equal(header, height, width)
    # GDCM reads JPEG-LS of fewer than 8 bits wrong
    least = 8 if "JPEGLS" in syntax else 2
    if not least <= precision <= 16 or samples != first_whole(header, "SamplesPerPixel", 1) or samples not in (1, 3):
        raise ValueError(f"the stream holds {samples} samples of {precision} bits")
    if not frame.rstrip(b"\0\xff").endswith(b"\xff\xd9"):
        raise ValueError("the compressed stream has no end")
    said = {"syntax": syntax, "width": width, "height": height, "samples": samples, "precision": precision}
    # -P: the folder of the script holds modules of ours whose names must not hide others
    command = [sys.executable, "-P", str(SCRIPT)]
    given = json.dumps(said).encode() + b"\n" + frame
    done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS)
    kind = "u1" if precision <= 8 else "<u2"
    if done.returncode or len(done.stdout) != height * width * samples * np.dtype(kind).itemsize:
        raise ValueError("the compressed stream is damaged")
    values = np.frombuffer(done.stdout, kind).reshape((height, width, samples) if samples > 1 else (height, width))
    if samples > 1:
        colours = text(header, "PhotometricInterpretation")
        return convert_color_space(values, "YBR_FULL", "RGB") if colours.startswith("YBR_FULL") else values
    if not first_whole(header, "PixelRepresentation", 0):
        return values
    # JPEG-LS knows no sign; of the others BitsStored says where it stands
    return _signed(values, precision if "JPEGLS" in syntax else 8 * values.dtype.itemsize)


def _signed(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Unsigned samples as the signed numbers of so many bits that they stand for."""
    spare = values.dtype.itemsize * 8 - bits
    return (values << spare).view(values.dtype.str.replace("u", "i")) >> spare


def _check_equal(header: Dataset, height: int, width: int) -> None:
    said = first_whole(header, "Rows", 0), first_whole(header, "Columns", 0)
    if said != (height, width):
        raise ValueError(f"the stream holds {width} x {height} pixels, the header says {said[1]} x {said[0]}")
