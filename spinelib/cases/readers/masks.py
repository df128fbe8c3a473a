"""Reference masks from image files or Labelme JSON, checked against their film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers import labelme
from spinelib.cases.readers.images import check_file, open_picture, read_image
from spinelib.core.errors import BadInput

REMEDY = "Export the mask again: 0 outside, one value inside, the size of the film."
# Greatest value that is taken for a label number and not for a grey level.
MAX_LABEL = 40


def read_mask(path: Path | str, shape: tuple[int, int], classes: tuple[str, ...] = ("spine",)) -> NDArray[np.uint8]:
    """Mask of a film of `shape` (height, width), uint8 [H, W]: {0, 1}, or 0..K with K > 1 classes.

    Reads what `read_image` reads, and Labelme JSON (polygons). With one class every label number counts as
    foreground, and grey levels are cut at half of the greatest. Raises BadInput when it has another size, is empty or
    covers everything, or is a picture rather than a mask.
    """
    return inspect_mask(path, shape, classes)[0]


def inspect_mask(
    path: Path | str, shape: tuple[int, int], classes: tuple[str, ...] = ("spine",)
) -> tuple[NDArray[np.uint8], str]:
    """As `read_mask`, with a remark on what had to be repaired ("" for a clean mask)."""
    path = check_file(path)
    if path.suffix.lower() == ".json":
        mask, remark = labelme.draw(path, shape, classes), ""
    else:
        values = _values(path)
        _check_shape(path, values.shape, shape)
        mask, remark = _binary(path, values) if len(classes) == 1 else (_labels(path, values, len(classes)), "")
    if not mask.any():
        raise BadInput(path, "is empty: no pixel is marked", REMEDY)
    if mask.all():
        raise BadInput(path, "marks every pixel", REMEDY)
    return mask, remark


def _values(path: Path) -> NDArray[np.floating]:
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"):
        values = read_image(path)
        return values if values.ndim == 2 else values.max(2)
    picture = open_picture(path)
    if picture.mode in ("P", "PA"):
        # The index is the label; the palette only paints it.
        return np.asarray(picture.getchannel(0), np.float32)
    if picture.mode in ("LA", "RGBA"):
        *colours, alpha = (np.asarray(band, np.float32) for band in picture.split())
        # A drawing on a transparent layer: the colour may be anything, only the opacity tells.
        return (
            np.max(colours, axis=0) if alpha.min() == alpha.max() else np.where(alpha > 127, 255, 0).astype(np.float32)
        )
    values = read_image(path)
    return values if values.ndim == 2 else values.max(2)


def _check_shape(path: Path, found: tuple[int, ...], shape: tuple[int, int]) -> None:
    if found == tuple(shape):
        return
    turned = "; it looks turned by 90 degrees" if found == tuple(shape)[::-1] else ""
    reason = f"has {found[1]} x {found[0]} pixels, its film {shape[1]} x {shape[0]}{turned}"
    raise BadInput(path, reason, "Save the mask at the size of the film.")


def _binary(path: Path, values: NDArray[np.floating]) -> tuple[NDArray[np.uint8], str]:
    top = float(values.max())
    if values.min() < 0:
        raise BadInput(path, "holds negative values", REMEDY)
    if top <= 1 or (top <= MAX_LABEL and (values == np.rint(values)).all()):
        return (values > (0.5 if top <= 1 else 0)).astype(np.uint8), ""
    marked = values > top / 2
    stray = (values > 0) & (values < top)
    if not stray.any():
        return marked.astype(np.uint8), ""
    between = (values > 0.2 * top) & (values < 0.8 * top)
    if between.sum() > 0.25 * marked.sum():
        levels = len(np.unique(values[values > 0]))
        raise BadInput(path, f"holds {levels} grey levels, a picture or several structures", REMEDY)
    return marked.astype(np.uint8), f"stray values in {stray.mean():.1%} of the pixels, cut at half of the greatest"


def _labels(path: Path, values: NDArray[np.floating], count: int) -> NDArray[np.uint8]:
    found = np.unique(values)
    if not np.isin(found, np.arange(count + 1)).all():
        odd = ", ".join(f"{value:g}" for value in found[~np.isin(found, np.arange(count + 1))][:4])
        raise BadInput(
            path,
            f"holds values that are no label ({odd})",
            f"Use 0 for nothing and 1 to {count} for the classes.",
        )
    return values.astype(np.uint8)
