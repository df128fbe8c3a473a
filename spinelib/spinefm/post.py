"""From logits to the final mask of a vertebra: certain pixels, smoothed.

(B) From SpineFM's program: sigmoid above 0.9, Gaussian blur (15 x 15, sigma 20) of the binary mask, threshold again.
(C) Ours: the first threshold is 2/3, at which a network whose vertebrae weigh twice holds both answers for equally
likely; 0.9 takes a border off that is thin in a patch of 600 px, but much of a vertebra of 10 px. That kernel is 15 px
of 600 px; it keeps its share of the patch here, at least 3 px, unless the published one is asked for. The second
threshold is 0.5.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import torch
from torch import Tensor

PUBLISHED_CERTAIN, CERTAIN, AGAIN = 0.9, 2 / 3, 0.5
PUBLISHED_SMOOTHING = (15, 20.0)  # side and deviation of the kernel, px
_KERNEL, _SIGMA = 15 / 600, 20 / 600


def final_masks(
    logits: Tensor, patch: int, certain: float = CERTAIN, smoothing: tuple[int, float] | None = None
) -> Tensor:
    """Masks bool [B,H,W] of logits [B,H,W]; `patch` is the side of the patches they come from, px.

    smoothing: side and deviation of the blur, px; None: in proportion to the patch.
    """
    from torchvision.transforms.functional import gaussian_blur

    sure = (torch.sigmoid(logits) > certain).float()
    side, sigma = smoothing or (max(3, 2 * round(_KERNEL * patch / 2) + 1), max(1.0, _SIGMA * patch))
    return gaussian_blur(sure[:, None], [side, side], [sigma, sigma])[:, 0] > AGAIN


def centroid(logits: Tensor, likely: bool = True) -> Tensor:
    """Centres (x, y) [B,2] px of logits [B,H,W]: mean position weighted by the sigmoid.

    likely: pixels less likely than not do not count, because on a small film their tiny weights add up; NaN where none
    is above 0. Without it all pixels count and the centre is a whole pixel, as in the published program.
    """
    weights = torch.sigmoid(logits) * ((logits > 0) | (not likely))
    total = weights.sum((1, 2))
    x = torch.arange(logits.shape[2], device=logits.device, dtype=weights.dtype)
    y = torch.arange(logits.shape[1], device=logits.device, dtype=weights.dtype)
    found = torch.stack([(weights.sum(1) * x).sum(1) / total, (weights.sum(2) * y).sum(1) / total], 1)
    return found if likely else found.round()
