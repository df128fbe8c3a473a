"""PNG, JPEG, TIFF, BMP, WebP and JPEG 2000: one decoded picture, upright, white high, with the shape of its pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from spinelib.cases.readers.deep import ORIENTATION, deep_png, through_itk
from spinelib.cases.readers.dicom_header import short
from spinelib.cases.readers.picture import EXPORT, MAX_PIXELS, check_size
from spinelib.cases.readers.resolution import pixel_aspect, stated_resolutions
from spinelib.cases.readers.tiff import TiffPage, film_page
from spinelib.core.errors import BadInput

RASTERS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2", ".j2k")
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "JPEG2000")
TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Sixteen bits of three colours in each of MAX_PIXELS, and some more.
MAX_BYTES = 1 << 30
# Other formats by their first bytes, to name them in the refusal.
NOT_READ = {b"GIF8": "a GIF", b"%PDF": "a PDF", b"8BPS": "a Photoshop file", b"PK\3\4": "a zip archive"}
# Sizes are checked here; remarks on odd tags help nobody, real damage still raises. Set once, because
# warnings.catch_warnings is not safe in threads.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def open_picture(path: Path, reduce_to: int = 0) -> Image.Image:
    """A decoded picture (not DICOM or NPY), upright, white high, not larger than MAX_PIXELS. Raises BadInput.

    With `reduce_to` a JPEG is decoded at the smallest of its sizes that is at least that many px high.
    """
    found, _ = _decoded(path, reduce_to)
    if isinstance(found, Image.Image):
        return found
    return Image.fromarray(found.astype(np.float32) if found.ndim == 2 else (found / 256).astype(np.uint8))


def read_raster(path: Path) -> tuple[NDArray[np.float32], float]:
    """Pixels float32 [H, W] or [H, W, 3], and the height of a pixel over its width. Raises BadInput."""
    found, aspect = _decoded(path)
    return _pixels(found) if isinstance(found, Image.Image) else np.asarray(found, np.float32), aspect


def raster_size(path: Path) -> tuple[int, int]:
    """Height and width of the upright picture, without decoding it. Raises BadInput."""
    with _refusing(path):
        if page := _page(path):
            height, width, orientation = page.height, page.width, page.orientation
        else:
            picture = Image.open(_content(path), formats=FORMATS)
            height, width, orientation = picture.height, picture.width, picture.getexif().get(ORIENTATION, 1)
        check_size(path, height, width)
        # EXIF orientations 5 to 8 are turned by 90 degrees.
        return (width, height) if 5 <= orientation <= 8 else (height, width)


def _decoded(path: Path, reduce_to: int = 0) -> tuple[Image.Image | NDArray[Any], float]:
    """The picture, or its pixels where Pillow would not give them right, and the shape of a pixel."""
    with _refusing(path):
        file = _content(path)
        if page := _page(path):
            return _tiff(path, Image.open(file, formats=("TIFF",)) if page.by_pillow else None, page)
        picture = Image.open(file, formats=FORMATS)
        check_size(path, picture.height, picture.width)
        if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
            raise BadInput(path, "holds several pictures", "Save the one with the film as a file of its own.")
        found: Image.Image | NDArray[Any] | None = deep_png(path, picture)
        aspect = pixel_aspect(path, stated_resolutions(picture))
        if 5 <= picture.getexif().get(ORIENTATION, 1) <= 8:
            aspect = 1 / aspect
        if found is None:
            if reduce_to:
                picture.draft("L", (1, reduce_to))
            picture.load()
            found = ImageOps.exif_transpose(picture)
        return found, aspect


def _tiff(path: Path, picture: Image.Image | None, page: TiffPage) -> tuple[Image.Image | NDArray[Any], float]:
    aspect = pixel_aspect(path, [page.resolution])
    aspect = 1 / aspect if page.orientation > 4 else aspect
    if picture is None:
        return page.turned_round(through_itk(path, "TIFF", page.height, page.width)), aspect
    picture.seek(page.index)
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if page.white_is_zero and page.bits > 8:
        return page.turned_round(np.asarray(upright)), aspect
    return upright, aspect


def _content(path: Path) -> BytesIO:
    """The file's bytes.

    Files that Pillow opens by name it maps into memory, and turned TIFFs come out scrambled; of open files it reads
    pieces as long as they claim to be, which may be all the memory.
    """
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(path, f"is larger than {MAX_BYTES >> 20} MB", "Reduce it first.")
    return BytesIO(path.read_bytes())


def _page(path: Path) -> TiffPage | None:
    """The page of a TIFF that holds the film; None for other formats."""
    with path.open("rb") as file:
        if file.read(4) not in TIFF_MARKS:
            return None
    page = film_page(path)
    check_size(path, page.height, page.width)
    return page


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Whatever a decoder raises, as a BadInput."""
    try:
        yield
    except BadInput:
        raise
    except Image.DecompressionBombError as error:
        raise BadInput(path, f"has more than {MAX_PIXELS // 10**6} megapixels", "Reduce it first.") from error
    except MemoryError as error:
        raise BadInput(path, "does not fit into memory", "Reduce it first.") from error
    except Image.UnidentifiedImageError as error:
        with path.open("rb") as file:
            named = NOT_READ.get(file.read(4))
        reason = f"is {named}, which is not read here" if named else "is not an image of a known format"
        raise BadInput(path, reason, EXPORT) from error
    # Decoders raise nearly anything on damaged bytes (OSError, SyntaxError, struct.error, KeyError ...).
    except Exception as error:
        raise BadInput(path, f"is damaged or cut short ({short(error)})", "Copy or download it again.") from error


def _pixels(picture: Image.Image) -> NDArray[np.float32]:
    if picture.mode in ("1", "L", "I", "F") or picture.mode.startswith("I;16"):
        return np.asarray(picture.convert("L") if picture.mode == "1" else picture, np.float32)
    if picture.mode in ("LA", "La"):
        return np.asarray(picture.getchannel(0), np.float32)
    return np.asarray(picture.convert("RGB"), np.float32)
