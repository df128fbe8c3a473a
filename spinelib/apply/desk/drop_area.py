"""Where films are dropped in a notebook; they are kept in a folder and handed on, whatever their size.

(C, our choice) An area of its own, since ipywidgets' FileUpload is a button on which nothing can be dropped, and sends
a file as one message, of which Jupyter's server takes 10 MB; films in DICOM are larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from spinelib.apply.desk.names import keep_file
from spinelib.core.errors import BadInput

HERE = Path(__file__).parent


class DropArea(anywidget.AnyWidget):
    """Keeps what is dropped in `folder` and calls `take` with the paths of one drop, in their order."""

    _esm = HERE / "drop_area.js"
    _css = HERE / "drop_area.css"
    message = traitlets.Unicode().tag(sync=True)

    def __init__(self, folder: Path, take: Callable[[list[Path]], str]) -> None:
        self.folder, self.take = folder, take
        self._parts: list[bytes] = []
        self._kept: list[Path] = []
        super().__init__()
        self.on_msg(self._told)

    def _told(self, _: Any, content: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """A part of a file, or the word that all have come."""
        try:
            if content.get("do") == "part":
                self._part(str(content.get("name", "")), bool(content.get("last")), buffers)
            elif content.get("do") == "read":
                self.receive()
        except BadInput as error:
            self._parts, self._kept, self.message = [], [], str(error)

    def _part(self, name: str, last: bool, buffers: Sequence[memoryview]) -> None:
        self._parts += [bytes(buffer) for buffer in buffers]
        if last:
            content, self._parts = b"".join(self._parts), []
            self._kept.append(keep_file(self.folder, name, content))

    def receive(self) -> None:
        """Hand on what has been kept, and say what came of it. Raises BadInput where that cannot be done."""
        paths, self._kept = list(dict.fromkeys(self._kept)), []
        if paths:
            self.message = f"Reading {len(paths)} file{'s' if len(paths) > 1 else ''} ..."
            self.message = self.take(paths)
