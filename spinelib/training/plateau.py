"""A learning rate that falls whenever the validation score stops rising."""

from __future__ import annotations

from dataclasses import dataclass

# A score has to rise by this fraction of the best one to count, as in torch.optim.lr_scheduler.ReduceLROnPlateau.
_THRESHOLD = 1e-4


@dataclass
class Plateau:
    """`factor` of the learning rate: times `decay` after more than `stall` validations in a row that are no better.

    With stall None the factor stays 1. Equals torch's ReduceLROnPlateau of mode max and its own defaults.
    """

    decay: float
    stall: int | None
    factor: float = 1.0
    best: float = float("-inf")
    waiting: int = 0

    def note(self, score: float) -> None:
        """Record the score of a validation."""
        if self.stall is None:
            return
        if score > self.best + _THRESHOLD * abs(self.best) or self.best == float("-inf"):
            self.best, self.waiting = score, 0
            return
        self.waiting += 1
        if self.waiting > self.stall:
            self.factor, self.waiting = self.factor * self.decay, 0
