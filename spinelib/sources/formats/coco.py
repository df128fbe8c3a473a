"""COCO JSON: polygons, run lengths and key points of many films in one file.

As CVAT, Label Studio, Roboflow and VIA export it: ids may be texts, a polygon one flat list, paths those of another
machine. Films lie anywhere below; they are found by their names. (C, our choice) Four key points of an annotation are
the corners of a vertebra, 68 those of T1 to L5; a box alone is no outline.

Marks: (C) our choice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.cases.readers.text import read_text
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import DRAW, Conversion, Draw, FilmLabels, FilmNames, label_films
from spinelib.sources.formats.folders import holds_masks
from spinelib.sources.layouts import stem_of
from spinelib.sources.listing import Listing
from spinelib.sources.runlength import decode_runs

REMEDY = "Export it again as COCO JSON."
KEYS = ("images", "annotations", "categories")
Annotation = dict[str, Any]


def fits(listing: Listing) -> bool:
    """Whether there is a COCO file, and no folder of masks beside it."""
    return not holds_masks(listing) and bool(_files(listing))


def cases(conversion: Conversion) -> list[Case]:
    """A case for every film that a file names, with the labels of all files for it."""
    listing, films = conversion.listing, FilmNames(conversion.listing)
    wanted: dict[Path, list[tuple[Path, Annotation, list[Annotation], dict[str, Any]]]] = defaultdict(list)
    for file in _files(listing):
        content = _load(file)
        listing.decide(file, "used", "labels in COCO JSON")
        kinds = {str(each.get("id")): each for each in content["categories"]}
        of_film = defaultdict(list)
        for each in content["annotations"]:
            of_film[str(each.get("image_id"))].append(each)
        for image in content["images"]:
            name = str(image.get("file_name") or "")
            found = films.called(name) if name else []
            if len(found) == 1:
                wanted[found[0]].append((file, image, of_film[str(image.get("id"))], kinds))
                continue
            problem = f"names a film {name!r}, which {'is there several times' if found else 'is not there'}"
            conversion.exclude(stem_of(name), file, problem, "Put the film beside the file, under that name.")
    draw: dict[Path, Draw] = {film: partial(_draw, parts=parts) for film, parts in wanted.items()}
    return label_films(conversion, draw)


def _draw(labels: FilmLabels, parts: list[tuple[Path, Annotation, list[Annotation], dict[str, Any]]]) -> Path:
    outlined: set[Path] = set()
    for file, image, marks, kinds in parts:
        labels.check_size(file, image.get("height"), image.get("width"))
        for each in marks:
            kind = kinds.get(str(each.get("category_id")))
            if kind is None:
                raise BadInput(file, f"has an annotation of {labels.film.name} without a category", REMEDY)
            corners = _key_points(file, each, labels, kind)
            outline = _outline(file, each, labels, str(kind.get("name")))
            if outline:
                outlined.add(file)
            if not corners and not outline and labels.label(file, str(kind.get("name")))[0]:
                raise BadInput(file, f"marks {labels.film.name} with a box alone", DRAW)
    if len(outlined) > 1:
        names = ", ".join(sorted(file.name for file in outlined))
        raise BadInput(labels.film, f"is outlined in several files ({names})", "Keep one of them.")
    return parts[0][0]


def _outline(file: Path, annotation: Annotation, labels: FilmLabels, name: str) -> bool:
    """Draw an annotation's polygons or run lengths; whether it has any."""
    content = annotation.get("segmentation")
    if isinstance(content, dict):
        labels.area(file, name, decode_runs(file, content))
        return True
    if not content:
        return False
    for ring in content if isinstance(content[0], list) else [content]:
        labels.outline(file, name, _points(file, ring, 2))
    return True


def _key_points(file: Path, annotation: Annotation, labels: FilmLabels, kind: dict[str, Any]) -> bool:
    """Take the corners that an annotation's key points are; whether it has any."""
    content = annotation.get("keypoints")
    if not content:
        return False
    points = _points(file, content, 3)
    places = np.where(points[:, 2:] > 0, points[:, :2], np.nan)
    if len(places) == 4 * len(LEVELS):
        labels.column(file, str(kind.get("name")), places.reshape(-1, 4, 2))
    elif len(places) == 4:
        labels.vertebra(file, str(kind.get("name")), places)
    else:
        reason = f"gives {len(places)} key points of {labels.film.name}, not 4 per vertebra or 68"
        raise BadInput(file, reason, DRAW)
    return True


def _points(file: Path, numbers: Any, width: int) -> NDArray[np.float64]:
    try:
        return np.asarray(numbers, float).reshape(-1, width)
    except (TypeError, ValueError) as error:
        raise BadInput(file, "holds points that are not pairs of numbers", REMEDY) from error


def _files(listing: Listing) -> list[Path]:
    """The COCO files; a file called as a film is that film's own and is not opened."""
    stems = {stem_of(name) for name, path in listing.files.items() if path.suffix.lower() != ".json"}
    json_files = [(name, path) for name, path in listing.files.items() if path.suffix.lower() == ".json"]
    return [path for name, path in json_files if stem_of(name) not in stems and _is_coco(path)]


def _is_coco(path: Path) -> bool:
    try:
        _load(path)
    except BadInput:
        return False
    return True


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path)[0])
    except (ValueError, RecursionError) as error:
        raise BadInput(path, "is not valid JSON", REMEDY) from error
    lists = isinstance(content, dict) and all(isinstance(content.get(key), list) for key in KEYS)
    if not lists or not all(isinstance(each, dict) for key in KEYS for each in content[key]):
        raise BadInput(path, "has no lists of images, annotations and categories", REMEDY)
    found: dict[str, Any] = content
    return found
