"""The stages of the walk answered from labels instead of by networks: which stage makes the others fail.

(C) Ours. A pipeline whose stages hand on their errors is judged one stage at a time: every stage but one is replaced by
what a faultless one would say.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spinelib.spinefm.ends import BACKGROUND, LOWER_END, UPPER_END, VERTEBRA
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.walk import Stages

_SURE = 10.0  # logit of a pixel that is known
_REACH = 0.75  # of a vertebra's side: a point farther from every centre is background


class Truth:
    """What faultless stages say on film `i` of `films`; its ends beyond the labels are discs of a vertebra's size."""

    def __init__(self, films: Labelled, i: int) -> None:
        self.side = float(np.sqrt(np.median(films.areas[i][films.areas[i] > 0])))
        self._numbers = torch.from_numpy(films.numbers[i].astype(np.int64))
        known = [(c, VERTEBRA, k) for k, c in enumerate(films.centres[i], 1) if np.isfinite(c).all()]
        for at, category in ((0, UPPER_END), (1, LOWER_END)):
            self._add_end(known, films.ends[i, at], category)
        self.centres = np.array([centre for centre, _, _ in known])
        self._classes = [category for _, category, _ in known]
        self._values = [number for _, _, number in known]

    @staticmethod
    def _add_end(known: list, end: NDArray[np.float64], category: int) -> None:
        """A labelled end takes the place of its vertebra, one beyond the labels comes before or behind the chain."""
        if not np.isfinite(end).all():
            return
        place = 0 if category == UPPER_END else len(known) - 1
        if np.allclose(known[place][0], end):
            known[place] = (end, category, known[place][2])
        else:
            known.insert(0 if category == UPPER_END else len(known), (end, category, 0))

    @property
    def vertebrae(self) -> NDArray[np.float64]:
        """Centres (x, y) [K,2] px of the labelled vertebrae from above."""
        return self.centres[[number > 0 for number in self._values]]

    def segment(self, films: Tensor, which: Tensor, points: Tensor) -> Tensor:
        """Logits [B,H,W] of the vertebra or end nearest to each of points [B,2]; nothing where none is near."""
        return torch.stack([self._mask(point) for point in points.cpu().numpy()]).to(films.device)

    def predict(self, points: Tensor, grid: tuple[int, int]) -> Tensor:
        """The next true centre [B,2] after points [B,3,2]; straight on beyond the last."""
        return torch.stack([self._next(window) for window in points])

    def classify(self, films: Tensor, which: Tensor, points: Tensor) -> Tensor:
        """True classes [B] at points [B,2]."""
        found = [self._near(point) for point in points.cpu().numpy()]
        return torch.tensor([BACKGROUND if k is None else self._classes[k] for k in found], device=points.device)

    def instead(self, stages: Stages, which: tuple[str, ...]) -> Stages:
        """`stages` with those named in `which` ("segmenter", "predictor", "ends") replaced by the truth."""
        answers = {"segmenter": "segment", "predictor": "predict", "ends": "classify"}
        return replace(stages, **{answers[name]: getattr(self, answers[name]) for name in which})

    def _near(self, point: NDArray[np.float32]) -> int | None:
        distances = np.linalg.norm(self.centres - point, axis=1)
        k = int(distances.argmin())
        return k if distances[k] <= _REACH * self.side else None

    def _mask(self, point: NDArray[np.float32]) -> Tensor:
        k = self._near(point)
        if k is None:
            return torch.full(self._numbers.shape, -_SURE)
        if self._values[k]:
            inside = self._numbers == self._values[k]
        else:
            x, y = self.centres[k]
            rows, columns = torch.meshgrid(*(torch.arange(size) for size in self._numbers.shape), indexing="ij")
            inside = (rows - y) ** 2 + (columns - x) ** 2 < (self.side / 2) ** 2
        return torch.where(inside, _SURE, -_SURE)

    def _next(self, window: Tensor) -> Tensor:
        places = [self._near(point) for point in window.cpu().numpy()]
        first, last = places[0], places[2]
        if first is None or last is None or first == last:
            return 2 * window[2] - window[1]
        k = last + (1 if last > first else -1)
        if not 0 <= k < len(self.centres):
            return 2 * window[2] - window[1]
        return torch.as_tensor(self.centres[k], dtype=window.dtype, device=window.device)
