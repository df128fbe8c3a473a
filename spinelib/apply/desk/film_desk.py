"""One film in a notebook: its corners are dragged on the screen and read here, and what they say goes back at once.

`film_desk.js` draws and listens, `film_desk.css` dresses; both lie beside this file, and nothing comes from a network.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from PIL import Image

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.labels import write_labels
from spinelib.apply.desk.seen import HIGHEST, LOWEST, SeenFilm
from spinelib.apply.desk.words import fact_lines
from spinelib.cases.readers.images import eight_bit, to_grey
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.rules import Floats
from spinelib.plots.cobb import end_lines
from spinelib.plots.films import WINDOW
from spinelib.plots.style import CORNER, PREDICTION, REFERENCE

HERE = Path(__file__).parent
# Longer side of the picture that the page gets, px.
LONGEST, QUALITY = 2200, 85
COLOURS = {"outline": PREDICTION, "corner": CORNER, "line": REFERENCE}


class FilmDesk(anywidget.AnyWidget):
    """A film with its outline, draggable corners, end vertebrae and angles; "Save" writes Labelme files to `folder`.

    row: what the results table says of the film (file, status, reason, confidence), shown beside the angles.
    """

    _esm = HERE / "film_desk.js"
    _css = HERE / "film_desk.css"
    picture = traitlets.Bytes().tag(sync=True)
    size: Any = traitlets.List().tag(sync=True)
    colours = traitlets.Dict(COLOURS).tag(sync=True)
    limits = traitlets.List([LOWEST, HIGHEST]).tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    adjustable = traitlets.Bool().tag(sync=True)
    # From the page: number, step, and corners or threshold.
    edit = traitlets.Dict().tag(sync=True)
    # To the page: what the corners say now, the outline as a path of SVG, and a line about what was done.
    shown = traitlets.Dict().tag(sync=True)
    outline = traitlets.Unicode().tag(sync=True)
    message = traitlets.Dict().tag(sync=True)

    def __init__(self, seen: SeenFilm, folder: Path, row: Mapping[str, Any] | None = None) -> None:
        self.correction, self.folder, self.row = Correction(seen), folder, dict(row or {})
        name = str(self.row.get("file") or seen.path.name)
        given = {"size": list(seen.size), "facts": {"name": name}, "adjustable": seen.adjustable}
        super().__init__(picture=film_jpeg(seen), **given)
        self.on_msg(self._asked)
        self._show(outline=True)

    @traitlets.observe("edit")
    def _edited(self, change: Mapping[str, Any]) -> None:
        edit = change["new"]
        threshold = edit.get("threshold")
        try:
            if threshold is None:
                self.correction.move(edit["corners"], edit.get("step"))
            else:
                self.correction.read_at(float(threshold), edit.get("step"))
        except (KeyError, TypeError, ValueError):
            # What the page sent does not fit any more: it gets what there is.
            pass
        self._show(outline=threshold is not None)

    def _asked(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        """Do what a button asks for."""
        word, vertebra = content.get("do"), int(content.get("vertebra", -1))
        threshold = self.correction.threshold
        calls: dict[Any, Callable[[], Any]] = {"undo": self.correction.undo, "reset": self.correction.reset}
        calls |= {"remove": lambda: self.correction.remove(vertebra), "save": self.save}
        calls |= {"add": lambda: self.correction.add_below(vertebra)}
        if word not in calls:
            return
        self.message = {}
        try:
            calls[word]()
        except (BadInput, ValueError) as error:
            self.message = {"text": str(error), "error": True}
        self._show(outline=self.correction.threshold != threshold)

    def save(self) -> Path:
        """Write the corners as they are now to the folder. Raises BadInput where that cannot be done."""
        seen = self.correction.seen
        path = write_labels(seen.path, seen.found, self.correction.corners, self.folder)
        self.message = {"text": f"Saved {path}"}
        return path

    def _show(self, outline: bool) -> None:
        now = self.correction
        reading = now.reading
        if outline:
            self.outline = svg_path(now.seen.outline(now.threshold))
        angles = reading.angles.round(2).tolist() if reading.known else []
        lines = end_lines(reading).round(2).tolist() if reading.known else []
        about = {"number": self.edit.get("number", 0), "undo": now.can_undo, "threshold": now.threshold}
        drawn = {"corners": now.corners.round(2).tolist(), "names": now.names, "lines": lines}
        words = fact_lines(now, self.row)
        self.shown = {**about, **drawn, "angles": angles, "ends": list(reading.ends), "words": words}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """What a notebook keeps of it: the widget, and for a page without a kernel the film as it is drawn now."""
        from spinelib.apply.desk.still import desk_png

        kept = super()._repr_mimebundle_(**kwargs)
        data, facts = kept if kept else ({}, {})
        return {**data, "image/png": base64.b64encode(desk_png(self.correction)).decode()}, facts


def svg_path(lines: list[Floats]) -> str:
    """Closed lines [P, 2] as the path of an SVG drawing."""
    return "".join(f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in line)}Z" for line in lines)


def film_jpeg(seen: SeenFilm) -> bytes:
    """The film alone as JPEG, upright, in square pixels, at most LONGEST px long."""
    picture = Image.fromarray(eight_bit(to_grey(seen.found.film.pixels), WINDOW))
    picture.thumbnail((LONGEST, LONGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
