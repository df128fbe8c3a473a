"""One call that augments a whole batch on the device it lies on."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from spinelib.core.devices import send
from spinelib.prediction.normalisation import film_area
from spinelib.training.augmentation.elastic import Elastic
from spinelib.training.augmentation.geometry import Geometry, warp
from spinelib.training.augmentation.intensity import Intensity

_GEOMETRY, _INTENSITY = Geometry(), Intensity()


class Moved(NamedTuple):
    """An augmented batch: images float32 [B,C,*S] grey 0..255, labels uint8 [B,*S], area bool [B,1,*S]."""

    images: Tensor
    labels: Tensor
    area: Tensor


class Augment:
    """Random affine maps, deformations and grey-level changes of a batch, from a generator of its own.

    The same seed gives the same sequence of batches; `state` holds all that decides the next one. Leaving
    out `geometry`, `intensity` or `elastic` (None) leaves that part as it is and draws nothing for it.
    """

    def __init__(
        self,
        geometry: Geometry | None = _GEOMETRY,
        intensity: Intensity | None = _INTENSITY,
        seed: int = 0,
        elastic: Elastic | None = None,
    ) -> None:
        self.geometry, self.intensity, self.elastic = geometry, intensity, elastic
        # On the CPU even for GPU batches: which images are changed is then known without waiting for the GPU.
        self.random = torch.Generator().manual_seed(seed)

    @property
    def state(self) -> Tensor:
        """State of the generator (uint8), for a checkpoint; assign it to go on from there."""
        return self.random.get_state()

    @state.setter
    def state(self, value: Tensor) -> None:
        self.random.set_state(value)

    def __call__(self, images: Tensor, labels: Tensor) -> Moved:
        """Augment images (uint8 or float [B,C,*S], grey 0..255, 0 outside the film) and labels [B,*S].

        Labels move with their image (nearest neighbour). Pass the returned `area`, the film after the move, to
        `normalise`: a turned film has no upright bounding box. The inputs are not changed.
        """
        grey, area = images.float() / 255.0, film_area(images)
        if self.geometry is not None or self.elastic is not None:
            marks = torch.stack([labels.float(), area[:, 0].float()], dim=1)
            grey, marks = warp(grey, marks, *self._moves(images))
            labels, area = marks[:, 0].to(torch.uint8), marks[:, 1:] > 0.5
        if self.intensity is not None:
            grey = self.intensity.apply(grey, self.random)
        return Moved(grey.mul_(255.0).mul_(area), labels, area)

    def _moves(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Maps and displacements for a batch, on its device."""
        count, size = len(images), tuple(images.shape[2:])
        still = torch.eye(len(size), len(size) + 1).repeat(count, 1, 1)
        maps = still if self.geometry is None else self.geometry.sample(count, size, self.random)
        push = None if self.elastic is None else self.elastic.sample(count, size, self.random, images.device)
        return send(maps, images.device), push
