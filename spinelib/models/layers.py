"""What architectures share: convolution units, widths, resizing, and the frame every model stands in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SegmentationModel(nn.Module):
    """Frame of every 2-D network: pads the input to a multiple, crops the logits back to the input size.

    A subclass sets `multiple` and writes `heads(x) -> {"logits": ..., "coarse": ..., "aux_1": ...}`, all at
    the size of the padded x. In eval mode the call returns the logits alone; in train mode it returns every
    head.
    """

    multiple: int = 1

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits by head, [B,K,H,W] each; H and W are multiples of `self.multiple`."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        """Map float [B,C,H,W] of any size to logits [B,K,H,W] (eval) or to a dict of them (train)."""
        H, W = x.shape[-2:]
        outputs = {name: y[..., :H, :W] for name, y in self.heads(pad_to_multiple(x, self.multiple)).items()}
        return outputs if self.training else outputs["logits"]


class ConvBNReLU(nn.Sequential):
    """Convolution without bias, batch normalisation, ReLU; the size is kept for stride 1."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 3, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel, padding=padding, dilation=dilation, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


def pad_to_multiple(x: Tensor, multiple: int) -> Tensor:
    """Repeat the last rows and columns of [B,C,H,W] until H and W are multiples of `multiple`."""
    down, right = -x.shape[-2] % multiple, -x.shape[-1] % multiple
    return F.pad(x, (0, right, 0, down), mode="replicate") if down or right else x


def resize(x: Tensor, size: Sequence[int]) -> Tensor:
    """Bilinear resize of [B,C,H,W] to the last two entries of `size`; unchanged when they agree."""
    target = tuple(size[-2:])
    return x if tuple(x.shape[-2:]) == target else F.interpolate(x, target, mode="bilinear", align_corners=False)


def scaled(widths: Sequence[int], width: float, multiple: int = 4) -> list[int]:
    """Multiply channel counts by `width`, rounded to a multiple and at least that (four branches)."""
    return [max(multiple, multiple * round(channels * width / multiple)) for channels in widths]


def initialise(model: nn.Module) -> None:
    """He initialisation of every convolution (He et al. 2015, arXiv 1502.01852), zero biases, in place."""
    for module in model.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def probabilities(logits: Tensor) -> Tensor:
    """Sigmoid of one channel, softmax over several: [B,K,H,W] to [B,K,H,W] in 0..1."""
    return torch.sigmoid(logits) if logits.shape[1] == 1 else torch.softmax(logits, dim=1)
