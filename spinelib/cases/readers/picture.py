"""A picture as the readers hand it on, and what each of them asks first: is the file there, how large is it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput

# 16 bit at this size is 0.5 GB as float32; the largest detectors make about 20 megapixels.
MAX_PIXELS = 120_000_000
EXPORT = "Export it again as PNG, JPEG, TIFF, BMP, NPY or single-frame DICOM."
MAX_ASPECT = 8
# ITU-R 601
WEIGHTS = np.array([0.299, 0.587, 0.114])
# Percentiles that become black and white: a mark of metal must not make the rest dark.
WINDOW = (0.1, 99.9)


@dataclass(frozen=True)
class Facts:
    """What a film's header says of its patient and its exposure, as text; "" where it says nothing."""

    patient: str = ""
    study_date: str = ""
    laterality: str = ""
    view_position: str = ""
    accession: str = ""


@dataclass(frozen=True)
class Picture:
    """An image file as its header states it.

    pixels: float32 [H, W] or [H, W, 3], upright, white bone. spacing: mm per pixel (row, column), None where it is not
    stated. aspect: height of a pixel over its width, 1.0 where it is not stated. remark: what a reader should know; ""
    for a clean one. quarter_turns: how often the file's own pixels were turned anticlockwise because its header says
    that the patient lies or stands on the head; a mask drawn on the file's own pixels is turned alike.
    """

    pixels: NDArray[np.float32]
    spacing: tuple[float, float] | None = None
    aspect: float = 1.0
    facts: Facts = field(default_factory=Facts)
    remark: str = ""
    quarter_turns: int = 0


def check_file(path: Path | str) -> Path:
    """The path, when a file with something in it is there; BadInput otherwise."""
    path = Path(path)
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise BadInput(path, f"cannot be opened ({error.strerror})", "Check the path and its permissions.") from error
    if size is None:
        raise BadInput(path, "is a folder" if path.is_dir() else "does not exist", "Check the path and its spelling.")
    if size == 0:
        raise BadInput(path, "is empty (0 bytes)", "Copy or download it again.")
    return path


def check_size(path: Path, height: int, width: int, limit: int = MAX_PIXELS) -> None:
    """Raise BadInput for an image without pixels or with more than `limit`."""
    if height < 1 or width < 1:
        raise BadInput(path, f"has no pixels ({width} x {height})", EXPORT)
    if height * width > limit:
        reason = f"has {height * width / 1e6:.0f} megapixels ({width} x {height}), the limit is {limit // 10**6}"
        raise BadInput(path, reason, "Reduce it first.")


def check_aspect(path: Path, aspect: float) -> None:
    """Raise BadInput for pixels more than MAX_ASPECT times as high as wide, or as wide as high: nobody makes such."""
    if not 1 / MAX_ASPECT <= aspect <= MAX_ASPECT:
        reason = f"says that its pixels are {aspect:.3g} times as high as wide"
        raise BadInput(path, reason, "Correct its spacing or resolution, or export it again.")


def eight_bit(pixels: NDArray[Any], window: tuple[float, float] = WINDOW) -> NDArray[np.uint8]:
    """Pixels of any kind as greys 0..255, which the percentiles `window` become; what lies beyond them is cut."""
    low, high = np.percentile(pixels, window)
    return np.rint(255 * np.clip((pixels - low) / max(float(high - low), 1e-6), 0, 1)).astype(np.uint8)


def to_grey(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Luminance [H, W] (ITU-R 601) of [H, W] or [H, W, 3]; three equal channels are that grey, to the last digit."""
    if pixels.ndim == 2:
        return np.asarray(pixels, np.float32)
    if (pixels == pixels[..., :1]).all():
        return np.asarray(pixels[..., 0], np.float32)
    return np.asarray(pixels @ WEIGHTS.astype(pixels.dtype if pixels.dtype.kind == "f" else np.float64), np.float32)
