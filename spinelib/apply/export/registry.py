"""The kinds of exports, and the one call that writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.apply.export.results import read_results
from spinelib.apply.export.task import ExportTask
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.table import Row, csv_text
from spinelib.core.errors import BadInput, closest
from spinelib.core.layout import LEFT_OUT, LOCK
from spinelib.runs import lock


@dataclass(frozen=True)
class Export:
    """A kind of export: its name, what it is in words, and the function that writes it, imported on first use."""

    name: str
    title: str
    function: str

    @property
    def write(self) -> Callable[[ExportTask], None]:
        """Writes what an `ExportTask` holds."""
        module, name = self.function.split(":")
        found: Any = getattr(import_module(f"spinelib.apply.export.{module}"), name)
        return found


EXPORTS: dict[str, Export] = {
    entry.name: entry
    for entry in (
        Export("labelme", "Labelme: a file beside each film, a polygon per vertebra", "labelme:export_labelme"),
        Export("coco", "COCO JSON: polygons and four key points per vertebra", "coco:export_coco"),
        Export("nnunet", "nnU-Net: raw folders of films or volumes with label maps", "nnunet:export_nnunet"),
        Export("dicomseg", "DICOM SEG: beside the DICOM film or series that it outlines", "dicomseg:export_dicomseg"),
    )
}


def export_results(results: Path, kinds: Sequence[str], into: Path, study: Path | None = None) -> list[Path]:
    """Write what reading left in the folder `results` to `into`/KIND for each of `kinds` (names of EXPORTS).

    Gives the folders that were written, and last the table of what was left out (file, kind, reason), where something
    was: films that could not be read or have changed since, files that a kind cannot hold, and exported files that
    somebody has corrected, which are never written again. `study`: folder of a study, reports/STUDY, whose split
    nnU-Net is given. Raises BadInput for an unknown kind, a folder without results, and an `into` that holds anything
    else.
    """
    results, into = Path(results), Path(into)
    for kind in kinds:
        if kind not in EXPORTS:
            raise BadInput(kind, "is no kind of export", closest(kind, EXPORTS))
    folder = ResultsFolder(into, results)
    unread: list[Row] = []
    images = read_results(results, unread)
    lock.take(into / LOCK)
    try:
        folder.claim()
        left = [{"file": row["file"], "kind": "all", "reason": row["reason"]} for row in unread]
        for kind in dict.fromkeys(kinds):
            task = ExportTask(kind, results.resolve().name, images, into / kind, folder, study=study)
            EXPORTS[kind].write(task)
            left += task.left
        columns = ["file", "kind", "reason"]
        folder.write(LEFT_OUT, csv_text(pd.DataFrame(left, columns=columns)))
    finally:
        lock.release(into / LOCK)
    written = [into / kind for kind in dict.fromkeys(kinds) if (into / kind).is_dir()]
    return [*written, into / LEFT_OUT] if left else written
