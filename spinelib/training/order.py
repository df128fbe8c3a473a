"""Which training cases make up which step: a function of seed and step alone, so that resuming is exact."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor


class Order:
    """Endless shuffled passes over `index`, cut into batches of one size (a batch may span two passes)."""

    def __init__(self, index: np.ndarray, batch: int, seed: int) -> None:
        self._index = torch.as_tensor(np.asarray(index), dtype=torch.int64)
        self._batch, self._seed = batch, seed
        self._shuffled = lru_cache(maxsize=4)(self._shuffle)

    def batch(self, step: int) -> Tensor:
        """Cases (int64 [batch]) of step `step`, from 0."""
        begin, count = step * self._batch, len(self._index)
        passes = range(begin // count, (begin + self._batch - 1) // count + 1)
        stretch = torch.cat([self._shuffled(number) for number in passes])
        return stretch[begin - passes[0] * count :][: self._batch]

    def _shuffle(self, number: int) -> Tensor:
        random = np.random.default_rng([self._seed, number])
        return self._index[torch.from_numpy(random.permutation(len(self._index)))]
