"""Random numbers of a batch, every image from a generator of its own: a batch gives what its images give one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from spinelib.core.files import digest


class Draws:
    """One generator per image, on the CPU, so that every device gets the same numbers."""

    def __init__(self, seeds: Iterable[int], device: torch.device | str = "cpu") -> None:
        self.generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
        self.device = torch.device(device)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.generators)

    def uniform(self, count: int) -> Tensor:
        """Numbers 0..1, float32 [N,count]."""
        return torch.stack([torch.rand(count, generator=g) for g in self.generators]).to(self.device)

    def normal(self, shape: Sequence[int]) -> Tensor:
        """Standard normal numbers, float32 [N,*shape]."""
        return torch.stack([torch.randn(*shape, generator=g) for g in self.generators]).to(self.device)

    def poisson(self, rates: Tensor) -> Tensor:
        """Counts with the expectations `rates` [N,...], same shape and device."""
        drawn = [torch.poisson(rate, generator=g) for rate, g in zip(rates.cpu(), self.generators, strict=True)]
        return torch.stack(drawn).to(self.device)


def case_seeds(cases: Iterable[str], corruption: str, seed: int = 0) -> list[int]:
    """A seed for every case, the same for every method, severity and choice of other cases."""
    return [int(digest(str(seed), corruption, case), 16) % 2**62 for case in cases]
