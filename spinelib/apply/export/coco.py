"""COCO JSON: one file for all films, a polygon and four key points for every vertebra.

(A) cocodataset.org, data format: images, categories, annotations; polygons count from the edges of pixels, key points
are x, y, visibility; run lengths column by column. (C) Where no vertebra was told apart every structure is one region
as run lengths. Beside vertebrae it would stand against their corrections, so they stand alone. Films of one patient of
the headers lie in a folder of their own, by which they stay together.

Marks: (A) stated in the format, (C) our choice.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from spinelib.apply.export.pictures import Points, UprightFilm, upright_film
from spinelib.apply.export.results import ReadImage
from spinelib.apply.export.rings import vertebra_ring
from spinelib.apply.export.task import ExportTask
from spinelib.cases.corners import check_corners
from spinelib.cases.outlines import area
from spinelib.core.layout import IMAGES
from spinelib.sources.layouts import short_name
from spinelib.sources.runlength import encode_runs

FILE = "annotations.json"
POINTS = ("top left", "top right", "bottom left", "bottom right")
SKELETON = [[1, 2], [2, 4], [4, 3], [3, 1]]


def export_coco(task: ExportTask) -> None:
    """Write images/ and the COCO file beside it; the folder is one that the data set `folder` reads."""
    names: dict[str, int] = {}
    images: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []

    def export(read: ReadImage) -> None:
        film = upright_film(read)
        picture = _picture(read, film.ending)
        task.put(f"{IMAGES}/{picture}", film.save_picture)
        height, width = film.labels.shape
        images.append({"id": len(images) + 1, "file_name": picture, "height": height, "width": width})
        for name, mark in _marks(film):
            kind = names.setdefault(name, len(names) + 1)
            about = {"id": len(marks) + 1, "image_id": len(images), "category_id": kind}
            marks.append({**about, **mark})

    task.each(task.films(), export)
    kinds = [{"id": k, "name": name, "supercategory": "spine", **_key_points(marks, k)} for name, k in names.items()]
    content = json.dumps({"images": images, "categories": kinds, "annotations": marks}, ensure_ascii=False)
    if images:
        task.put(FILE, lambda path: path.write_text(content + "\n", encoding="utf-8"))


def _picture(read: ReadImage, ending: str) -> str:
    """The name of a film's picture: in the folder of its patient where a header names one."""
    patient, stem = read.row["patient"], read.image.stem
    if not patient:
        return f"{stem}{ending}"
    return f"{short_name(patient).lstrip('.') or 'patient'}/{PurePosixPath(stem).as_posix().replace('/', '_')}{ending}"


def _marks(film: UprightFilm) -> list[tuple[str, dict[str, Any]]]:
    """Names and annotations of what was read in a film."""
    if film.vertebrae:
        pointed = film.read.named and _sound(film)
        return [(name, _vertebra(quad, pointed)) for name, quad in film.vertebrae]
    regions = [(name, film.labels == value) for value, name in enumerate(film.read.classes, 1)]
    return [(name, _region(inside)) for name, inside in regions if inside.any()]


def _sound(film: UprightFilm) -> bool:
    """Whether the corners are such as a reader takes; a film with others would be left out for them."""
    found = check_corners(np.stack([quad for _, quad in film.vertebrae]), film.labels.shape)[1]
    return not any(finding.kind == "broken" for finding in found)


def _vertebra(quad: Points, named: bool) -> dict[str, Any]:
    ring = vertebra_ring(quad)
    about: dict[str, Any] = {"segmentation": [ring.round(2).ravel().tolist()], "iscrowd": 0}
    about |= {"area": round(area(ring), 2), "bbox": _box(ring)}
    # Four points are corners of a vertebra that has a name; nobody could tell whose others are.
    if named:
        points = np.hstack([quad, np.full((4, 1), 2.0)])
        about |= {"keypoints": points.round(2).ravel().tolist(), "num_keypoints": 4}
    return about


def _region(inside: np.ndarray) -> dict[str, Any]:
    rows, columns = np.nonzero(inside)
    edges = np.array([[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], float)
    runs = {"size": list(inside.shape), "counts": encode_runs(inside)}
    return {"segmentation": runs, "iscrowd": 1, "area": int(inside.sum()), "bbox": _box(edges)}


def _box(points: Points) -> list[float]:
    low, high = points.min(0), points.max(0)
    return np.concatenate([low, high - low]).round(2).tolist()


def _key_points(marks: list[dict[str, Any]], kind: int) -> dict[str, Any]:
    pointed = any("keypoints" in mark for mark in marks if mark["category_id"] == kind)
    return {"keypoints": list(POINTS), "skeleton": SKELETON} if pointed else {}
