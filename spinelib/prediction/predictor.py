"""The one way from a folder with weights to maps: evaluation, robustness, applied runs and notebooks all predict here.

The same film gives the same map everywhere, bit for bit: input grid, normalisation, number format, mirrored prediction,
windows and evaluation grid are those of the model card, and nothing is an option of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spinelib.cases.frame import letterbox
from spinelib.cases.stored import gathered
from spinelib.cases.volume_frame import frame_of, native_labels, place
from spinelib.core.devices import pick_device
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.models import METHODS
from spinelib.models.method import check_choice, resolve
from spinelib.prediction.card import Card
from spinelib.prediction.maps import (
    angles,
    mean_probabilities,
    predict,
    predict_angles,
    predict_labels,
    predict_logits,
    ready_network,
    to_labels,
)
from spinelib.prediction.precision import Precision
from spinelib.prediction.windows import window_probabilities, with_background

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

Index = Sequence[int] | np.ndarray
# Least probability that is told from 0.
TINY = 1e-12
# Films per pass.
BATCH = 16


@dataclass(frozen=True)
class FilmOutline:
    """The outline of one film.

    logits: float32 [K,h,w] on the input grid; labels: class map uint8 [H,W] on the evaluation grid; angles: three [3]
    in degrees, of a network that answers them itself, else None.
    """

    logits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    angles: NDArray[np.float32] | None


class Predictor:
    """A trained network with its card, in eval mode on its device."""

    def __init__(self, card: Card, network: Any, folder: Path) -> None:
        self.card, self.network, self.folder = card, network, folder

    @classmethod
    def from_folder(cls, folder: Path | str, device: str = "auto") -> Predictor:
        """The network whose `model.json` and `model.safetensors` lie in `folder`, to which nothing is written.

        Raises BadInput for a folder without both, a card of no known method, and weights that do not fit it.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise BadInput(folder, "is no folder", "Give reports/STUDY/runs/RUN, or a folder of released weights.")
        card = Card.read(folder)
        check_choice(card.method, METHODS, "method")
        network: nn.Module = resolve(METHODS[card.method].loader)(card, folder)
        return cls(card, network.to(pick_device(device)).eval(), folder)

    @property
    def name(self) -> str:
        """The entry's name in tables, in the form method/variant."""
        return self.card.name

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    @cached_property
    def digest(self) -> str:
        """Digest of card and weights, which identifies the network behind a result."""
        return digest(self.folder / CARD, self.folder / WEIGHTS)

    def labels(self, data: CaseArrays, index: Index | None = None) -> NDArray[np.uint8]:
        """Class maps uint8 [n,*evaluation grid] of the cases `index` (None: all) of `data`, on the input grid.

        Background outside the part of the grid that shows the case. Volumes are predicted in their own voxels
        (`native_labels`), and this is the nearest of these. Raises BadInput for data on another grid.
        """
        self._check(data)
        chosen = np.arange(len(data)) if index is None else np.asarray(index, int)
        grid = self.card.evaluation_grid
        if not len(chosen):
            return np.zeros((0, *grid), np.uint8)
        if self.card.dims == 3:
            return gathered((self._on_grid(self.native_labels(data, int(i)))[None] for i in chosen), len(chosen))
        found = predict_labels(self.network, data, chosen, BATCH, grid=self._regrid(data.grid), **self._options)
        for labels, i in zip(found, chosen, strict=True):
            labels *= self._inside(data.frames[i, 3:])
        return found

    def chances(self, data: CaseArrays, index: Index) -> NDArray[np.float32]:
        """Probabilities [n,1+K,*S] of background and classes of the cases `index` of `data`, on the input grid.

        S is the evaluation grid of films, the input grid of volumes. Raises BadInput for data on another grid.
        """
        self._check(data)
        if self.card.dims == 3:
            return np.stack([self.volume_chances(data.images[int(i)]) for i in index]).astype(np.float32)
        found = predict(self.network, data, np.asarray(index), BATCH, grid=self._regrid(data.grid), **self._options)
        return np.stack([with_background(each) for each in found.astype(np.float32)])

    def native_labels(self, data: CaseArrays, case: int) -> NDArray[np.uint8]:
        """The class of every voxel of one volume's own grid, uint8 [d,h,w]; case: position in `data`."""
        self._check(data)
        return self.volume(data.images[case], data.frames[case])

    def volume(self, image: NDArray[np.uint8], frame: NDArray[np.floating]) -> NDArray[np.uint8]:
        """The class of every voxel, uint8 [d,h,w], of a volume uint8 [1,D,H,W] on the input grid with its frame [9]."""
        return native_labels(self.volume_chances(image), np.asarray(frame, np.float32))

    def volume_chances(self, image: NDArray[np.uint8]) -> NDArray[np.floating]:
        """Probabilities [1+K,D,H,W] of background and classes, of a volume uint8 [1,D,H,W] on the input grid."""
        images = torch.from_numpy(np.ascontiguousarray(image[None]))
        options: dict[str, Any] = {"local": self.card.local, "precision": self.card.precision}
        window = self.card.window or self.card.input_grid
        return with_background(window_probabilities(self.network, images, window, **options)[0].numpy())

    def angles(self, data: CaseArrays, index: Index | None = None) -> NDArray[np.float32] | None:
        """The three AASCE angles float32 [n,3] in degrees, of a network that answers them itself; else None."""
        if not hasattr(self.network, "angles"):
            return None
        self._check(data)
        chosen = np.arange(len(data)) if index is None else np.asarray(index, int)
        return predict_angles(self.network, data, chosen, BATCH, **self._options)

    @torch.inference_mode()
    def film(self, image: NDArray[np.uint8], native: tuple[int, int]) -> FilmOutline:
        """Outline one film, uint8 [C,h,w] on the input grid, which has `native` (height, width) px in its file."""
        images = torch.from_numpy(np.array(image[None])).to(self.device)
        precision, how = Precision(self.card.precision), {"local": self.card.local, "flip": self.card.flip}
        several = predict_logits(self._ready, images, precision, **how)
        probabilities = mean_probabilities(several, np.array([native]), self._regrid(image.shape[1:]))
        labels = to_labels(probabilities.half().cpu().numpy())[0] * self._inside(native)
        own = angles(self._ready, images, precision, **how) if hasattr(self.network, "angles") else None
        return FilmOutline(_logits(several), labels, None if own is None else own[0].cpu().numpy())

    @cached_property
    def _ready(self) -> nn.Module:
        """The network as it predicts films fastest, made once: nothing changes it any more."""
        blank = torch.zeros((1, self.card.channels, *self.card.input_grid), dtype=torch.uint8, device=self.device)
        return ready_network(self.network, blank, Precision(self.card.precision), self.card.local)

    def _regrid(self, grid: Sequence[int]) -> tuple[int, int] | None:
        """The evaluation grid, where it is another one."""
        wanted = self.card.evaluation_grid
        return None if wanted == tuple(grid) else (wanted[0], wanted[1])

    def _on_grid(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Native labels [d,h,w] of a volume at the nearest voxels of the evaluation grid."""
        # The numbers of a frame are kept as float32, as the study's arrays keep them.
        row = np.array(place(labels.shape, self.card.evaluation_grid).row(), np.float32)
        return frame_of(row, self.card.evaluation_grid).nearest(labels)

    def _inside(self, native: Any) -> NDArray[np.bool_]:
        height, width = (int(size) for size in native)
        return letterbox((height, width), (self.card.evaluation_grid[0], self.card.evaluation_grid[1])).inside()

    @property
    def _options(self) -> dict[str, Any]:
        return {"local": self.card.local, "flip": self.card.flip, "precision": self.card.precision}

    def _check(self, data: CaseArrays) -> None:
        if tuple(data.grid) != self.card.input_grid:
            reason = f"sees {list(self.card.input_grid)}, and these data lie on {list(data.grid)}"
            raise BadInput(self.name, reason, "Load the data on the input grid of its card.")


def _logits(several: list[Tensor]) -> NDArray[np.float32]:
    """Logits [K,h,w] of one film; of several answers those of their mean probability."""
    if len(several) == 1:
        return several[0][0].cpu().numpy()
    # On the CPU: GPUs of Macs have no double precision.
    probabilities = mean_probabilities(several, np.zeros((1, 2)), None)[0].cpu().double()
    # A class that is certainly not there has no logarithm, and between two infinities nothing can be interpolated.
    odds = torch.log(probabilities.clamp_min(TINY)) if len(probabilities) > 1 else torch.logit(probabilities, eps=TINY)
    return odds.float().numpy()
