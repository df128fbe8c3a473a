"""Which page of a TIFF is the film, and who reads its samples right.

(A) TIFF 6.0: PhotometricInterpretation 0 says that white is zero; SampleFormat 1, 2, 3 are unsigned, signed and
floating point; NewSubfileType tells a smaller copy or a mask from the picture. Pillow reads most kinds; it does not
turn white-is-zero round above 8 bits, takes signed bytes and unsigned 32 bits for the other, and swaps the bytes of
compressed big-endian samples twice. Those go through ITK, which gives samples as stored.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin

from spinelib.cases.readers.resolution import X_RESOLUTION, Y_RESOLUTION
from spinelib.core.errors import BadInput

MAX_PAGES = 64
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
NAMES = {UNSIGNED: "unsigned", SIGNED: "signed", FLOAT: "floating-point"}
# White is zero, black is zero, RGB, palette, CMYK, YCbCr.
SHOWN = (0, 1, 2, 3, 5, 6)
REMEDY = "Save it again as an ordinary grey TIFF or PNG of 8 or 16 bits."
Tags = TiffImagePlugin.ImageFileDirectory_v2


@dataclass(frozen=True)
class TiffPage:
    """One page as its tags describe it."""

    index: int
    pages: int
    height: int
    width: int
    bits: int
    samples: int
    kind: int
    photometric: int
    planes_apart: bool
    compressed: bool
    big_endian: bool
    orientation: int
    resolution: tuple[object, object]

    @property
    def white_is_zero(self) -> bool:
        """Whether greater numbers are darker."""
        return self.photometric == 0

    @property
    def grey(self) -> bool:
        """Whether it is grey without transparency."""
        return self.photometric in (0, 1) and self.samples == 1

    @property
    def by_pillow(self) -> bool:
        """Whether Pillow gives the samples as they are stored (or, up to 8 bits, white-is-zero turned round)."""
        swapped = self.big_endian and self.compressed
        if not self.grey:
            scrambled = self.bits == 16 and self.planes_apart and not self.compressed
            return self.photometric in SHOWN and not scrambled and not self.by_itk
        if self.kind == UNSIGNED and self.bits <= 8:
            return True
        if self.kind == UNSIGNED and self.bits == 12:
            return not self.big_endian and not self.white_is_zero
        if self.kind == UNSIGNED and self.bits == 16:
            return not (self.big_endian and self.white_is_zero)
        if self.kind == SIGNED and self.bits in (16, 32):
            return not swapped and not self.white_is_zero
        return self.kind == FLOAT and self.bits == 32 and not swapped

    @property
    def by_itk(self) -> bool:
        """Whether ITK gives the samples as they are stored."""
        if self.orientation != 1 or self.pages > 1:
            return False
        if self.photometric == 2 and self.samples == 3:
            return self.bits == 16 and not self.planes_apart
        depths = {UNSIGNED: (8, 16, 32), SIGNED: (8, 16, 32), FLOAT: (32,)}
        return self.grey and self.bits in depths.get(self.kind, ())

    def turned_round(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values with white high; up to 8 bits Pillow has done it."""
        if not self.white_is_zero or (self.by_pillow and self.bits <= 8):
            return np.asarray(values, np.float32)
        # 32 bits are turned round before they are rounded
        values = values.astype(np.float64)
        if self.kind == FLOAT:
            return np.asarray(values.max() + values.min() - values, np.float32)
        return np.asarray((2.0**self.bits - 1 if self.kind == UNSIGNED else -1) - values, np.float32)


def film_page(path: Path) -> TiffPage:
    """The one page that holds a picture; smaller copies and masks of it may lie beside it. Raises BadInput."""
    pages = _directories(path)
    films = [k for k, tags in enumerate(pages) if not _first(tags, 254, 0) & 0b101 and _first(tags, 255, 1) != 2]
    if len(pages) > 1 and len(films) != 1:
        raise BadInput(path, "holds several pages", "Save the page with the film as a file of its own.")
    index = films[0] if films else 0
    page = _described(pages[index], index, len(pages))
    if not page.by_pillow and not page.by_itk:
        parts = [f"{page.bits}-bit {NAMES.get(page.kind, 'unknown')} samples"]
        parts += [f"photometric interpretation {page.photometric}"] * (page.photometric not in SHOWN)
        parts += ["white is zero"] * page.white_is_zero + ["big-endian"] * page.big_endian
        parts += ["turned"] * (page.orientation != 1) + ["channels apart"] * page.planes_apart
        raise BadInput(path, f"is a TIFF of a kind that cannot be read ({', '.join(parts)})", REMEDY)
    return page


def _directories(path: Path) -> list[Tags]:
    with path.open("rb") as file:
        start = file.read(8)
        # BigTIFF
        start += file.read(8) if start[2:4] in (b"+\0", b"\0+") else b""
        pages: list[Tags] = []
        at, seen = Tags(start).next, set[int]()
        while at and at not in seen and len(pages) < MAX_PAGES:
            seen.add(at)
            file.seek(at)
            tags = Tags(start)
            tags.load(file)
            pages.append(tags)
            at = tags.next
    if not pages:
        raise BadInput(path, "is a TIFF without a page", "Copy or download it again.")
    return pages


def _first(tags: Tags, key: int, default: int) -> int:
    value = tags.get(key, default)
    return int(value[0] if isinstance(value, tuple) else value)


def _described(tags: Tags, index: int, pages: int) -> TiffPage:
    kind, samples, orientation = _first(tags, 339, UNSIGNED), _first(tags, 277, 1), _first(tags, 274, 1)
    return TiffPage(
        index=index,
        pages=pages,
        height=_first(tags, 257, 0),
        width=_first(tags, 256, 0),
        bits=_first(tags, 258, 1),
        samples=samples,
        kind=UNSIGNED if kind == 4 else kind,
        photometric=_first(tags, 262, 1),
        planes_apart=samples > 1 and _first(tags, 284, 1) == 2,
        compressed=_first(tags, 259, 1) != 1,
        big_endian=tags.prefix == b"MM",
        orientation=orientation if 1 <= orientation <= 8 else 1,
        resolution=(tags.get(X_RESOLUTION), tags.get(Y_RESOLUTION)),
    )
