"""The desk in a notebook: where to drop films, and below it what was read of each."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from spinelib.apply.desk.reader import FilmReader
from spinelib.apply.loop import THUMBNAILS, Applied
from spinelib.apply.table import FAILED
from spinelib.core.errors import BadInput
from spinelib.plots.viewer import at_hand

# Within the folder that the desk is given: what was dropped, its results, and the Labelme files.
DROPPED, READ, LABELS = "dropped", "dropped_results", "labels"


def open_desk(reader: FilmReader, folder: Path, *, live: bool | None = None) -> None:
    """Display an area to drop films in, and below it every film with its outline, its angles and draggable corners.

    Films go to `folder`/dropped, their results beside that, corrected corners to `folder`/labels. Nothing is shown
    where nobody sits at the notebook; live: by default `at_hand()`.
    """
    if at_hand() if live is None else live:
        from IPython.display import display

        display(desk_box(reader, folder))


def desk_box(reader: FilmReader, folder: Path) -> Any:
    """The area and what was read, as one widget whose first child is the area."""
    import ipywidgets as widgets

    from spinelib.apply.desk.drop_area import DropArea

    below = widgets.VBox()

    def take(paths: list[Path]) -> str:
        applied = reader.read(folder / DROPPED, folder / READ, progress=False)
        shown = [_one(reader, path, applied, folder / LABELS) for path in paths]
        below.children = (*shown, *below.children)
        return str(applied)

    return widgets.VBox([DropArea(folder / DROPPED, take), below])


def _one(reader: FilmReader, path: Path, applied: Applied, labels: Path) -> Any:
    """What is shown of a file: a film of a spine at the desk, the overlay of anything else, or one line why not."""
    rows = applied.results[applied.results["file"] == path.name]
    if rows.empty:
        return _line(path.name, "is no film", "Drop images: PNG, JPEG, TIFF or DICOM.")
    row: dict[str, Any] = {str(name): value for name, value in rows.iloc[0].items()}
    if row["status"] == FAILED or not row["mask"]:
        return _line(path.name, row["reason"], row["remedy"])
    if not row["cobb_status"]:
        return _picture(applied, row)
    from spinelib.apply.desk.film_desk import FilmDesk

    try:
        return FilmDesk(reader.see(path, row), labels, row)
    except BadInput as error:
        return _line(path.name, error.reason, error.remedy)


def _line(name: str, reason: str, remedy: str) -> Any:
    import ipywidgets as widgets

    text = f"<b>{escape(name)}</b>: {escape(str(reason).rstrip('.'))}. {escape(str(remedy))}"
    return widgets.HTML(f'<p role="alert" style="margin: .5em 0; overflow-wrap: anywhere">{text}</p>')


def _picture(applied: Applied, row: Mapping[str, Any]) -> Any:
    import ipywidgets as widgets

    stem = str(row["mask"]).partition("/")[2].removesuffix(".nii.gz").removesuffix(".png")
    picture = (applied.folder / THUMBNAILS / f"{stem}.jpg").read_bytes()
    name = widgets.HTML(f"<b>{escape(str(row['file']))}</b>")
    return widgets.VBox([name, widgets.Image(value=picture, format="jpeg")])
