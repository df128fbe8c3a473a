"""Figures as files: one fixed resolution, small PNGs, a caption beside each."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from spinelib.files import replace, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 144
CSS_DPI = 96


def shrink(png: bytes, tolerance: float = 2.5) -> bytes:
    """The PNG on white in 256 colours, unless that is larger or its RMS error above `tolerance` (of 255)."""
    import numpy as np
    from PIL import Image

    image = Image.open(io.BytesIO(png))
    size, flat = image.size, Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    few = flat.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    difference = np.asarray(flat, np.int16) - np.asarray(few.convert("RGB"), np.int16)
    if not size[0] or np.sqrt(np.mean(difference.astype(np.float32) ** 2)) > tolerance:
        return png
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    return min(buffer.getvalue(), png, key=len)


def save_figure(figure: Figure, folder: Path, name: str, caption: str) -> bytes:
    """Write `folder/NAME.png` and its line in `folder/captions.json`; give the PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", facecolor="white")
    png = shrink(buffer.getvalue())
    with replace(folder / f"{name}.png") as temporary:
        temporary.write_bytes(png)
    captions = {**read_captions(folder), name: caption}
    write_text(folder / "captions.json", json.dumps(captions, indent=1, ensure_ascii=False) + "\n")
    return png


def read_captions(folder: Path) -> dict[str, str]:
    """Captions of the figures in `folder`, in the order they were saved; empty without any."""
    try:
        return dict(json.loads((folder / "captions.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def show(png: bytes, caption: str) -> None:
    """Display a saved figure in the running notebook at its true size, with the caption kept for the page."""
    from IPython.display import display
    from PIL import Image

    width = round(Image.open(io.BytesIO(png)).width * CSS_DPI / DPI)
    bundle = {"image/png": base64.b64encode(png).decode(), "text/plain": caption}
    display(bundle, raw=True, metadata={"image/png": {"width": width, "alt": caption}})
