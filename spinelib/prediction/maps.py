"""One prediction path for every method: normalise, run in the run's precision, resample logits, probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.cases.frame import letterbox
from spinelib.cases.stored import gathered
from spinelib.core.devices import Store
from spinelib.core.errors import BadInput
from spinelib.models.layers import probabilities
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

# Logit whose probability is 0 or 1 in half precision.
_CERTAIN = 30.0


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Context with `model` in eval mode and without gradients; its mode is restored afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield model
    finally:
        model.train(was_training)


def logits(model: nn.Module, images: Tensor, precision: Precision, local: bool = False) -> Tensor:
    """Logits float32 [B,K,*S] of stored images (uint8 or float [B,C,*S], grey 0..255), at their size.

    Computed by a copy of the model that is made for prediction (`spinelib.prediction.fused`).
    """
    inputs = normalise(images, local)
    found: Tensor = prepared_network(model, precision, inputs)(inputs)
    return found


def regrid(scores: Tensor, natives: np.ndarray, grid: tuple[int, int]) -> Tensor:
    """Logits [B,K,H,W] of letterboxed films on another letterboxed `grid`, background outside the film.

    natives: [B,2] height and width of each film in px. The part of the grid that shows the film is resampled
    (bilinear, edges aligned); logits, not probabilities, so that a boundary at 0.5 stays where it is.
    """
    out = scores.new_full((*scores.shape[:2], *grid), -_CERTAIN)
    if scores.shape[1] > 1:
        out[:, 0] = _CERTAIN
    for i, (height, width) in enumerate(natives.astype(int).tolist()):
        there, here = (letterbox((height, width), g).place for g in ((scores.shape[-2], scores.shape[-1]), grid))
        film = scores[i : i + 1, :, there[0] : there[0] + there[2], there[1] : there[1] + there[3]]
        film = F.interpolate(film, size=here[2:], mode="bilinear", align_corners=False)
        out[i, :, here[0] : here[0] + here[2], here[1] : here[1] + here[3]] = film[0]
    return out


def to_labels(values: np.ndarray) -> np.ndarray:
    """Probabilities [n,K,*S] to the class map uint8 [n,*S]: at least 0.5 for K = 1, else the likeliest class."""
    if values.shape[1] == 1:
        return (values[:, 0] >= 0.5).astype(np.uint8)
    return values.argmax(axis=1).astype(np.uint8)


def ready_network(model: nn.Module, images: Tensor, precision: Precision, local: bool) -> nn.Module:
    """`model` as it predicts stored images of this shape fastest: a prepared copy, or itself if it has an `outline`."""
    return model if hasattr(model, "outline") else prepared_network(model, precision, normalise(images, local))


def predict_logits(model: nn.Module, images: Tensor, precision: Precision, *, local: bool, flip: bool) -> list[Tensor]:
    """Logits float32 [B,K,*S] of stored images (uint8 [B,C,*S]) at their size; with `flip` of the mirrored ones too.

    A model that needs more than one forward pass has a method `outline`, which gives its logits.
    """
    outline: Any = getattr(model, "outline", None)
    if outline is not None:
        return [outline(images)]
    found = [logits(model, images, precision, local)]
    return [*found, logits(model, images.flip(-1), precision, local).flip(-1)] if flip else found


def mean_probabilities(several: list[Tensor], natives: np.ndarray, grid: tuple[int, int] | None) -> Tensor:
    """Probabilities [B,K,*S], the mean of several logits, on `grid` where one is given (films of `natives` px)."""
    if grid is not None:
        several = [regrid(each, natives, grid) for each in several]
    return torch.stack([probabilities(each) for each in several]).mean(0)


def predict(
    model: nn.Module,
    data: CaseArrays,
    index: Sequence[int] | np.ndarray,
    batch: int = 16,
    *,
    grid: tuple[int, int] | None = None,
    flip: bool = False,
    local: bool = False,
    precision: str = "float32",
    memory_mb: float | None = None,
) -> np.ndarray:
    """Probabilities float16 [n,K,*S] of the cases `index` of `data`, computed on the model's device.

    grid: letterboxed grid they are wanted on, for films (default: the data's own). flip: average with the
    prediction of the mirrored image. local and precision: as the model was trained
    (`History.facts["precision"]`). memory_mb: as for `spinelib.core.devices.Store`.
    """
    device = next(model.parameters()).device
    chosen = Precision(precision)
    store = Store(data.images, {}, device, memory_mb)
    order = torch.as_tensor(np.asarray(index), dtype=torch.int64).split(batch)
    parts = []
    with torch.inference_mode():
        for part, (images, _) in zip(order, store.stream(order), strict=True):
            model = ready_network(model, images, chosen, local)
            several = predict_logits(model, images, chosen, local=local, flip=flip)
            natives = data.frames[part.numpy(), 3:]
            parts.append(mean_probabilities(several, natives, grid).half().cpu().numpy())
    return np.concatenate(parts)


def predict_labels(
    model: nn.Module, data: CaseArrays, index: Sequence[int] | np.ndarray, batch: int = 16, **options: Any
) -> np.ndarray:
    """Class maps uint8 [n,*grid] of the cases `index`, written as they come, without holding all probabilities at once.

    `options` are those of `predict`. Raises ValueError without a case.
    """
    chunks = (index[begin : begin + 16 * batch] for begin in range(0, len(index), 16 * batch))
    return gathered((to_labels(predict(model, data, chunk, batch, **options)) for chunk in chunks), len(index))


def predict_angles(
    model: nn.Module,
    data: CaseArrays,
    index: Sequence[int] | np.ndarray,
    batch: int = 16,
    *,
    flip: bool = False,
    local: bool = False,
    precision: str = "float32",
    memory_mb: float | None = None,
) -> np.ndarray:
    """The three AASCE angles float32 [n,3] in degrees of the cases `index`, from a model that answers them itself.

    flip: average with the answer to the mirrored image, whose angles are the same. The other options are those of
    `predict`. Raises BadInput for a model without angles.
    """
    if getattr(model, "angles", None) is None:
        raise BadInput("model", f"{type(model).__name__} answers no angles", "Use a method that does: seg4regplus.")
    store = Store(data.images, {}, next(model.parameters()).device, memory_mb)
    order = torch.as_tensor(np.asarray(index), dtype=torch.int64).split(batch)
    chosen, parts = Precision(precision), []
    with torch.inference_mode():
        for images, _ in store.stream(order):
            model = ready_network(model, images, chosen, local)
            parts.append(angles(model, images, chosen, local=local, flip=flip).cpu().numpy())
    return np.concatenate(parts)


def angles(model: nn.Module, images: Tensor, precision: Precision, *, local: bool, flip: bool) -> Tensor:
    """The three angles float32 [B,3] in degrees that `model` answers to stored images (uint8 [B,C,H,W])."""
    views = [normalise(view, local) for view in ([images, images.flip(-1)] if flip else [images])]
    network = prepared_network(model, precision, views[0])
    return torch.stack([network.angles(view) for view in views]).mean(0)
