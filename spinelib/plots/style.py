"""Shared colours, names and matplotlib settings."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Sequence
from textwrap import fill
from typing import Any, Final

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
# Chosen by search: on white and turned round for dark pages, any two of one kind of data are 10 apart by CIEDE2000 for
# every kind of colour vision (`tests/plots/test_style.py`), and each stays near the colour that it had.
METHOD_COLOURS: Final = {
    "r2mfnet": "#8A4900",
    "mdwcnet": "#4E89FF",
    "safnet": "#009E73",
    "spinefm": "#C4769D",
    "seg4regplus": "#9D7600",
    "unet": "#4E4E4E",
    "resunet": "#623B62",
    "attention_unet": "#148962",
    "transunet": "#270089",
    "plunet": "#3BB189",
    "fcn8s": "#B19D3B",
    "deeplabv3plus": "#B19DD8",
    "pspnet": "#D84E62",
    "released": "#B127B1",
    # Volumes and films never share a figure: a network in 3-D wears the colour of its kin in 2-D.
    "unet3d": "#4E4E4E",
    "resunet3d": "#623B62",
    "deeplabv3_3d": "#B19DD8",
    "cfnet3d": "#270089",
}
# A mark for each colour above, in their order: no meaning hangs on a colour alone.
MARKS: Final = dict(zip(dict.fromkeys(METHOD_COLOURS.values()), "osD^vP*X<>phdH", strict=True))
MARKERS: Final = "".join(MARKS.values())
DASHES: Final = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (6, 2)), (0, (2, 1)))
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


def entry_marks(names: Sequence[str]) -> dict[str, str]:
    """A mark for every entry (`method/variant`) of a figure, by its name: its method's, else one still free.

    Beyond as many entries as there are MARKERS, they repeat.
    """
    first = {method_colour(name): name for name in reversed(names)}
    marks = {name: MARKS[colour] for colour, name in first.items() if colour in MARKS}
    free = [mark for mark in MARKERS if mark not in marks.values()] or list(MARKERS)
    others = [name for name in dict.fromkeys(names) if name not in marks]
    return marks | {name: free[k % len(free)] for k, name in enumerate(others)}


def entry_looks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Colour, mark and dashes of the line of every entry (`method/variant`) of a figure, by its name."""
    marks, dashes = entry_marks(names), {name: DASHES[k % len(DASHES)] for k, name in enumerate(names)}
    return {n: {"color": method_colour(n), "marker": marks[n], "linestyle": dashes[n]} for n in names}


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
