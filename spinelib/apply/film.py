"""One film: its mask in the pixels of its file, and the Cobb angles of a spine.

(C, our choice) The mask comes from the network's logits, resampled (bilinear) to the film's pixels, and is then taken
to those of the file. Angles are read from the map on the evaluation grid, on which the reading of masks was made and
the study's errors were measured; their corners are then taken to pixels of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.native import native_map
from spinelib.apply.side import SideVertebra, outline_side
from spinelib.cases.film import Reader
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.frame import Frame, letterbox
from spinelib.cases.readers.film import Film, read_film
from spinelib.measures.cobb.masks import from_mask
from spinelib.measures.cobb.reading import Reading
from spinelib.measures.cobb.table import STRUCTURE, film_place

if TYPE_CHECKING:
    from spinelib.prediction.card import Card
    from spinelib.prediction.predictor import Predictor
    from spinelib.spinefm.read import FilmReading


@dataclass(frozen=True)
class OutlinedFilm:
    """The outline of one film [H, W] by a run.

    film: the film as read, with its place in the file; labels: class map uint8 [H, W] in px of the file, 0 outside the
    film; on_grid: the same on the evaluation grid, as the study scored it (of a film from the side on
    the network's); reading: Cobb angles in the film's true
    geometry with corners in px of the file, None where no spine is outlined; answers: three angles [3] in degrees that
    the network gives itself, None without; image: uint8 [C, h, w] as the network sees it; logits: float32 [K, h, w] of
    its answer on that grid, None where it has none (films from the side). names: of the numbers in `labels`; side: the
    vertebrae of a film from the side, from above, corners in px of the file; walked: what was read on that film, None
    of one from the front.
    """

    film: Film
    labels: NDArray[np.uint8]
    on_grid: NDArray[np.uint8]
    reading: Reading | None
    answers: NDArray[np.float32] | None
    image: NDArray[np.uint8]
    logits: NDArray[np.float32] | None = None
    names: Mapping[int, str] = field(default_factory=lambda: {1: STRUCTURE})
    side: tuple[SideVertebra, ...] = ()
    walked: FilmReading | None = None


class _Films(Reader):
    """Reads films that have no label."""

    def see(self, film: Film, path: Path) -> tuple[NDArray[np.uint8], Frame]:
        """A film on the grid [C, h, w], and where it lies there. Raises BadInput for a film of one grey."""
        frame = letterbox(film.place.film, self.grid)
        return self._image(film.pixels, frame, path), frame


def outline_film(predictor: Predictor, path: Path, film: Film | None = None) -> OutlinedFilm:
    """Outline one film; `film`: what `path` holds, where it has been read. Raises BadInput for a file without use."""
    film, card = film or read_film(path), predictor.card
    reader = _Films(path.parent, [], (card.input_grid[0], card.input_grid[1]), card.channels, card.classes)
    image, frame = reader.see(film, path)
    if card.pipeline.get("named"):
        side = outline_side(predictor, film, image, frame)
        seen = (side.names, side.vertebrae, side.walked)
        return OutlinedFilm(film, side.labels, side.on_grid, None, None, image, None, *seen)
    found = predictor.film(image, frame.native)
    labels, names = film.place.back(native_map(found.logits, frame)), dict(enumerate(card.classes, 1))
    reading = grid_reading(card, found.labels, film.place)
    return OutlinedFilm(film, labels, found.labels, reading, found.angles, image, found.logits, names)


def grid_reading(card: Card, on_grid: NDArray[np.uint8], place: FilmPlace) -> Reading | None:
    """Cobb angles of a spine on the evaluation grid, the corners in px of the file; None for other structures."""
    if card.classes != (STRUCTURE,):
        return None
    frame = letterbox(place.film, (card.evaluation_grid[0], card.evaluation_grid[1]))
    reading = from_mask(on_grid, film_place(np.array(frame.row(), np.float32)))
    return replace(reading, corners=np.asarray(place.to_file(frame.to_native(reading.corners)), float))
