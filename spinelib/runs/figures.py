"""Figures as files: one fixed resolution, small PNGs, a caption beside each.

Plots are black on white, which a dark page turns round (`report`); figures with pixels stand on dark ground everywhere.

Every PNG records in itself whether it holds pixels of an image or is a plot, so that the note stays with the picture. A
figure counts as a plot only if it is made of lines, areas, markers and words alone; whatever is not known to be so, a
heat map too, counts as pixels unless the notebook says otherwise.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.files import replace, write_text
from spinelib.core.layout import CAPTIONS
from spinelib.runs.light_box import GROUND, darken

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from PIL import Image

DPI = 144
CSS_DPI = 96
CONTENTS, PLOT, PIXELS = "Contents", "plot", "pixels"
HEADER = 33  # bytes of a PNG before its second chunk
EXACT = 128  # colours of a PNG that are kept as they are
MOSAIC = 1000  # colours that a plot may give to the parts of one collection


def shrink(png: bytes, tolerance: float = 2.5) -> bytes:
    """The PNG on white in 256 colours, unless that is larger or its RMS error above `tolerance` (of 255).

    The colours that cover most stay as they are, those of thin lines and small marks with them.
    """
    import numpy as np
    from PIL import Image

    image = Image.open(io.BytesIO(png))
    size, flat = image.size, Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    few = _few_colours(flat)
    difference = np.asarray(flat, np.int16) - np.asarray(few.convert("RGB"), np.int16)
    if not size[0] or np.sqrt(np.mean(difference.astype(np.float32) ** 2)) > tolerance:
        return png
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    return min(buffer.getvalue(), png, key=len)


def _few_colours(image: Image.Image) -> Image.Image:
    """An RGB image in 256 colours: the EXACT that cover most, and a median cut, which alone would mix rare ones."""
    import numpy as np
    from PIL import Image

    counts: list[Any] = image.getcolors(image.width * image.height) or []
    often = [colour for _, colour in sorted(counts, reverse=True)[: 256 if len(counts) <= 256 else EXACT]]
    palette = Image.new("P", (1, 1))
    rest = image.quantize(256 - EXACT, Image.Quantize.MEDIANCUT).getpalette() or []
    palette.putpalette([*(part for colour in often for part in colour), *rest][: 3 * 256])
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    # Pillow takes a near entry for the nearest: those that have their very own get it.
    weights = np.array([1 << 16, 1 << 8, 1])
    codes, own = np.asarray(image, np.intp) @ weights, np.array(often) @ weights
    order = np.argsort(own)
    place = order[np.searchsorted(own, codes, sorter=order).clip(max=len(own) - 1)]
    few.putdata(np.where(own[place] == codes, place, np.asarray(few)).astype(np.uint8).ravel())
    return few


def is_saved(png: bytes) -> bool:
    """Whether `save_figure` has made the PNG, which is then as small as it gets."""
    return png[HEADER + 4 :].startswith(b"tEXt" + CONTENTS.encode("latin-1") + b"\0")


def save_figure(figure: Figure, folder: Path, name: str, caption: str, pixels: bool | None = None) -> bytes:
    """Write `folder/NAME.png` and its line in `folder/captions.json`; give the PNG.

    pixels: whether it shows an image, which the PNG remembers; None: decided by its contents, a heat map counting as an
    image.
    """
    pixels = holds_pixels(figure) if pixels is None else pixels
    buffer = io.BytesIO()
    if pixels:
        darken(figure)
    figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", facecolor=GROUND if pixels else "white")
    png = _marked(shrink(buffer.getvalue()), PIXELS if pixels else PLOT)
    with replace(folder / f"{name}.png") as temporary:
        temporary.write_bytes(png)
    captions = {**read_captions(folder), name: caption}
    write_text(folder / CAPTIONS, json.dumps(captions, indent=1, ensure_ascii=False) + "\n")
    return png


def holds_pixels(figure: Figure) -> bool:
    """Whether anything in `figure` may hold an image: any artist but lines, areas, markers, words and their frames.

    A collection of more than MOSAIC colours may be an image made of dots or squares.
    """
    from matplotlib import axis, collections, legend, lines, offsetbox, patches, quiver, text
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    if any(axes.images for axes in figure.axes):
        # Told at once: to look at everything makes every tick of every axis
        return True
    frames = (FigureBase, Axes, axis.Axis, axis.Tick, legend.Legend)
    strokes = (lines.Line2D, patches.Patch, text.Text, collections.LineCollection, collections.PathCollection)
    areas = (collections.PolyCollection, collections.PatchCollection, quiver.Quiver)
    plain = (*frames, *strokes, *areas, offsetbox.OffsetBox)
    images = (collections.PolyQuadMesh, offsetbox.OffsetImage, offsetbox.AnnotationBbox)
    parts = figure.findobj()
    return any(isinstance(part, images) or not isinstance(part, plain) or _colours(part) > MOSAIC for part in parts)


def _colours(part: Artist) -> int:
    from matplotlib.collections import Collection

    if not isinstance(part, Collection):
        return 0
    values = part.get_array()
    return max(len(part.get_facecolor()), 0 if values is None else values.size)


def is_plot(png: bytes) -> bool:
    """Whether a PNG records that it holds no image; False for one without a record or that cannot be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png)) as image:
            return image.format == "PNG" and image.info.get(CONTENTS) == PLOT
    except (OSError, ValueError, SyntaxError):
        return False


def _marked(png: bytes, contents: str) -> bytes:
    """The PNG with one more chunk of text, before its pixels so that it is read with the header."""
    chunk = f"tEXt{CONTENTS}\0{contents}".encode("latin-1")
    return (
        png[:HEADER] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[HEADER:]
    )


def read_captions(folder: Path) -> dict[str, str]:
    """Captions of the figures in `folder`, in the order they were saved; empty without any."""
    try:
        return dict(json.loads((folder / CAPTIONS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def show(png: bytes, caption: str) -> None:
    """Display a saved figure in the running notebook at its true size, with the caption kept for the page."""
    from IPython.display import display
    from PIL import Image

    width = round(Image.open(io.BytesIO(png)).width * CSS_DPI / DPI)
    bundle = {"image/png": base64.b64encode(png).decode(), "text/plain": caption}
    display(bundle, raw=True, metadata={"image/png": {"width": width, "alt": caption}})
