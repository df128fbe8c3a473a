"""What of a notebook's file is its code: the cells. JupyterLab saves by itself, with all outputs, counts and times."""

from __future__ import annotations

import json
from pathlib import Path

from spinelib.core.files import digest

# Type, text and tags of one cell: the parameters' cell is told by its tag.
Cell = tuple[str, str, tuple[str, ...]]


def cells_of(text: str) -> list[Cell]:
    """The cells of the text of a notebook's file. Raises ValueError for what is no notebook."""
    try:
        return [_cell(cell) for cell in json.loads(text)["cells"]]
    except (KeyError, TypeError) as error:
        raise ValueError("no notebook") from error


def cells_digest(path: Path) -> str:
    """16 hex digits over the cells of a notebook; of what is no notebook over its bytes. Raises OSError without it."""
    try:
        return digest(repr(cells_of(path.read_text(encoding="utf-8"))))
    except ValueError:
        return digest(path)


def _cell(cell: dict) -> Cell:
    return cell["cell_type"], "".join(cell["source"]), tuple(cell.get("metadata", {}).get("tags", ()))
