"""From logits to the final mask of a vertebra: certain pixels, smoothed.

(B) From SpineFM's program: sigmoid above 0.9, Gaussian blur (15 x 15, sigma 20) of the binary mask, threshold again.
(C) Ours: the first threshold is 2/3, at which a network whose vertebrae weigh twice holds both answers for equally
likely; 0.9 takes a border off that is thin in a patch of 600 px, but much of a vertebra of 10 px. That kernel is 15 px
of 600 px; it keeps its share of the patch here, at least 3 px. The second threshold is 0.5.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import torch
from torch import Tensor

PUBLISHED_CERTAIN, CERTAIN, AGAIN = 0.9, 2 / 3, 0.5
_KERNEL, _SIGMA = 15 / 600, 20 / 600


def final_masks(logits: Tensor, patch: int, certain: float = CERTAIN) -> Tensor:
    """Masks bool [B,H,W] of logits [B,H,W]; `patch` is the side of the patches they come from, px."""
    from torchvision.transforms.functional import gaussian_blur

    sure = (torch.sigmoid(logits) > certain).float()
    side = max(3, 2 * round(_KERNEL * patch / 2) + 1)
    return gaussian_blur(sure[:, None], [side, side], [max(1.0, _SIGMA * patch)] * 2)[:, 0] > AGAIN


def centroid(logits: Tensor) -> Tensor:
    """Centres (x, y) [B,2] px of logits [B,H,W]: mean position weighted by the sigmoid; NaN where none is above 0.

    Unlike the published program, pixels less likely than not do not count: on a small film their tiny weights add up.
    """
    weights = torch.sigmoid(logits) * (logits > 0)
    total = weights.sum((1, 2))
    x = torch.arange(logits.shape[2], device=logits.device, dtype=weights.dtype)
    y = torch.arange(logits.shape[1], device=logits.device, dtype=weights.dtype)
    return torch.stack([(weights.sum(1) * x).sum(1) / total, (weights.sum(2) * y).sum(1) / total], 1)
