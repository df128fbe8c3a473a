"""Corners of one film while somebody corrects them: moved, read again, taken back. Knows no screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spinelib.apply.desk.seen import USUAL, SeenFilm
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.measures.cobb.reading import Reading, from_corners
from spinelib.measures.cobb.rules import Floats

# Steps that can be taken back.
DEPTH = 200


@dataclass(frozen=True)
class _State:
    """The threshold of the mask, corners [V, 4, 2] px of the film, what they say, and whether anybody has moved one."""

    threshold: float
    corners: Floats
    reading: Reading
    corrected: bool


class Correction:
    """The corners of one film, the reading that follows from them, and the way back.

    seen: the film as the network saw it. Corners are [V, 4, 2] px of the film (x, y), TL, TR, BL, BR, from the top.
    """

    def __init__(self, seen: SeenFilm) -> None:
        self.seen = seen
        self._now = self._read(USUAL)
        self._past: list[_State] = []
        self._step: Any = None

    @property
    def corners(self) -> Floats:
        """The corners as they are now."""
        return self._now.corners

    @property
    def threshold(self) -> float:
        """The probability from which on a pixel is outlined."""
        return self._now.threshold

    @property
    def corrected(self) -> bool:
        """Whether the corners are no longer those that were read."""
        return self._now.corrected

    @property
    def names(self) -> list[str]:
        """T1 to L5 where there are seventeen vertebrae, else numbers from the top."""
        count = len(self.corners)
        return list(LEVELS) if count == len(LEVELS) else [str(k) for k in range(1, count + 1)]

    @property
    def reading(self) -> Reading:
        """Cobb angles of the corners as they are now; of untouched ones all that the reading of the mask says."""
        return self._now.reading

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    def move(self, corners: ArrayLike, step: Any = None) -> None:
        """Take the corners over, kept within the film; moves of one `step` are taken back together.

        Raises ValueError for another number of vertebrae and for what is no number.
        """
        given = np.asarray(corners, float)
        if given.shape != self.corners.shape or not np.isfinite(given).all():
            raise ValueError(f"corners must be {list(self.corners.shape)} finite numbers")
        self._correct(np.clip(given, -0.5, np.array(self.seen.size[::-1]) - 0.5), step)

    def read_at(self, threshold: float, step: Any = None) -> None:
        """Read the mask again at another threshold; corners that were moved can be brought back by `undo`."""
        self._put(self._read(threshold), step)

    def remove(self, vertebra: int) -> None:
        """Leave one vertebra out. Raises ValueError for one that is not there."""
        self._check(vertebra)
        self._correct(np.delete(self.corners, vertebra, 0))

    def add_below(self, vertebra: int) -> None:
        """Put one more halfway between a vertebra and the next; below the last, as far from it as the one above is.

        Raises ValueError for a vertebra that is not there.
        """
        self._check(vertebra)
        quads = self.corners
        if vertebra + 1 < len(quads):
            fresh = (quads[vertebra] + quads[vertebra + 1]) / 2
        else:
            fresh = 2 * quads[vertebra] - quads[vertebra - 1]
        self._correct(np.insert(quads, vertebra + 1, fresh, 0))

    def undo(self) -> None:
        """Take the last step back."""
        if self._past:
            self._now, self._step = self._past.pop(), None

    def reset(self) -> None:
        """Go back to what was read at the usual threshold."""
        self._put(self._read(USUAL), None)

    def _read(self, threshold: float) -> _State:
        reading = self.seen.reading(threshold)
        return _State(threshold, reading.corners, reading, False)

    def _correct(self, corners: Floats, step: Any = None) -> None:
        # Rows count within the film itself, as the corners do.
        reading = from_corners(corners, (0.0, float(self.seen.size[0])))
        self._put(_State(self.threshold, corners, reading, True), step)

    def _check(self, vertebra: int) -> None:
        if not 0 <= vertebra < len(self.corners):
            raise ValueError(f"there is no vertebra {vertebra} of {len(self.corners)}")

    def _put(self, state: _State, step: Any) -> None:
        if step is None or step != self._step:
            self._past = [*self._past[-DEPTH:], self._now]
        self._now, self._step = state, step
