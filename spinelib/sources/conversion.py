"""What every layout of labels is given, and labels of one film that are drawn from outlines and key points.

(C, our choice) Outlines are counted from the edges of pixels, as annotation programs draw them; key points are pixels.

Marks: (C) our choice.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.corners import check_corners, is_ordered
from spinelib.cases.drawing import fill_polygon
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.manifest import Case, Problem
from spinelib.cases.outlines import corners_of_outlines
from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.images import picture_size
from spinelib.cases.readers.label_names import LabelNames, read_label_names, snippet
from spinelib.cases.readers.landmarks import LEVELS, write_landmarks
from spinelib.core.errors import BadInput
from spinelib.core.files import replace as replace_file
from spinelib.core.layout import LABEL_NAMES, LANDMARK_TABLE, MASKS
from spinelib.sources.folder_names import folders_tell
from spinelib.sources.layouts import case_names, is_image, short_name
from spinelib.sources.listing import Listing

# Label Studio puts this before the names of files that it was given.
UPLOADED = re.compile(r"^[0-9a-f]{8}-")
DRAW = "Outline the vertebrae or the spine with polygons, or give four corners per vertebra."


@dataclass
class Conversion:
    """The files of the user's, the folder of the prepared data, problems so far and names of the structures.

    `classes` are those the user asked for; a layout that names its own puts them there. ignored: numbers in label maps
    that a layout says to ignore.
    """

    listing: Listing
    folder: Path
    problems: list[Problem]
    classes: tuple[str, ...] = ("spine",)
    ignored: tuple[int, ...] = ()

    def exclude(self, case: str, file: Path | str, problem: str, remedy: str) -> None:
        """Add a row that says why a film or a label is left out."""
        self.problems.append(Problem(case, str(file), problem, remedy, "excluded"))

    def names(self) -> LabelNames:
        """What labels.yaml beside the films says. Raises BadInput."""
        path = self.listing.files.get(LABEL_NAMES)
        if path is None:
            return LabelNames()
        self.listing.decide(path, "used", "names of the labels")
        return read_label_names(path.parent)

    def meanings(self) -> LabelNames:
        """What `names` says, with the numbers that the layout ignores, unless it names them. Raises BadInput."""
        found = self.names()
        more = tuple(number for number in self.ignored if number not in {*found.values, *found.ignore})
        return replace(found, ignore=(*found.ignore, *more))


@dataclass
class FilmLabels:
    """The labels of one film while they are drawn: label map [H, W] and corners by level; `unnamed` in their order.

    All is given and given back in pixels of the file, of `shape`. Corners and rings are kept as they lie in the upright
    film, where above and left are what they are called; `turned` tells how (None: the file is upright). unseen:
    vertebrae of which not every corner is marked as seen.
    """

    film: Path
    case: str
    shape: tuple[int, int]
    classes: tuple[str, ...]
    names: LabelNames
    labels: NDArray[np.uint8]
    corners: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    unnamed: list[NDArray[np.float64]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    rings: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)
    turned: FilmPlace | None = None

    def check_size(self, file: Path, height: object, width: object) -> None:
        """Raise BadInput where a file states another size of the film than the film has."""
        if isinstance(height, int) and isinstance(width, int) and height > 0 < width and (height, width) != self.shape:
            reason = f"was drawn on a film of {width} x {height} pixels, {self.film.name} has {self.shape[1]} x "
            raise BadInput(file, f"{reason}{self.shape[0]}", "Draw it on the film itself.")

    def label(self, file: Path, name: str) -> tuple[int, str | None]:
        """Label and level of an outline called `name`, 0 for no structure. Raises BadInput for an unknown name."""
        found = self.names.find(name, self.classes)
        if found is None:
            raise BadInput(file, f"has labels called {name!r}", snippet("structures", [name]))
        return found

    def outline(self, file: Path, name: str, points: NDArray[np.float64]) -> None:
        """Fill a polygon [P, 2] (x, y from the edges of pixels). Raises BadInput."""
        value, level = self.label(file, name)
        if len(points) < 3 or not np.isfinite(points).all() or np.abs(points).max() > 1e6:
            raise BadInput(file, f"has an outline of {self.film.name} without an area", DRAW)
        if value:
            fill_polygon(self.labels, points - 0.5, value)
            self.rings.setdefault(level or "", []).append(self._upright(points - 0.5))

    def area(self, file: Path, name: str, inside: NDArray[np.bool_]) -> None:
        """Mark the pixels [H, W] of a structure. Raises BadInput."""
        value = self.label(file, name)[0]
        if inside.shape != self.shape:
            self.check_size(file, *inside.shape)
        if value:
            self.labels[inside] = value

    def vertebra(self, file: Path, name: str, points: NDArray[np.float64]) -> None:
        """Take the corners [4, 2] (x, y; as in landmarks.csv, or around) of a vertebra. Raises BadInput."""
        value, level = self.label(file, name)
        if not value:
            return
        if not np.isfinite(points).all():
            self.unseen.append(level or name)
            return
        points = self._upright(points)
        if not is_ordered(points) and is_ordered(points[[0, 1, 3, 2]]):
            points = points[[0, 1, 3, 2]]
        if level is None:
            self.unnamed.append(points)
        elif level in self.corners:
            raise BadInput(file, f"gives the corners of {level} of {self.film.name} twice", "Keep one of them.")
        else:
            self.corners[level] = points

    def column(self, file: Path, name: str | None, points: NDArray[np.float64]) -> None:
        """Take the corners [17, 4, 2] of T1 to L5, NaN where one is not seen; `name` must be known. Raises BadInput."""
        if name is not None:
            self.label(file, name)
        if self.corners:
            raise BadInput(file, f"gives the corners of {self.film.name} twice", "Keep one of them.")
        for level, corners in zip(LEVELS, self._upright(points), strict=True):
            if np.isfinite(corners).all():
                self.corners[level] = corners
            else:
                self.unseen.append(level)

    def all_corners(self, file: Path) -> NDArray[np.float64] | None:
        """Corners [17, 4, 2] px of the file, NaN for those unknown; None where none were given. Raises BadInput.

        Vertebrae without a level get theirs from above where there are seventeen of them.
        """
        found = self._all_upright(file)
        if found is None or self.turned is None:
            return found
        return np.asarray(self.turned.from_upright(found), np.float64)

    def _upright(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return points if self.turned is None else np.asarray(self.turned.to_upright(points), np.float64)

    def _all_upright(self, file: Path) -> NDArray[np.float64] | None:
        if not self.corners and not self.unnamed:
            return self._outlined()
        if self.unnamed:
            if self.corners or len(self.unnamed) != len(LEVELS):
                reason = f"gives corners of {len(self.unnamed)} vertebrae of {self.film.name} without their levels"
                raise BadInput(file, reason, "Call the vertebrae T1 to L5, or give all seventeen.")
            ordered = sorted(self.unnamed, key=lambda points: float(points[:, 1].mean()))
            return np.stack(ordered)
        found = np.full((len(LEVELS), 4, 2), np.nan)
        for level, points in self.corners.items():
            if level in LEVELS:
                found[LEVELS.index(level)] = points
        if np.isnan(found).all():
            raise BadInput(file, f"names no vertebra of {self.film.name} from T1 to L5", "Call them T1 to L5.")
        return found

    def _outlined(self) -> NDArray[np.float64] | None:
        """The corners of vertebrae that are outlined once, by name; None where that gives none."""
        levels = [level for level in LEVELS if len(self.rings.get(level, ())) == 1]
        if not levels:
            return None
        found = np.full((len(LEVELS), 4, 2), np.nan)
        for level, points in zip(levels, corners_of_outlines([self.rings[level][0] for level in levels]), strict=True):
            found[LEVELS.index(level)] = points
        corners, findings = check_corners(found, self.turned.upright if self.turned else self.shape)
        sound = not any(finding.kind == "broken" for finding in findings)
        return corners if sound and np.isfinite(corners).any() else None


Draw = Callable[[FilmLabels], Path]


def label_films(
    conversion: Conversion, draw: Mapping[Path, Draw], called: Mapping[Path, str] | None = None
) -> list[Case]:
    """A case for every film whose labels could be drawn, with a label map or corners in the prepared folder.

    `draw` draws the labels of a film and gives the file that they come from; what it cannot draw (BadInput) becomes a
    row of the problems, and that film is left out. `called` are the films' names where their place is not the name, as
    images/train/a.png for train/a.png; folders tell patient and split.
    """
    own = dict(called) if called else {path: name for name, path in conversion.listing.files.items()}
    own = {film: own[film] for film in draw}
    ids, told = case_names(own), folders_tell(own)
    names, found, corners = conversion.names(), [], {}
    for film, function in draw.items():
        try:
            shape, turned = _file_size(film)
            empty = np.zeros(shape, np.uint8)
            labels = FilmLabels(film, ids[film], shape, conversion.classes, names, empty, turned=turned)
            file = function(labels)
            points = labels.all_corners(file)
            if points is None and not labels.labels.any():
                raise BadInput(file, f"has no outline and no corners of {film.name}", DRAW)
        except BadInput as error:
            conversion.problems.append(Problem.of(ids[film], error))
            conversion.listing.decide(film, "problem", f"its labels cannot be used: {error.reason}")
            continue
        mask = save_mask(conversion.folder, ids[film], labels.labels) if labels.labels.any() else ""
        table = LANDMARK_TABLE if points is not None else ""
        if points is not None:
            corners[ids[film]] = points
        unseen = [level for level in labels.unseen if level not in labels.corners]
        if unseen:
            text = f"not every corner is seen of {', '.join(unseen)}: left out"
            conversion.problems.append(Problem(ids[film], str(file), text, "Set all four corners, or none.", "kept"))
        patient, split = told[film]
        found.append(Case(ids[film], patient, "", str(film), mask, table, split=split))
    if corners:
        write_landmarks(corners, conversion.folder)
    return found


def _file_size(film: Path) -> tuple[tuple[int, int], FilmPlace | None]:
    """Height and width of a film as its file is stored, in whose pixels labels are drawn, and how it is turned upright.

    Raises BadInput.
    """
    if not is_dicom(film):
        return picture_size(film), None
    place = read_film(film).place
    return place.file, place if place.turns else None


def save_mask(folder: Path, case: str, labels: NDArray[np.uint8]) -> str:
    """Write a label map as PNG into the prepared folder, whole or not at all; gives its path from there."""
    name = f"{MASKS}/{short_name(case)}.png"
    with replace_file(folder / name) as temporary:
        Image.fromarray(labels).save(temporary, format="PNG")
    return name


class FilmNames:
    """The films of a folder, by the names under which a file of labels calls them."""

    def __init__(self, listing: Listing) -> None:
        self.by_name: dict[str, list[tuple[list[str], Path]]] = defaultdict(list)
        for name, path in listing.files.items():
            if is_image(path):
                parts = _parts(name)
                self.by_name[parts[-1]].append((parts, path))

    def called(self, name: str) -> list[Path]:
        """The films that `name` may mean: those whose path shares most with its end. None or several: nobody knows."""
        for attempt in (_parts(name), _parts(unquote(name))):
            last = attempt[-1]
            found = self.by_name.get(last) or self.by_name.get(UPLOADED.sub("", last)) or []
            alike = [_shared(attempt[:-1], parts[:-1]) for parts, _ in found]
            if found:
                return [path for (_, path), count in zip(found, alike, strict=True) if count == max(alike)]
        return []


def _parts(name: str) -> list[str]:
    return unicodedata.normalize("NFC", name).replace("\\", "/").split("/")


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many folders two paths share at their ends."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return count
