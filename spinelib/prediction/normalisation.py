"""Grey levels to network input: z-score over the film area and, as an option, local contrast.

Every method takes the same normalised input, in training and in prediction.
"""

from __future__ import annotations

from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

# A film flatter than one grey level is blank: dividing by less would only show quantisation.
_FLAT = 1.0
_LOCAL_FLAT = 0.1


def input_channels(channels: int, local: bool = False) -> int:
    """Channels of the network input for images of `channels` channels: twice as many with local contrast."""
    return 2 * channels if local else channels


def film_area(images: Tensor) -> Tensor:
    """Bounding box of the pixels above 0 of each image: [B,C,*S] to bool [B,1,*S] (all False for a blank one).

    A letterboxed film is 0 outside; black pixels inside the film stay part of it.
    """
    lit = (images > 0).any(dim=1)
    spans = []
    for axis in range(1, lit.dim()):
        line = lit
        for other in range(1, lit.dim()):
            if other != axis:
                line = line.any(dim=other, keepdim=True)
        after_first = line.cumsum(axis) > 0
        before_last = line.flip(axis).cumsum(axis).flip(axis) > 0
        spans.append(after_first & before_last)
    return reduce(torch.logical_and, spans).unsqueeze(1)


def normalise(images: Tensor, local: bool = False, area: Tensor | None = None) -> Tensor:
    """Z-score of each image and channel over its film area; 0 (the film's mean) outside.

    images: uint8 or float [B,C,*S], grey 0..255, 0 outside the film. area: bool [B,1,*S], by default
    `film_area(images)`. Returns float32 [B,C,*S], or [B,2C,*S] with `local`: the second half is the z-score
    against mean and standard deviation of a moving box, a quarter of the shorter side wide (local contrast
    normalisation, Jarrett et al. 2009). uint8 and float images of equal values give equal results.
    """
    area = film_area(images) if area is None else area
    axes = tuple(range(2, images.dim()))
    weight = area.float()
    count = weight.sum(axes, keepdim=True).clamp_min(1.0)
    grey = images.float()
    mean = (grey * weight).sum(axes, keepdim=True) / count
    centred = (grey - mean) * weight
    deviation = (centred.square().sum(axes, keepdim=True) / count).sqrt().clamp_min(_FLAT)
    scored = centred / deviation
    return torch.cat([scored, _local_contrast(scored, weight)], dim=1) if local else scored


def _local_contrast(scored: Tensor, weight: Tensor) -> Tensor:
    radius = max(1, min(scored.shape[-2:]) // 8)
    count = _box_sum(weight, radius).clamp_min(1.0)
    mean = _box_sum(scored, radius) / count
    variance = (_box_sum(scored.square(), radius) / count - mean.square()).clamp_min(0.0)
    return (scored - mean) / (variance.sqrt() + _LOCAL_FLAT) * weight


def _box_sum(values: Tensor, radius: int) -> Tensor:
    # Two cumulative sums cost the same for any radius; volumes are filtered in the plane of their slices.
    for axis in (-1, -2):
        line = values.transpose(axis, -1)
        total = F.pad(line, (radius + 1, radius)).cumsum(-1)
        values = (total[..., 2 * radius + 1 :] - total[..., : -2 * radius - 1]).transpose(axis, -1)
    return values
