"""Two more looks at a film, by which an answer is compared with itself.

(C, our choice) One look at the film mirrored, one at the film turned by 180 degrees, both at three quarters of the
size: what a network outlines in a spine hardly changes when the film is mirrored and a little smaller; what it outlines
in noise does. A film that stands on its head is outlined as well or better when it is turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from spinelib.prediction.maps import predict_logits
from spinelib.prediction.precision import Precision

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Size of the film in the further looks; networks see a multiple of STEP rows and columns.
SMALLER, STEP = 0.75, 32
Chances = NDArray[np.float32]


@dataclass(frozen=True)
class Looks:
    """Probability of spine [h, w] on the input grid, three times, each as the film lies.

    first: the answer itself; mirrored and turned: those to the smaller film mirrored and turned by 180 degrees.
    """

    first: Chances
    mirrored: Chances
    turned: Chances


def take_looks(predictor: Predictor, image: NDArray[np.uint8], logits: NDArray[np.float32]) -> Looks:
    """The looks at one film: uint8 [C, h, w] on the input grid, with the logits [1, h, w] of the answer itself."""
    film = torch.from_numpy(np.array(image[None])).to(predictor.device)
    views = torch.cat([film.flip(-1), film.flip((-2, -1))])
    with torch.inference_mode():
        mirrored, turned = _smaller(predictor, views)
    first = 1 / (1 + np.exp(-np.clip(logits[0], -30, 30)))
    return Looks(first.astype(np.float32), mirrored.flip(-1).numpy(), turned.flip((-2, -1)).numpy())


def likeness(one: NDArray[Any], two: NDArray[Any]) -> float:
    """Dice of two masks or maps of probabilities of one shape: 1 where they are equal, 0 where both are empty."""
    return float(2 * np.minimum(one, two).sum() / max(float(one.sum() + two.sum()), 1e-6))


def _smaller(predictor: Predictor, images: Tensor) -> Tensor:
    """Probabilities float32 [B, h, w] of stored images uint8 [B, C, h, w], seen smaller."""
    size = tuple(images.shape[-2:])
    high, wide = (round(SMALLER * n) for n in size)
    small = F.interpolate(images.float(), (high, wide), mode="area").round().to(torch.uint8)
    small = F.pad(small, (0, -wide % STEP, 0, -high % STEP))
    card = predictor.card
    found = predict_logits(predictor.network, small, Precision(card.precision), local=card.local, flip=False)[0]
    again = F.interpolate(found[:, :1, :high, :wide].float(), size, mode="bilinear", align_corners=False)
    return torch.sigmoid(again[:, 0]).cpu()
