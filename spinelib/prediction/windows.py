"""Predict a volume that is larger than what the network sees at once, window by window, and bring it to its own voxels.

Windows overlap by a quarter and their probabilities are blended with a Gaussian weight, so that the middle of a window
counts more than its border, where the network lacks surroundings (as in Isensee et al. 2021, nnU-Net, which overlaps by
half; the quarter is MONAI's and our choice, C). Grey levels are normalised over the whole volume, as in training, never
within a window. The device holds `batch` windows; the sums are kept in main memory, K + 1 numbers per voxel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spinelib.cases.volume_frame import native_labels
from spinelib.models.layers import probabilities
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

OVERLAP = 0.25


def window_probabilities(
    model: nn.Module,
    images: Tensor,
    window: Sequence[int],
    *,
    overlap: float = OVERLAP,
    batch: int = 1,
    local: bool = False,
    precision: str = "float32",
) -> Tensor:
    """Probabilities float32 [B,K,D,H,W], on the CPU, of stored volumes (uint8 or float [B,C,D,H,W], grey 0..255).

    window: slices, rows and columns that the model sees at once, fewer where the volume has fewer; one that covers the
    volume gives what a single pass gives. overlap: of neighbouring windows, 0 <= overlap < 1, as a share of one. batch:
    windows per pass. Computed on the model's device. Raises ValueError for a window that is not three positive numbers
    or another overlap.
    """
    from monai.inferers.utils import sliding_window_inference

    size = tuple(images.shape[2:])
    if len(window) != len(size) or min(window) < 1 or not 0 <= overlap < 1:
        raise ValueError(f"window {list(window)} and overlap {overlap} do not fit volumes of {list(size)}")
    roi = tuple(map(min, window, size))
    chosen, device = Precision(precision), next(model.parameters()).device
    with torch.inference_mode():
        # Normalised where the volume lies: a device need not hold more than its windows.
        inputs = normalise(images.cpu(), local)
        network = prepared_network(model, chosen, inputs)
        if roi == size:
            # Nothing to blend: the sums over windows would cost as much as a small network.
            parts = [probabilities(network(part.to(device))).cpu() for part in inputs.split(batch)]
            return parts[0] if len(parts) == 1 else torch.cat(parts)
        places: dict[str, Any] = {"sw_device": device, "device": torch.device("cpu")}
        found = sliding_window_inference(inputs, roi, batch, _answer(network), overlap, "gaussian", **places)
    assert isinstance(found, Tensor)
    return found


def volume_labels(
    model: nn.Module, data: CaseArrays, case: int, window: Sequence[int] | None = None, **options: Any
) -> NDArray[np.uint8]:
    """The class of every voxel of one volume's own grid, uint8 [d,h,w]; background where the network saw nothing.

    case: position in `data`, volumes on any grid. window: as for `window_probabilities`, whose `options` these are
    (None: the whole grid at once). One volume is held at a time.
    """
    images = torch.from_numpy(np.ascontiguousarray(data.images[case : case + 1]))
    found = window_probabilities(model, images, window or data.grid, **options)
    return native_labels(with_background(found[0].numpy()), data.frames[case])


def with_background(foreground: NDArray[np.floating]) -> NDArray[np.floating]:
    """Probabilities [K,*S] with a channel for the background first: 1 - p where there is only one channel p."""
    return foreground if len(foreground) > 1 else np.concatenate([1 - foreground, foreground])


def _answer(network: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda inputs: probabilities(network(inputs))
