"""Reference masks from image files or Labelme JSON, checked against their film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers import labelme
from spinelib.cases.readers.images import check_file
from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.mask_pixels import read_mask_pixels
from spinelib.cases.readers.mask_values import REMEDY, colour_labels, number_labels
from spinelib.cases.readers.spine_names import is_spine
from spinelib.core.errors import BadInput
from spinelib.core.layout import LABEL_NAMES

# A mask looks inverted where more than this share of it is marked, and more than half of each of its four borders.
INVERTED = 0.6


def read_mask(
    path: Path | str,
    shape: tuple[int, int],
    classes: tuple[str, ...] = ("spine",),
    names: LabelNames | None = None,
) -> NDArray[np.uint8]:
    """Mask of a film of `shape` (height, width) in file pixels, uint8 [H, W]: {0, 1}, or 0..K with K > 1 classes.

    For a mask that preparing has judged: the question whether it is inverted is not asked again. Otherwise as
    `inspect_mask`.
    """
    path, names = check_file(path), names or LabelNames()
    mask = _read(path, shape, classes, names)[0]
    return _checked(path, _turned(path, mask, classes, names))


def inspect_mask(
    path: Path | str,
    shape: tuple[int, int],
    classes: tuple[str, ...] = ("spine",),
    names: LabelNames | None = None,
) -> tuple[NDArray[np.uint8], str]:
    """The mask as `read_mask` gives it, with a remark on what had to be understood or repaired ("" for a clean one).

    Reads what `read_image` reads, and Labelme JSON. `names` is what labels.yaml says (`read_label_names`). Masks
    are upright by their own tags, as films are. Raises BadInput for a mask of another size, one that is empty, covers
    everything or (where it is a spine's) looks inverted, and for values, colours and names whose meaning is not
    certain; the remedy is then a line for labels.yaml.
    """
    path, names = check_file(path), names or LabelNames()
    mask, remark = _read(path, shape, classes, names)
    turned = _turned(path, mask, classes, names)
    # No spine covers so much of a film; of other structures nobody knows.
    asked = len(classes) == 1 and is_spine(classes[0]) and names.turns(path) is not False and not names.values
    if asked and looks_inverted(turned):
        said = f", turned round as {LABEL_NAMES} says" if turned is not mask else ""
        reason = f"looks inverted{said}: {turned.mean():.0%} of it and all its borders are marked"
        raise BadInput(path, reason, _ask_inverted(path, turned is not mask))
    if turned is not mask:
        remark = "; ".join(filter(None, [remark, f"turned round as {LABEL_NAMES} says"]))
    return _checked(path, turned), remark


def looks_inverted(mask: NDArray[np.uint8]) -> bool:
    """Whether more than INVERTED of a mask [H, W] is marked, and more than half of each of its four borders."""
    marked = mask > 0
    borders = (marked[0], marked[-1], marked[:, 0], marked[:, -1])
    # Those that mark all are refused for that.
    return not marked.all() and marked.mean() > INVERTED and all(border.mean() > 0.5 for border in borders)


def _read(
    path: Path, shape: tuple[int, int], classes: tuple[str, ...], names: LabelNames
) -> tuple[NDArray[np.uint8], str]:
    if path.suffix.lower() == ".json":
        shapes = labelme.read_shapes(path, shape, classes, names)
        if not shapes.mask.any():
            raise BadInput(path, f"outlines nothing{f' ({shapes.remark})' if shapes.remark else ''}", labelme.REMEDY)
        return shapes.mask, shapes.remark
    pixels = read_mask_pixels(path)
    _check_shape(path, pixels.values.shape[:2], shape)
    labels = number_labels if pixels.values.ndim == 2 else colour_labels
    return labels(path, pixels.values, pixels.lossy, classes, names)


def _turned(path: Path, mask: NDArray[np.uint8], classes: tuple[str, ...], names: LabelNames) -> NDArray[np.uint8]:
    turns = names.turns(path) and len(classes) == 1 and path.suffix.lower() != ".json"
    return (mask == 0).astype(np.uint8) if turns else mask


def _checked(path: Path, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not mask.any():
        raise BadInput(path, "is empty: no pixel is marked", REMEDY)
    if mask.all():
        raise BadInput(path, "marks every pixel", REMEDY)
    return mask


def _check_shape(path: Path, found: tuple[int, ...], shape: tuple[int, int]) -> None:
    if found == tuple(shape):
        return
    turned = "; it looks turned by 90 degrees" if found == tuple(shape)[::-1] else ""
    reason = f"has {found[1]} x {found[0]} pixels, its film {shape[1]} x {shape[0]}{turned}"
    raise BadInput(path, reason, "Save the mask at the size of the film.")


def _ask_inverted(path: Path, turned: bool) -> str:
    if turned:
        return f"List the files that are inverted in {LABEL_NAMES} in the folder of your data, as inverted: [a.png]."
    return (
        f"Write {LABEL_NAMES} in the folder of your data: inverted: true (all masks are 0 inside), "
        f"inverted: ['{path.name}'] (these are), or inverted: false (none is)."
    )
