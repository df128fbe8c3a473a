"""Outlined films in a notebook: thumbnails as a figure, and the table of results."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PIL import Image

from spinelib.apply.gate.record import DOUBTFUL, OK
from spinelib.apply.loop import THUMBNAILS, Applied
from spinelib.core.shown import short

if TYPE_CHECKING:
    from IPython.display import HTML
    from matplotlib.figure import Figure

WIDE, TALL = 6.4, 3.0  # inches; the most that one row takes
NAMES = ("file", "mask")  # columns of names
LETTERS = 20  # of a file's name


def thumbnails(applied: Applied, begin: int = 0, count: int = 8) -> Figure | None:
    """Outlined films `begin` to `begin + count` with their largest angle; None where there are none left."""
    import matplotlib.pyplot as plt

    from spinelib.plots.names import panel_title

    rows = applied.results[applied.results["status"].isin([OK, DOUBTFUL])].iloc[begin : begin + count]
    if rows.empty:
        return None
    pictures = [np.asarray(Image.open(_thumbnail(applied, mask))) for mask in rows["mask"]]
    shape = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    columns = min(len(rows), 2 if shape < 1.2 else 4)
    width = min(WIDE / columns, TALL / shape)
    down = -(-len(rows) // columns)
    figure, axes = plt.subplots(down, columns, figsize=(max(width * columns, 3.0), down * (width * shape + 0.35)))
    for ax in np.ravel(axes):
        ax.set_axis_off()
    for ax, picture, row in zip(np.ravel(axes), pictures, rows.to_dict("records"), strict=False):
        ax.imshow(picture)
        ax.set_anchor("N")
        name = short(_stem(row["mask"]).rpartition("/")[2], LETTERS)
        panel_title(ax, f"{name}\n{_angle(row)}".rstrip(), fontsize=6.5)
    return figure


def results_html(rows: pd.DataFrame) -> HTML:
    """Some rows and columns of the results as a table: long names lose their middle, and stand in full when pointed at.

    Reasons and remedies are never cut.
    """
    from IPython.display import HTML

    from spinelib.report.words import name_html

    texts = [column for column in rows if not pd.api.types.is_numeric_dtype(rows[column])]
    named: dict[Any, Any] = {column: name_html if column in NAMES else _text for column in texts}
    with pd.option_context("display.max_colwidth", None):
        return HTML(rows.to_html(escape=False, index=False, na_rep="", formatters=named))


def _text(value: Any) -> str:
    return escape(str(value))


def _thumbnail(applied: Applied, mask: str) -> str:
    return str(applied.folder / THUMBNAILS / f"{_stem(mask)}.jpg")


def _stem(mask: str) -> str:
    return mask.partition("/")[2].removesuffix(".png").removesuffix(".nii.gz")


def _angle(row: Mapping[Any, Any]) -> str:
    try:
        value = float(str(row["an1"]))
    except ValueError:
        return str(row["remark"] or "")
    return f"{value:.1f}\N{DEGREE SIGN}" if np.isfinite(value) else ""
