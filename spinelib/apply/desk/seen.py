"""One film as a network sees it: its outline and its reading at any threshold, in pixels of the film.

(C, our choice) The threshold is a probability. At 0.5 the reading is the one of the results table; at any other the
logits are moved so that this probability takes the place of 0.5, and everything else stays as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.apply.film import OutlinedFilm, grid_reading, outline_film
from spinelib.cases.frame import Frame, letterbox
from spinelib.measures.cobb.reading import Reading, empty_reading
from spinelib.measures.cobb.rules import Floats

if TYPE_CHECKING:
    from spinelib.prediction.card import Card
    from spinelib.prediction.predictor import Predictor

USUAL = 0.5
# Further out a network that is sure of itself answers nothing else.
LOWEST, HIGHEST = 0.02, 0.98
# Logit of what is certainly not outlined.
NEVER = -30.0


@dataclass(frozen=True)
class SeenFilm:
    """The film in the file `path`, what the network of the model card `card` found there, and its size (h, w) in px."""

    path: Path
    found: OutlinedFilm
    card: Card

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the film, px: upright, square pixels, without what surrounds it in the file."""
        return self.found.film.place.film

    @property
    def adjustable(self) -> bool:
        """Whether a threshold means anything: one structure against everything else."""
        return self.found.logits is not None and len(self.found.logits) == 1

    @property
    def logits(self) -> NDArray[np.float32]:
        """The network's on its grid [K, h, w]; of a film from the side, read part by part, of what was outlined."""
        if self.found.logits is not None:
            return self.found.logits
        return np.where(self.found.on_grid > 0, -NEVER, NEVER)[None].astype(np.float32)

    def reading(self, threshold: float = USUAL) -> Reading:
        """Cobb angles at a threshold, corners in px of the film; empty for other structures than a spine."""
        place = self.found.film.place
        found = self.found.reading if threshold == USUAL else grid_reading(self.card, self._labels(threshold), place)
        if found is None:
            return empty_reading(f"angles are those of a spine, not of {', '.join(self.card.classes)}")
        return replace(found, corners=np.asarray(place.to_film(found.corners), float))

    def outline(self, threshold: float = USUAL) -> list[Floats]:
        """Closed lines [P, 2] (x, y) px of the film around what is outlined at a threshold, holes too."""
        frame, lines = self._frame, []
        edge = np.array(self.size[::-1]) - 0.5
        for margin in _margins(self.logits, threshold):
            lines += [np.clip(frame.to_native(line), -0.5, edge) for line in _contours(margin, frame)]
        return lines

    @property
    def _frame(self) -> Frame:
        return letterbox(self.size, (self.card.input_grid[0], self.card.input_grid[1]))

    def _labels(self, threshold: float) -> NDArray[np.uint8]:
        """The map of one structure on the evaluation grid, uint8 [H, W]."""
        import torch

        from spinelib.prediction.maps import regrid

        grid = (self.card.evaluation_grid[0], self.card.evaluation_grid[1])
        scores = regrid(torch.from_numpy(self.logits[None]), np.array([self.size]), grid)[0, 0].numpy()
        return (scores >= _logit(threshold)).astype(np.uint8)


def see_film(predictor: Predictor, path: Path) -> SeenFilm:
    """Outline the film in the file `path` and keep what the network said. Raises BadInput for a file of no use."""
    return SeenFilm(path, outline_film(predictor, path), predictor.card)


def _logit(threshold: float) -> float:
    share = min(max(threshold, LOWEST), HIGHEST)
    return math.log(share / (1 - share))


def _margins(logits: NDArray[np.float32], threshold: float) -> list[NDArray[np.float32]]:
    """For every structure by how much it wins [h, w], 0 on its outline; the first of several logits is background."""
    if len(logits) == 1:
        return [logits[0] - np.float32(_logit(threshold))]
    return [logits[k] - np.delete(logits, k, 0).max(0) for k in range(1, len(logits))]


def _contours(margin: NDArray[np.float32], frame: Frame) -> list[Floats]:
    """Lines of level 0, px (x, y) of the grid, closed at the border of the film."""
    from contourpy import contour_generator

    top, left, height, width = frame.place
    film = np.pad(margin[top : top + height, left : left + width], 1, constant_values=NEVER)
    lines = contour_generator(z=film).lines(0.0)
    return [np.asarray(line, float) + np.array([left - 1, top - 1]) for line in lines]
