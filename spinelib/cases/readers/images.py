"""Any supported image file as grey or RGB float32, or one clear BadInput."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from spinelib.cases.readers import dicom
from spinelib.cases.readers.picture import EXPORT as EXPORT
from spinelib.cases.readers.picture import MAX_PIXELS as MAX_PIXELS
from spinelib.cases.readers.picture import Facts as Facts
from spinelib.cases.readers.picture import Picture as Picture
from spinelib.cases.readers.picture import check_file as check_file
from spinelib.cases.readers.picture import check_size as check_size
from spinelib.cases.readers.picture import to_grey as to_grey
from spinelib.core.errors import BadInput

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom", ".npy")
FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
# Sizes are checked here; remarks on odd tags help nobody, real damage still raises. Set once, because
# warnings.catch_warnings is not safe in threads.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin|pydicom")


def read_picture(path: Path | str) -> Picture:
    """The image in a file with its spacing, the shape of its pixels, and what its header says. Raises BadInput."""
    path = check_file(path)
    if dicom.is_dicom(path):
        return dicom.read(path)
    return Picture(_read(path))


def read_image(path: Path | str) -> NDArray[np.float32]:
    """Pixels of an image file, float32 [H, W] or [H, W, 3], in the file's own units.

    PNG, JPEG, TIFF, BMP (8 or 16 bit, grey, colour or palette, EXIF rotation applied, transparency dropped), NPY, and
    single-frame DICOM (rescaled; MONOCHROME1 inverted). Colour with three equal channels comes back as grey.
    Raises BadInput when the file is missing, empty, broken, not an image, larger than MAX_PIXELS, a series of frames,
    or holds NaN or infinite values.
    """
    return read_picture(path).pixels


def _read(path: Path) -> NDArray[np.float32]:
    if path.suffix.lower() == ".npy":
        pixels = _numpy(path)
    else:
        with open_picture(path) as picture:
            pixels = _pixels(picture)
    if not np.isfinite(pixels).all():
        raise BadInput(path, "holds NaN or infinite pixels", EXPORT)
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    return np.ascontiguousarray(pixels, np.float32)


def read_spacing(path: Path | str) -> tuple[float, float] | None:
    """Millimetres per pixel (row, column) from a DICOM header; None for other files or when it is not stated."""
    path = check_file(path)
    return dicom.header_spacing(path) if dicom.is_dicom(path) else None


def open_picture(path: Path, reduce_to: int = 0) -> Image.Image:
    """A decoded picture, upright and not larger than MAX_PIXELS. Raises BadInput.

    With `reduce_to` a JPEG is decoded at the smallest of its sizes that is at least that many px high.
    """
    try:
        picture = Image.open(path, formats=FORMATS)
        check_size(path, picture.height, picture.width)
        if picture.format == "TIFF" and getattr(picture, "n_frames", 1) > 1:
            raise BadInput(path, "holds several pages", "Save the page with the film as a file of its own.")
        if reduce_to:
            picture.draft("L", (1, reduce_to))
        picture.load()
        return ImageOps.exif_transpose(picture)
    except BadInput:
        raise
    except Image.DecompressionBombError as error:
        raise BadInput(path, f"has more than {MAX_PIXELS // 10**6} megapixels", "Reduce it first.") from error
    except MemoryError as error:
        raise BadInput(path, "does not fit into memory", "Reduce it first.") from error
    except Image.UnidentifiedImageError as error:
        raise BadInput(path, "is not an image of a known format", EXPORT) from error
    # Decoders raise nearly anything on damaged bytes (OSError, SyntaxError, struct.error, KeyError ...).
    except Exception as error:
        raise BadInput(path, f"is damaged or cut short ({_short(error)})", "Copy or download it again.") from error


def picture_size(path: Path) -> tuple[int, int]:
    """Height and width of a picture (not DICOM or NPY), upright, from its header alone. Raises BadInput."""
    try:
        with Image.open(check_file(path), formats=FORMATS) as picture:
            check_size(path, picture.height, picture.width)
            # EXIF orientations 5 to 8 are turned by 90 degrees.
            turned = picture.getexif().get(0x0112, 1) > 4
            return (picture.width, picture.height) if turned else (picture.height, picture.width)
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(path, f"is not a readable image ({_short(error)})", EXPORT) from error


def _pixels(picture: Image.Image) -> NDArray[np.float32]:
    if picture.mode in ("1", "L", "I", "F") or picture.mode.startswith("I;16"):
        return np.asarray(picture.convert("L") if picture.mode == "1" else picture, np.float32)
    if picture.mode in ("LA", "La"):
        return np.asarray(picture.getchannel(0), np.float32)
    return np.asarray(picture.convert("RGB"), np.float32)


def _numpy(path: Path) -> NDArray[np.float32]:
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        shape = values.shape
        if values.dtype.kind not in "buif" or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
            reason = f"holds {values.dtype} values of shape {list(shape)}"
            raise BadInput(path, reason, "Save numbers of shape [H, W] or [H, W, 3].")
        check_size(path, shape[0], shape[1])
        return np.asarray(values, np.float32)
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(path, f"is no readable array ({_short(error)})", "Save it again with numpy.save.") from error


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:117] + "..."
