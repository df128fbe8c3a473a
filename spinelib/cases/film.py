"""One case of the manifest, read and put on the grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.drawing import draw_column, draw_quadrilaterals
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.frame import Frame, letterbox
from spinelib.cases.manifest import Case
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.images import to_grey
from spinelib.cases.readers.label_names import read_label_names
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks
from spinelib.cases.readers.masks import read_mask
from spinelib.core.errors import BadInput

# Arrays of one case by name, as in CaseArrays ("extra_" before the other structures).
CaseValues = dict[str, NDArray[Any]]


class Reader:
    """Reads cases of the data set in `folder` onto `grid` (height, width). Raises BadInput for bad landmark files."""

    def __init__(
        self,
        folder: Path,
        cases: Sequence[Case],
        grid: tuple[int, int],
        channels: int,
        classes: tuple[str, ...],
    ) -> None:
        self.folder, self.grid, self.channels, self.classes = folder, grid, channels, classes
        names = {case.landmarks for case in cases if case.landmarks}
        self.tables = {name: read_landmarks(folder / name) for name in names}
        self.names = read_label_names(folder)
        self.levels = len(LEVELS) if names else 0
        # A structure that only some films have cannot be told from one that is empty.
        self.column = bool(names) and all(case.landmarks for case in cases)

    def blank(self) -> CaseValues:
        """What an array of each name holds for one case before anything is known."""
        film: CaseValues = {
            "images": np.zeros((self.channels, *self.grid), np.uint8),
            "labels": np.zeros(self.grid, np.uint8),
            "landmarks": np.full((self.levels, 4, 2), np.nan, np.float32),
            "frames": np.zeros(5, np.float32),
            "spacing": np.full(2, np.nan, np.float32),
            "places": np.zeros(9, np.float32),
        }
        return film | {"extra_spine_column": np.zeros(self.grid, np.uint8)} if self.column else film

    def read(self, case: Case) -> CaseValues:
        """Image, labels, landmarks, frame, spacing and place of one case's film. Raises BadInput."""
        path = self.folder / case.image
        film = read_film(path, case.spacing)
        frame = letterbox(film.place.film, self.grid)
        values = self.blank()
        values["images"] = self._image(film.pixels, frame, path)
        values["frames"] = np.array(frame.row(), np.float32)
        values["places"] = np.array(film.place.row(), np.float32)
        if film.spacing:
            values["spacing"] = np.array(film.spacing, np.float32) / np.float32(frame.scale)
        corners = self._corners(case)
        if corners is not None:
            values["landmarks"] = frame.to_grid(film.place.to_film(corners)).astype(np.float32)
        if self.column:
            values["extra_spine_column"] = draw_column(values["landmarks"], self.grid) * frame.inside()
        values["labels"] = self._labels(case, film.place, frame, values["landmarks"])
        return values

    def _image(self, pixels: NDArray[np.float32], frame: Frame, path: Path) -> NDArray[np.uint8]:
        planes = [to_grey(pixels)] if self.channels == 1 else list(np.moveaxis(np.atleast_3d(pixels), 2, 0))
        small = np.stack([frame.resize(plane) for plane in planes])
        inside = frame.inside()
        low, high = np.percentile(small[:, inside], (0.1, 99.9))
        if not high > low:
            raise BadInput(path, "shows one grey value only", "Choose the file that holds the film.")
        # 0 is kept for what lies outside the film, so that the film's area can be found again.
        grey = np.rint(1 + 254 * np.clip((small - low) / (high - low), 0, 1)).astype(np.uint8) * inside
        return np.broadcast_to(grey, (self.channels, *self.grid))

    def _corners(self, case: Case) -> NDArray[np.float64] | None:
        if not case.landmarks:
            return None
        corners = self.tables[case.landmarks].get(case.case)
        if corners is None:
            reason = f"has no row for case {case.case!r}"
            raise BadInput(self.folder / case.landmarks, reason, "Add its vertebrae or empty the column landmarks.")
        return corners

    def _labels(self, case: Case, place: FilmPlace, frame: Frame, corners: NDArray[np.float32]) -> NDArray[np.uint8]:
        if case.mask:
            # A mask that preparing has written has the numbers of the classes; labels.yaml is of the user's own.
            names = self.names if Path(case.mask).is_absolute() else None
            mask = place.labels(read_mask(self.folder / case.mask, place.file, self.classes, names))
            if not mask.any():
                reason = "marks nothing in the part of the picture that is the film"
                raise BadInput(self.folder / case.mask, reason, "Compare the mask with the film.")
            return shrink_mask(mask, frame, len(self.classes))
        if not case.landmarks:
            reason = "has neither a mask nor landmarks"
            raise BadInput(self.folder / case.image, reason, "Name one of them in the manifest.")
        labels = np.minimum(draw_quadrilaterals(corners, self.grid), 1) * frame.inside()
        if not labels.any():
            reason = f"places every vertebra of case {case.case!r} outside its film"
            raise BadInput(self.folder / case.landmarks, reason, "Give corners in pixels of the film.")
        return labels.astype(np.uint8)


def shrink_mask(mask: NDArray[np.uint8], frame: Frame, count: int) -> NDArray[np.uint8]:
    """A class map of a film, uint8 [H, W] of 0 to `count`, on the grid of its `frame`."""
    shares = np.stack([frame.resize(mask == k) for k in range(1, count + 1)])
    # The class with the largest share of a grid pixel, where all classes together hold half of it.
    return ((shares.argmax(0) + 1) * (shares.sum(0) > 0.5)).astype(np.uint8)
