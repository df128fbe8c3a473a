"""Figures of published pages: which of them, how small, and once only.

On a page of foreign images a figure is published as the very file that says it is a plot, or not at all. On others a
figure that is large is encoded anew as WebP, pictures of pixels with loss.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from spinelib.core.files import digest
from spinelib.core.layout import FIGURES, RunFolder
from spinelib.runs.figures import is_plot, shrink

KIB = 1024
SMALL, LARGE = 40 * KIB, 384 * KIB  # a PNG that stays as it is; the largest picture
SHARP = 128 * KIB  # a plot that stays as it is
FOREIGN = "figures that may show other people's images"
TOO_LARGE = "figures that stay large"
UNREADABLE = "pictures that are no PNG, JPEG or WebP"


@dataclass(frozen=True)
class Level:
    """How much is kept: pages of every seed and fold or of the first; side length and quality of pictures."""

    every: bool
    scale: float
    quality: int


@dataclass(frozen=True)
class PictureSource:
    """A run or question: its folder, its place in the published folder, and whether its images are made here."""

    folder: Path
    place: str
    own: bool

    @cached_property
    def kept(self) -> dict[str, Path]:
        """The figures that the run kept, by their pixels; of two alike, the one that is no plot."""
        paths = sorted(RunFolder(self.folder).figures.glob("*.png"))
        found = [(path, path.read_bytes()) for path in paths]
        ordered = sorted(found, key=lambda pair: not is_plot(pair[1]))
        return {pixels_of(raw): path for path, raw in ordered}

    @cached_property
    def shrunk(self) -> dict[str, Path]:
        """The same by the pixels that a page shows of them, should it have coarsened their colours."""
        return {pixels_of(shrink(path.read_bytes())): path for path in self.kept.values()}


@dataclass
class Gallery:
    """The pictures placed so far, by path; `known` is the path by the digest of the pixels."""

    level: Level
    files: dict[str, bytes] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    def place(self, raw: bytes, source: PictureSource, name: str) -> tuple[str, str]:
        """The path at which a picture of a page is published, or '' and the reason why not.

        `name` is for a picture that the run did not keep as a file.
        """
        try:
            key = pixels_of(raw)
        except (UnidentifiedImageError, OSError, ValueError):
            return "", UNREADABLE
        if key in self.known:
            return self.known[key], ""
        file = source.kept.get(key) or source.shrunk.get(key)
        kept = file.read_bytes() if file else raw
        if not source.own and not (file and is_plot(kept)):
            return "", FOREIGN
        data, ending = (kept, "png") if not source.own else encode(kept, self.level)
        if len(data) > LARGE:
            return "", TOO_LARGE
        path = f"{source.place}/{FIGURES}/{file.stem if file else name}.{ending}"
        self.files[path] = data
        self.known.update({key: path, pixels_of(kept): path})
        return path, ""


def encode(raw: bytes, level: Level) -> tuple[bytes, str]:
    """A picture in few bytes, and its ending: a plot or small PNG as it is, else the shorter of PNG and WebP."""
    with Image.open(io.BytesIO(raw)) as image:
        kind = str(image.format)
        if kind == "PNG" and len(raw) <= (SHARP if is_plot(raw) else SMALL):
            return raw, "png"
        flat = image.convert("RGB")
    # Loss would mix the colours of thin lines.
    how = {"lossless": True} if is_plot(raw) else {"quality": level.quality}
    data, scale = _webp(flat, level.scale, how), level.scale
    while len(data) > LARGE and scale > 0.3:
        scale *= 0.8
        data = _webp(flat, scale, how)
    return (raw, "png") if kind == "PNG" and len(raw) <= len(data) else (data, "webp")


def _webp(image: Image.Image, scale: float, how: dict[str, Any]) -> bytes:
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", method=4, **how)
    return buffer.getvalue()


def pixels_of(raw: bytes) -> str:
    """Digest of the pixels of a picture on white, whatever its format; raises UnidentifiedImageError or OSError."""
    with Image.open(io.BytesIO(raw)) as image:
        if image.format not in ("PNG", "JPEG", "WEBP"):
            raise UnidentifiedImageError(str(image.format))
        full = image.convert("RGBA")
    flat = Image.new("RGB", full.size, "white")
    flat.paste(full, mask=full.getchannel("A"))
    return digest(str(flat.size), flat.tobytes())
