"""What a folder of results holds, each film or volume beside its mask, its structures and its vertebrae."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.find import ImageFile, find_sources
from spinelib.apply.folder import ResultsFolder, read_owner
from spinelib.apply.side import UNKNOWN
from spinelib.apply.table import CORNERS, FAILED, RESULTS, Row, file_digest
from spinelib.cases.readers.landmarks import AXES, LEVELS
from spinelib.cases.readers.series_list import link_series
from spinelib.cases.readers.spine_names import level_of
from spinelib.core.csv_rows import read_table, unguarded
from spinelib.core.errors import BadInput
from spinelib.core.layout import UNPACKED
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED

Points = NDArray[np.float64]
AGAIN = "Read the films again."
# Of vertebrae that nobody can name; the reader of folders knows the word.
NAMELESS = "vertebra"
REFUSED = (FAILED, "refused")
# What `Reading.method` calls vertebrae that were seen; others stand in for them along the line of the spine.
SEEN = "vertebrae"


@dataclass(frozen=True)
class ReadImage:
    """One film or volume that was read.

    image: where it lies, and what its results are called; mask: the file of its label map, in px of the film's file;
    classes: what its labels 1, 2, ... mean; vertebrae: name and corners [4, 2] (TL, TR, BL, BR; x, y px of the film's
    file) from above, empty where none was told apart; row: of results.csv.
    """

    image: ImageFile
    mask: Path
    classes: tuple[str, ...]
    vertebrae: tuple[tuple[str, Points], ...]
    row: Mapping[str, str]

    @property
    def is_film(self) -> bool:
        """Whether it is a film; else a volume."""
        return self.mask.suffix == ".png"

    @property
    def named(self) -> bool:
        """Whether its vertebrae have names of levels."""
        return bool(self.vertebrae) and all(name != NAMELESS for name, _ in self.vertebrae)


def _rows(path: Path) -> list[dict[str, str]]:
    return [{name: unguarded(text) for name, text in row.items()} for row in read_table(path)]


def read_results(results: Path, left: list[Row]) -> list[ReadImage]:
    """The films and volumes in the folder `results` of an earlier reading, by name.

    What was not read, or has changed since, becomes a row (file, reason) of `left`. Raises BadInput for a folder that
    holds no results, and when the source is no longer there.
    """
    record = read_owner(results)
    if not record or not (results / RESULTS).is_file():
        raise BadInput(results, "holds no results of a reading", "Name the folder that reading has written to.")
    folder = ResultsFolder(results, Path(record["source"]))
    corners: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(results / CORNERS):
        corners[row["file"]].append(row)
    rows = {row["file"]: row for row in _rows(results / RESULTS)}
    sources = _sources(Path(record["source"]), results, rows)
    found = []
    for name, row in rows.items():
        try:
            found.append(_read_image(folder, name, row, corners[name], sources))
        except BadInput as error:
            left.append({"file": name, "reason": f"{error.reason}. {error.remedy}"})
    return found


def _sources(source: Path, results: Path, rows: Mapping[str, Row]) -> dict[str, ImageFile]:
    """The films and volumes of the source by the names of their rows. Raises BadInput."""
    kinds = {3 if row["mask"].endswith(".nii.gz") else 2 for row in rows.values() if row["mask"]}
    found = [each for dims in sorted(kinds) for each in find_sources(source, dims, results).images]
    return {each.name: each for each in reversed(found)}


def _read_image(
    folder: ResultsFolder, name: str, row: Row, corners: list[Row], sources: Mapping[str, ImageFile]
) -> ReadImage:
    """Raises BadInput for what was not read, and for what is no longer what was read."""
    if row["status"] in REFUSED or not row["mask"]:
        raise BadInput(name, row["reason"] or "was not outlined", row.get("remedy", ""))
    if name not in sources or not (folder.out / row["mask"]).is_file():
        raise BadInput(name, "is no longer there, or its mask is not", AGAIN)
    image = sources[name]
    if image.files:
        place = link_series(image.files, folder.out / UNPACKED / image.stem)
        image = ImageFile(place, image.name, image.stem, image.files)
    if file_digest(image.path) != row["file_digest"]:
        raise BadInput(name, "has changed since it was read", AGAIN)
    # Corners are those of the mask as it was read.
    own = () if folder.edited(row["mask"]) else _vertebrae(corners)
    return ReadImage(image, folder.out / row["mask"], _classes(folder, row), own, row)


def _classes(folder: ResultsFolder, row: Row) -> tuple[str, ...]:
    """What the labels in a mask mean: by the record, else by the card of the released network. Raises BadInput."""
    run = row["network"]
    known = folder.record.get("classes", {}).get(run)
    if known:
        return tuple(known)
    if run in RELEASED and RELEASED[run].there:
        return Card.read(RELEASED[run].folder).classes
    raise BadInput(folder.out, "does not say what the numbers in its masks mean", AGAIN)


def _vertebrae(rows: list[Row]) -> tuple[tuple[str, Points], ...]:
    """Names and corners of the vertebrae of a film; those that only stand in for some are none."""
    rows = [row for row in rows if row.get("read_from", SEEN) in ("", SEEN)]
    quads = [np.array([float(row[axis]) for axis in AXES]).reshape(4, 2) for row in rows]
    names = [level_of(str(row["vertebra"])) for row in rows]
    if None in names:
        # Numbered from above: only all seventeen are sure to begin with T1.
        names = list(LEVELS) if len(rows) == len(LEVELS) else [NAMELESS] * len(rows)
    return tuple((str(name), quad) for name, quad in zip(names, quads, strict=True) if np.isfinite(quad).all())


def labels_of(image: ReadImage) -> NDArray[np.uint8]:
    """The label map [H, W] of a film in px of its file, labels 1, 2, ... of its classes. Raises BadInput.

    Vertebrae from the side whose level is not known have numbers from UNKNOWN on, which are none of its classes.
    """
    from PIL import Image

    values = np.asarray(Image.open(image.mask), np.uint8)
    # A single structure is drawn white, for people.
    labels: NDArray[Any] = (values > 0).astype(np.uint8) if len(image.classes) == 1 else values
    known = labels[labels < UNKNOWN] if image.vertebrae else labels
    if labels.ndim != 2 or known.max(initial=0) > len(image.classes):
        raise BadInput(image.mask, f"holds more than its {len(image.classes)} structures", AGAIN)
    return labels
