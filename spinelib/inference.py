"""One prediction path for every method: normalise, run in the run's precision, resample logits, probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.augment import normalise
from spinelib.devices import Store
from spinelib.precision import Precision

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """`model` in eval mode and without gradients inside, as it was afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield model
    finally:
        model.train(was_training)


def logits(model: nn.Module, images: Tensor, precision: Precision, local: bool = False) -> Tensor:
    """Logits float32 [B,K,*S] of stored images (uint8 or float [B,C,*S], grey 0..255), at their size."""
    outputs = precision.forward(model, normalise(images, local))
    return outputs if isinstance(outputs, Tensor) else outputs["logits"]


def probabilities(scores: Tensor, grid: Sequence[int] | None = None) -> Tensor:
    """Logits [B,K,*S] to probabilities on `grid` (default *S): sigmoid for one channel, softmax for more.

    The logits are resampled (linear, edges aligned), not the probabilities.
    """
    if grid is not None and tuple(grid) != tuple(scores.shape[2:]):
        mode = "bilinear" if scores.dim() == 4 else "trilinear"
        scores = F.interpolate(scores, size=tuple(grid), mode=mode, align_corners=False)
    return torch.sigmoid(scores) if scores.shape[1] == 1 else torch.softmax(scores, dim=1)


def to_labels(chances: np.ndarray) -> np.ndarray:
    """Probabilities [n,K,*S] to the class map uint8 [n,*S]: at least 0.5 for K = 1, else the likeliest class."""
    if chances.shape[1] == 1:
        return (chances[:, 0] >= 0.5).astype(np.uint8)
    return chances.argmax(axis=1).astype(np.uint8)


def predict(
    model: nn.Module,
    data: CaseArrays,
    index: Sequence[int] | np.ndarray,
    batch: int = 16,
    *,
    grid: Sequence[int] | None = None,
    flip: bool = False,
    local: bool = False,
    precision: str = "float32",
    memory_mb: float | None = None,
) -> np.ndarray:
    """Probabilities float16 [n,K,*grid] of the cases `index` of `data`, computed on the model's device.

    grid: size they are wanted at (default: the data's own). flip: average with the prediction of the mirrored
    image. local and precision: as the model was trained (`History.facts["precision"]`). memory_mb: as for
    `spinelib.devices.Store`.
    """
    device = next(model.parameters()).device
    chosen = Precision(precision)
    store = Store(data.images, data.labels, device, memory_mb)
    order = torch.as_tensor(np.asarray(index), dtype=torch.int64).split(batch)
    parts = []
    with evaluating(chosen.arrange(model)):
        for images, _ in store.stream(order):
            chances = probabilities(logits(model, images, chosen, local), grid)
            if flip:
                mirrored = probabilities(logits(model, images.flip(-1), chosen, local), grid)
                chances = (chances + mirrored.flip(-1)) / 2
            parts.append(chances.half().cpu().numpy())
    return np.concatenate(parts)


def predict_labels(
    model: nn.Module, data: CaseArrays, index: Sequence[int] | np.ndarray, batch: int = 16, **options: Any
) -> np.ndarray:
    """Class maps uint8 [n,*grid] of the cases `index`, without holding all probabilities at once.

    `options` are those of `predict`.
    """
    chunks = [index[begin : begin + 16 * batch] for begin in range(0, len(index), 16 * batch)]
    return np.concatenate([to_labels(predict(model, data, chunk, batch, **options)) for chunk in chunks])
