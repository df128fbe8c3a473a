"""Shared colours, names and matplotlib settings."""

from __future__ import annotations

import colorsys
import hashlib
from textwrap import fill
from typing import Final

from spinelib.measures.registry import METRICS
from spinelib.models import METHODS
from spinelib.plots.names import fonts
from spinelib.plots.structures import VOLUME_COLOURS

TITLES: Final = {name: entry.title for name, entry in METHODS.items()}
# Okabe and Ito's palette keeps its contrasts for colour-blind readers (Color Universal Design, 2008).
REFERENCE: Final = "#56B4E9"
PREDICTION: Final = "#E69F00"
CORNER: Final = "#F0E442"
STRUCTURES: Final = {
    "spine": "#E69F00",
    "lung": "#0072B2",
    "lesion": "#CC79A7",
    **VOLUME_COLOURS,
}
METHOD_COLOURS: Final = {
    "r2mfnet": "#D55E00",
    "mdwcnet": "#0072B2",
    "safnet": "#009E73",
    "spinefm": "#CC79A7",
    "seg4regplus": "#8A6D00",
    "unet": "#4D4D4D",
    # The rivals wear Paul Tol's muted colours (SRON/EPS/TN/09-002), also kept apart by colour-blind readers.
    "resunet": "#882255",
    "attention_unet": "#117733",
    "transunet": "#332288",
    "plunet": "#44AA99",
    "fcn8s": "#999933",
    "deeplabv3plus": "#AA4499",
    "pspnet": "#CC6677",
    # Volumes and films never share a figure: a network in 3-D wears the colour of its kin in 2-D.
    "unet3d": "#4D4D4D",
    "resunet3d": "#882255",
    "deeplabv3_3d": "#AA4499",
    "cfnet3d": "#332288",
}
# Tools (tests, intervals) are not methods, but a reader should tell them apart as easily.
TOOL_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#4D4D4D", "#8A6D00", "#7B3294", "#000000")
SOURCES: Final = {
    "phantom": "#E69F00",
    "aasce": "#0072B2",
    "chest": "#009E73",
    "skin": "#CC79A7",
    "phantom_mr": "#E69F00",
    "lumbar": "#0072B2",
    "mrspineseg": "#009E73",
    "spider": "#CC79A7",
}


def label(name: str) -> str:
    """Name as printed in figures and tables, `method/variant` included."""
    head, _, tail = name.partition("/")
    shown = METRICS[head].title if head in METRICS else TITLES.get(head, head.replace("_", " "))
    return shown if tail in ("", "full") else f"{shown}, {tail.replace('_', ' ')}"


def short_label(name: str) -> str:
    """An entry's label without the word full."""
    return label(name).replace(", full ", ", ")


def narrow_label(name: str, letters: int = 32) -> str:
    """`short_label` on as many lines as it takes to leave a figure beside it its room."""
    return fill(short_label(name), letters)


def _stable_colour(name: str) -> str:
    hue = int(hashlib.sha256(name.encode()).hexdigest()[:4], 16) / 0xFFFF
    red, green, blue = colorsys.hls_to_rgb(hue, 0.45, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def method_colour(name: str) -> str:
    """Colour of a method (`method` or `method/variant`); an unlisted one gets one from its name."""
    method = name.partition("/")[0]
    return METHOD_COLOURS.get(method, _stable_colour(method))


def source_colour(name: str) -> str:
    """Colour of a data source."""
    return SOURCES.get(name, _stable_colour(name))


def structure_colour(name: str) -> str:
    """Colour of a structure; an unlisted structure keeps one derived from its name."""
    return STRUCTURES.get(name, _stable_colour(name))


def use_style() -> None:
    """Set matplotlib's defaults for every figure of a notebook."""
    import matplotlib as mpl

    mpl.rcParams.update(
        {
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "savefig.bbox": "tight",
            "figure.constrained_layout.use": True,
            "font.family": fonts(),
            "font.size": 9.5,
            "axes.titlesize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "legend.frameon": False,
            "image.cmap": "gray",
            "image.interpolation": "antialiased",
        }
    )
