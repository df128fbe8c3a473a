"""YOLO text files: polygons or key points, one line each, in shares of the film's width and height.

As Ultralytics, CVAT, Roboflow and Label Studio write it: images/a.png with labels/a.txt, in any folders, or both beside
each other; names of the classes in data.yaml, classes.txt or obj.names. (C, our choice) A line of four corners is the
outline of a vertebra; where data.yaml gives kpt_shape, lines hold a box and key points, four per vertebra or 68.

Marks: (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from spinelib.cases.manifest import Case
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.cases.readers.text import read_text
from spinelib.core.errors import BadInput
from spinelib.core.written_yaml import load_yaml
from spinelib.sources.conversion import DRAW, Conversion, Draw, FilmLabels, label_films
from spinelib.sources.folder_names import without_folder
from spinelib.sources.formats.folders import IMAGE_FOLDERS, LABEL_FOLDERS, holds_masks
from spinelib.sources.layouts import PASSED_OVER, is_image, stem_of
from spinelib.sources.listing import Listing

REMEDY = "Export it again as YOLO segmentation or pose."
NAME_FILES = ("classes.txt", "obj.names", "labels.txt")


@dataclass(frozen=True)
class _Names:
    """Names of the classes by number, and how many key points of how many numbers a line holds (0: none)."""

    names: dict[int, str]
    points: int = 0
    numbers: int = 2


def fits(listing: Listing) -> bool:
    """Whether a film has a text file of numbers that belongs to it, and no folder of masks lies beside."""
    return not holds_masks(listing) and any(_is_label(path) for path in _pairs(listing).values())


def cases(conversion: Conversion) -> list[Case]:
    """A case for every film with a text file; films without one become rows of the problems."""
    listing = conversion.listing
    names, pairs = _names(listing), _pairs(listing)
    draw: dict[Path, Draw] = {film: partial(_draw, file=file, names=names) for film, file in pairs.items()}
    for file in pairs.values():
        listing.decide(file, "used", "labels of a film")
    for name, path in listing.files.items():
        if path not in pairs and path.suffix.lower() not in PASSED_OVER and is_image(path):
            conversion.exclude(stem_of(path.name), path, f"has no text file called {stem_of(path.name)}", REMEDY)
            listing.decide(path, "problem", f"has no text file of labels ({name})")
    keys = {path: without_folder(name, *IMAGE_FOLDERS) for name, path in listing.files.items()}
    return label_films(conversion, draw, keys)


def _pairs(listing: Listing) -> dict[Path, Path]:
    """The text file of each film."""
    texts = {
        stem_of(without_folder(name, *LABEL_FOLDERS)): path
        for name, path in listing.files.items()
        if path.suffix.lower() == ".txt" and path.name.lower() not in NAME_FILES
    }
    found = {}
    for name, path in listing.files.items():
        key = stem_of(without_folder(name, *IMAGE_FOLDERS))
        if key in texts and path.suffix.lower() not in PASSED_OVER and is_image(path):
            found[path] = texts[key]
    return found


def _is_label(path: Path) -> bool:
    try:
        rows = [row for row in _rows(path) if row]
        return bool(rows) and all(len(row) > 4 and row[0] == int(row[0]) for row in rows)
    except (BadInput, ValueError, OverflowError):
        return False


def _rows(path: Path) -> list[list[float]]:
    try:
        return [[float(word) for word in line.split()] for line in read_text(path, 50_000_000)[0].splitlines() if line]
    except ValueError as error:
        raise BadInput(path, "holds something that is not a number", REMEDY) from error


def _draw(labels: FilmLabels, file: Path, names: _Names) -> Path:
    scale = np.array([labels.shape[1], labels.shape[0]], float)
    for line, row in enumerate(_rows(file), 1):
        if not row:
            continue
        number, rest = int(row[0]), np.array(row[1:])
        name = names.names.get(number, str(number))
        if row[0] != number or number < 0 or not np.isfinite(rest).all() or (np.abs(rest) > 2).any():
            raise BadInput(file, f"line {line} is no class with shares of the film", REMEDY)
        if names.points:
            _key_points(labels, file, name, line, rest, scale, names)
        elif len(rest) == 4:
            raise BadInput(file, f"line {line} is a box alone", DRAW)
        elif len(rest) < 6 or len(rest) % 2:
            raise BadInput(file, f"line {line} has {len(rest)} numbers, not pairs of x and y", REMEDY)
        else:
            labels.outline(file, name, rest.reshape(-1, 2) * scale)
    return file


def _key_points(labels: FilmLabels, file: Path, name: str, line: int, rest: Any, scale: Any, names: _Names) -> None:
    if len(rest) != 4 + names.points * names.numbers:
        raise BadInput(file, f"line {line} does not hold a box and {names.points} key points", REMEDY)
    points = rest[4:].reshape(names.points, names.numbers)
    seen = points[:, 2:3] > 0 if names.numbers == 3 else np.ones((len(points), 1), bool)
    places = np.where(seen, points[:, :2] * scale, np.nan)
    if names.points == 4:
        labels.vertebra(file, name, places)
    elif names.points == 4 * len(LEVELS):
        labels.column(file, name, places.reshape(-1, 4, 2))
    else:
        raise BadInput(file, f"line {line} holds {names.points} key points, not 4 per vertebra or 68", DRAW)


def _names(listing: Listing) -> _Names:
    """What data.yaml or a list of names says. Raises BadInput for a file that cannot be read."""
    for name, path in listing.files.items():
        if name.lower().endswith((".yaml", ".yml")) and "/" not in name:
            content = _yaml(path)
            if isinstance(content, dict) and isinstance(content.get("names"), dict | list):
                listing.decide(path, "used", "names of the classes")
                return _of_yaml(path, content)
    for path in listing.files.values():
        if path.name.lower() in NAME_FILES:
            listing.decide(path, "used", "names of the classes")
            lines = read_text(path, 1_000_000)[0].split("\n")
            return _Names({k: line.strip() for k, line in enumerate(lines) if line.strip()})
    return _Names({})


def _yaml(path: Path) -> Any:
    try:
        return load_yaml(read_text(path, 1_000_000)[0])
    except yaml.YAMLError as error:
        raise BadInput(path, "is no valid YAML", REMEDY) from error


def _of_yaml(path: Path, content: dict[str, Any]) -> _Names:
    given = content["names"]
    try:
        pairs = given.items() if isinstance(given, dict) else enumerate(given)
        names = {int(number): str(name) for number, name in pairs}
        points, numbers = (int(each) for each in content.get("kpt_shape", (0, 2)))
    except (TypeError, ValueError) as error:
        raise BadInput(path, "has names or a kpt_shape that cannot be read", REMEDY) from error
    if points < 0 or numbers not in (2, 3):
        raise BadInput(path, f"has a kpt_shape of {points} x {numbers}", REMEDY)
    return _Names(names, points, numbers)
