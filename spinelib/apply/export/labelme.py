"""Labelme: a JSON file beside a picture of every film, a polygon for each vertebra with the name of its level.

(A) Labelme 5: shapes with label, points (x, y from the edges of pixels) and shape_type; imagePath, imageHeight and
imageWidth. (C) A vertebra is its four corners; where none was told apart, every structure is outlined as it was read.
Where headers told patients or millimetres, cases.csv keeps both.

Marks: (A) stated in the format, (C) our choice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.apply.export.pictures import Points, UprightFilm, upright_film
from spinelib.apply.export.results import ReadImage
from spinelib.apply.export.rings import region_rings, vertebra_ring
from spinelib.apply.export.task import ExportTask
from spinelib.apply.table import csv_text
from spinelib.sources.folder_names import folders_tell
from spinelib.sources.formats.table import TABLE
from spinelib.sources.patients import HEADER_VIEWS

VERSION = "5.5.0"


def export_labelme(task: ExportTask) -> None:
    """Write the films with their Labelme files; the folder is one that the data set `folder` reads."""
    rows: list[dict[str, Any]] = []

    def export(read: ReadImage) -> None:
        film, stem = upright_film(read), read.image.stem
        picture = f"{stem}{film.ending}"
        content = labelme_text(picture.rpartition("/")[2], film.labels.shape, film_rings(film))
        task.put(picture, film.save_picture)
        task.put(f"{stem}.json", lambda path: path.write_text(content, encoding="utf-8"))
        rows.append(_case(film, picture, f"{stem}.json"))

    task.each(task.films(), export)
    if any(row["spacing"] or row["patient"] for row in rows):
        # In a table, folders tell nothing any more.
        told = folders_tell({Path(row["image"]): row["image"] for row in rows})
        cases = [{**row, "patient": row["patient"] or told[Path(row["image"])][0]} for row in rows]
        table = csv_text(pd.DataFrame(cases))
        task.put(TABLE, lambda path: path.write_text(table, encoding="utf-8"))


def film_rings(film: UprightFilm) -> list[tuple[str, Points]]:
    """Names and rings [P, 2] of what was read in a film: its vertebrae, else each part of each structure."""
    if film.vertebrae:
        return [(name, vertebra_ring(quad)) for name, quad in film.vertebrae]
    named = enumerate(film.read.classes, 1)
    return [(name, ring) for value, name in named for ring in region_rings(film.labels == value)]


def labelme_text(picture: str, shape: tuple[int, ...], rings: Iterable[tuple[str, Points]]) -> str:
    """A Labelme file: the polygons `rings` (name, [P, 2] x, y from the edges of pixels) on `picture` beside it."""
    shapes = [_shape(name, ring) for name, ring in rings]
    head: dict[str, Any] = {"version": VERSION, "flags": {}, "shapes": shapes, "imagePath": picture, "imageData": None}
    content = {**head, "imageHeight": int(shape[0]), "imageWidth": int(shape[1])}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _shape(name: str, ring: Points) -> dict[str, Any]:
    facts: dict[str, Any] = {"group_id": None, "description": "", "shape_type": "polygon", "flags": {}}
    return {"label": name, "points": ring.round(2).tolist(), **facts}


def _case(film: UprightFilm, picture: str, labels: str) -> dict[str, Any]:
    """The row of cases.csv."""
    row, spacing = film.read.row, film.spacing
    return {
        "case": film.read.image.stem.replace("/", "_"),
        "patient": row["patient"],
        "view": HEADER_VIEWS.get(row["view_position"].strip().upper(), ""),
        "image": picture,
        "mask": labels,
        "spacing": ";".join(f"{mm:.6g}" for mm in spacing) if spacing else "",
    }
