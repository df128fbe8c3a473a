"""What the numbers and colours in a mask mean: label numbers, ignored borders, blurred edges, or nothing certain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.label_names import LabelNames, snippet
from spinelib.core.errors import BadInput

Values = NDArray[np.float32]
Labels = NDArray[np.uint8]

REMEDY = "Export the mask again: 0 outside, one value inside, the size of the film."
# Greatest number that is taken for a label without being asked.
MAX_LABEL = 40
# Numbers that data sets give to pixels nobody should count (PASCAL VOC, Cityscapes; -1 as an unsigned number).
IGNORED = (255, 65535)
# SPIDER (van der Graaf 2024): vertebrae from 1, discs from 201, both counted from below; 100 is the spinal canal.
SPIDER_LAST, SPIDER_CANAL, SPIDER_DISCS = 25, 100, (201, 225)
# Share of pixels amid their own kind (3 x 3) above which values fill areas; those of edges and noise hardly ever do.
FILLED = 0.2
# Shares of the greatest value between which a pixel is neither in nor out; how many there may be per pixel inside.
BETWEEN, BLURRED = (0.2, 0.8), 0.25
# Share of a colour's brightest channel by which its shades may differ from it (more where the format is lossy).
SHADE, LOSSY_SHADE = 0.05, 0.2
SHOWN = 6
# Values or colours above which a mask is a picture.
MANY = 64


def number_labels(
    path: Path, values: Values, lossy: bool, classes: Sequence[str], names: LabelNames
) -> tuple[Labels, str]:
    """Labels 0..K uint8 [H, W] of the numbers in a mask, and a remark on what had to be understood ("" for nothing).

    `names.values` decides where it is given. Otherwise, with K classes, the numbers are 0..K; with one class
    every label number to MAX_LABEL counts, in the order of `_one_class`. 255 beside label numbers is an ignored border,
    which counts as background. Raises BadInput with the values and a line for labels.yaml where that is not certain.
    """
    found = np.unique(values)
    if names.values or names.ignore:
        values, found = _ignore(values, names.ignore)
    if names.values:
        return _named(path, values, found, classes, names), ""
    if found[0] < 0:
        raise BadInput(path, f"holds negative values ({_list(found)})", _ask(found, classes))
    if len(classes) == 1:
        return _one_class(path, values, found, lossy, classes)
    whole = np.isin(found, np.arange(len(classes) + 1))
    odd = found[~whole]
    if len(odd) == 1 and odd[0] in IGNORED and len(found) > 2:
        return np.where(values == odd[0], 0, values).astype(np.uint8), _say_ignored(values, odd[0])
    if len(odd):
        reason = f"holds values that are no label ({_list(odd)}); labels are 1 to {len(classes)}"
        raise BadInput(path, reason, _ask(found[found != 0], classes))
    return values.astype(np.uint8), ""


def one_structure(path: Path, values: NDArray[Any], classes: Sequence[str]) -> tuple[NDArray[Any], str]:
    """A volume's label map [D, H, W] of one structure, as numbers of a film's mask are understood, and a remark.

    Raises BadInput for numbers of which it is not certain what they are; negative ones stay as they are.
    """
    found = np.unique(values)
    if found[0] < 0:
        return values, ""
    numbers = found[found > 0].astype(np.float64)
    if len(numbers) <= 1:
        return (values > 0).astype(np.uint8), ""
    # Slices one below the other: areas are looked for within each.
    understood = _label_numbers(path, values.reshape(-1, values.shape[-1]), numbers, classes)
    if understood is None:
        raise BadInput(path, f"holds {_list(numbers)}: several structures, or an image", _ask(numbers, classes))
    return understood[0].reshape(values.shape), understood[1]


def colour_labels(
    path: Path, colours: Values, lossy: bool, classes: Sequence[str], names: LabelNames
) -> tuple[Labels, str]:
    """Labels uint8 [H, W] of a painted mask [H, W, 3]: `names.colours`, or one colour (and its shades) on black.

    Raises BadInput that lists the colours otherwise.
    """
    codes = np.rint(colours).astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    found, counts = np.unique(codes, return_counts=True)
    if names.colours:
        return _named_colours(path, codes, found, classes, names), ""
    shades = _shades(colours, lossy) if len(classes) == 1 else None
    if shades is not None:
        try:
            return _cut(path, shades, lossy, classes)
        except BadInput:
            pass
    order = found[np.argsort(-counts)]
    listed = [f"#{code:06x}" for code in order[order != 0][:SHOWN]]
    reason = f"holds {(found != 0).sum()} colours ({', '.join(listed)}{', ...' if len(found) > SHOWN + 1 else ''})"
    raise BadInput(path, reason, snippet("colours", listed, classes) if len(found) <= MANY else REMEDY)


def _shades(colours: Values, lossy: bool) -> Values | None:
    """How much of one colour each pixel [H, W, 3] has, 0 to 255; None where there are several colours."""
    top = colours.max(2)
    main = colours.reshape(-1, 3)[int(top.argmax())]
    share = (colours @ main) / (main @ main)
    off = np.abs(colours - share[..., None] * main).max(2)
    one = np.percentile(off, 99.5) <= LOSSY_SHADE * top.max() if lossy else off.max() <= SHADE * top.max()
    return np.rint(255 * share).astype(np.float32) if one else None


def _one_class(
    path: Path, values: Values, found: NDArray[np.floating], lossy: bool, classes: Sequence[str]
) -> tuple[Labels, str]:
    """One structure: a single value; label numbers; blurred edges; in that order."""
    numbers = found[found > 0]
    if len(numbers) <= 1:
        return (values > 0).astype(np.uint8), ""
    whole = bool((found == np.rint(found)).all())
    top = float(numbers[-1])
    if whole and top <= MAX_LABEL and lossy:
        raise BadInput(path, f"holds label numbers to {top:g} in a format that changes them", "Save the mask as PNG.")
    if found[0] > 0 and not lossy and len(found) <= MAX_LABEL:
        raise BadInput(path, f"has no background: no pixel is 0 ({_list(found)})", _ask(found, classes))
    understood = _label_numbers(path, values, numbers, classes) if whole and not lossy else None
    return understood or _cut(path, values, lossy, classes)


def _label_numbers(
    path: Path, values: Values, numbers: NDArray[np.floating], classes: Sequence[str]
) -> tuple[Labels, str] | None:
    low, rest = numbers[numbers <= MAX_LABEL], numbers[numbers > MAX_LABEL]
    if not len(rest):
        return (values > 0).astype(np.uint8), f"its label numbers {_list(low)} count as one structure"
    labelled = (values > 0) & (values <= MAX_LABEL)
    if not len(low) or not _fills(values, labelled):
        return None
    if len(rest) == 1 and rest[0] in IGNORED:
        if (values == rest[0]).sum() > labelled.sum():
            reason = f"holds {_list(numbers)}: {rest[0]:g} may be the structure or a border to be ignored"
            raise BadInput(path, reason, _ask(numbers, classes))
        return labelled.astype(np.uint8), _say_ignored(values, rest[0])
    discs = (rest >= SPIDER_DISCS[0]) & (rest <= SPIDER_DISCS[1])
    if low[-1] <= SPIDER_LAST and (discs | (rest == SPIDER_CANAL)).all():
        marked = (values > 0) & (values != SPIDER_CANAL)
        return marked.astype(
            np.uint8
        ), "SPIDER's numbers: vertebrae (1 to 25) and discs (201 to 225) count, not the canal (100)"
    return None


def _cut(path: Path, values: Values, lossy: bool, classes: Sequence[str]) -> tuple[Labels, str]:
    """Edges that are blurred, and the noise of lossy formats: cut at half of the greatest value."""
    numbers, counts = np.unique(values[values > 0], return_counts=True)
    top = float(numbers[-1])
    upper = numbers > top / 2
    # Sharpening overshoots: the value inside is the usual one, not always the greatest.
    stray = (values > 0) & (values != numbers[upper][counts[upper].argmax()])
    marked = values > top / 2
    if not lossy and _fills(values, stray):
        raise BadInput(
            path, f"holds the values {_list(numbers)}: several structures, or a picture", _ask(numbers, classes)
        )
    between = (values > BETWEEN[0] * top) & (values < BETWEEN[1] * top)
    if between.sum() > BLURRED * marked.sum():
        raise BadInput(path, f"holds {len(numbers)} grey levels, a picture or several structures", REMEDY)
    remark = f"stray values in {stray.mean():.1%} of the pixels, cut at half of the greatest" if stray.any() else ""
    return marked.astype(np.uint8), remark


def _fills(values: Values, where: NDArray[np.bool_]) -> bool:
    """Whether the pixels of `where` fill areas of one value, and are no noise along edges."""
    high, wide = values.shape
    if min(high, wide) < 3:
        return True
    inside = np.ones((high - 2, wide - 2), bool)
    for row in range(3):
        for column in range(3):
            inside &= values[row : row + high - 2, column : column + wide - 2] == values[1:-1, 1:-1]
    return bool((inside & where[1:-1, 1:-1]).sum() > FILLED * where.sum())


def _ignore(values: Values, ignore: Sequence[int]) -> tuple[Values, NDArray[np.floating]]:
    values = np.where(np.isin(values, ignore), 0, values).astype(np.float32)
    return values, np.unique(values)


def _named(
    path: Path, values: Values, found: NDArray[np.floating], classes: Sequence[str], names: LabelNames
) -> Labels:
    table = {0: 0} | {value: names.label(name, classes)[0] if name else 0 for value, name in names.values.items()}
    odd = [value for value in found if value not in table]
    if odd:
        raise BadInput(
            path, f"holds values that labels.yaml does not name ({_list(np.array(odd))})", _ask(np.array(odd), classes)
        )
    out = np.zeros(values.shape, np.uint8)
    for value, label in table.items():
        out[values == value] = label
    return out


def _named_colours(
    path: Path, codes: NDArray[np.int64], found: NDArray[np.int64], classes: Sequence[str], names: LabelNames
) -> Labels:
    table = {0: 0} | {int(c[1:], 16): names.label(name, classes)[0] if name else 0 for c, name in names.colours.items()}
    odd = [f"#{code:06x}" for code in found if int(code) not in table]
    if odd:
        reason = f"holds colours that labels.yaml does not name ({', '.join(odd[:SHOWN])})"
        raise BadInput(path, reason, snippet("colours", odd[:SHOWN], classes))
    out = np.zeros(codes.shape, np.uint8)
    for code, label in table.items():
        out[codes == code] = label
    return out


def _say_ignored(values: Values, ignored: float) -> str:
    share = (values == ignored).mean()
    return f"{ignored:g} in {share:.1%} of the pixels is an ignored border and counts as background"


def _ask(numbers: NDArray[np.floating], classes: Sequence[str]) -> str:
    whole = [int(value) for value in numbers if value == int(value) and value != 0]
    return (
        snippet("values", whole, classes)
        if whole and len(whole) == (numbers != 0).sum() and len(whole) <= MANY
        else REMEDY
    )


def _list(numbers: NDArray[np.floating]) -> str:
    """Numbers as people list them: 1 to 17, 100, 255."""
    runs: list[list[float]] = []
    for value in numbers:
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    words = [f"{a:g}" if a == b else f"{a:g}{' to ' if b > a + 1 else ', '}{b:g}" for a, b in runs]
    return ", ".join(words[:SHOWN]) + (", ..." if len(words) > SHOWN else "")
