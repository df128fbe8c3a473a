"""What a corruption is, and how one is applied to a whole batch.

(C, our choice) One draw serves all severities of an image: a letter lies in the same place at severity 1 and 5, so that
only the severity differs. Greys are stored as films are, whole numbers where these are whole numbers, and what lay
outside the film stays 0: a corruption is what comes to the network, not what happens inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import torch
from torch import Tensor

from spinelib.corruptions.draws import Draws
from spinelib.prediction.normalisation import film_area
from spinelib.training.augmentation.geometry import warp

SEVERITIES = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Scene:
    """What a corruption may look at beside the greys: draws, film area bool [N,1,*S], labels uint8 [N,*S]."""

    draws: Draws
    area: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Corruption:
    """One way in which an image gets worse.

    family: module of this package with a function called `name`, unless `function` names one as ``module:name``;
    levels: strength at severity 1 to 5, in `unit`; dims: 2 for films, 3 for volumes, 0 for both; moves: the geometry
    changes, and labels move with the image. The function takes greys float [N,C,*S] (0..1), a level and a `Scene` and
    gives new greys, not yet clipped; one that moves takes the same and gives maps [N,d,d+1] from output to input as
    `torch.affine_grid` takes them. Raises ValueError for another number of levels and other dims.
    """

    name: str
    title: str
    family: str
    levels: tuple[float, ...]
    unit: str
    dims: int = 0
    moves: bool = False
    function: str = ""

    def __post_init__(self) -> None:
        if len(self.levels) != len(SEVERITIES) or self.dims not in (0, 2, 3):
            raise ValueError(f"{self.name}: one level for each of {len(SEVERITIES)} severities, dims 0, 2 or 3")

    @property
    def change(self) -> Callable[[Tensor, float, Scene], Tensor]:
        """The function, imported on first use."""
        module, _, name = (self.function or f"{__package__}.{self.family}:{self.name}").partition(":")
        found: Any = getattr(import_module(module), name)
        return found

    @property
    def range(self) -> str:
        """Unit and levels from severity 1 to 5, in words; the unit alone without degrees."""
        first, last = self.levels[0], self.levels[-1]
        return self.unit if first == last else f"{self.unit}: {first:g} to {last:g}"

    def fits(self, dims: int) -> bool:
        """Whether images of so many axes meet it."""
        return self.dims in (0, dims)


class Corrupted(NamedTuple):
    """A corrupted batch: images [N,C,*S] of the dtype given, labels uint8 [N,*S], area bool [N,1,*S]."""

    images: Tensor
    labels: Tensor
    area: Tensor


def corrupt(corruption: Corruption, images: Tensor, labels: Tensor, severity: int, seeds: Iterable[int]) -> Corrupted:
    """Corrupt a batch: images (uint8 or float [N,C,*S], grey 0..255, 0 outside the film) and labels uint8 [N,*S].

    seeds: one per image. Severity 0 changes nothing. Labels move (nearest neighbour) only with a corruption that moves
    the geometry. The inputs are not changed. Raises ValueError for a severity beyond 0..5 and images of other axes.
    """
    dims = images.dim() - 2
    if not 0 <= severity <= len(SEVERITIES) or not corruption.fits(dims):
        raise ValueError(f"{corruption.name} has no severity {severity} for images of {dims} axes")
    area = film_area(images)
    if severity == 0:
        return Corrupted(images.clone(), labels.clone(), area)
    level = corruption.levels[severity - 1]
    scene = Scene(Draws(seeds, images.device), area, labels)
    grey = ((images.float() - 1) / 254).clamp(0, 1) * area
    if corruption.moves:
        marks = torch.stack([labels.float(), area[:, 0].float()], dim=1)
        grey, marks = warp(grey, marks, corruption.change(grey, level, scene).to(grey.device))
        labels, area = marks[:, 0].to(labels.dtype), marks[:, 1:] > 0.5
    else:
        grey, labels = corruption.change(grey, level, scene), labels.clone()
    return Corrupted(_stored(grey, area, images.dtype), labels, area)


def _stored(grey: Tensor, area: Tensor, kind: torch.dtype) -> Tensor:
    """Greys 0..1 as 1..255 inside the film and 0 outside."""
    values = (1 + 254 * grey.clamp(0, 1)) * area
    return values.to(kind) if kind.is_floating_point else values.round().to(kind)
