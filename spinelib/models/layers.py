"""What architectures share: convolution units, widths, resizing, and the base class of every network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Size3d = int | tuple[int, int, int]
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)


class SegmentationModel(nn.Module):
    """Base class of every network: pads the input to a multiple, crops the logits back to the input size.

    A subclass sets `multiple` (one number per axis for volumes) and writes
    `heads(x) -> {"logits": ..., "coarse": ..., "aux_1": ...}`, all at the size of the padded x. In eval mode the call
    returns the logits alone; in train mode it returns every head. Two channels are background and one structure: in
    eval mode they become the structure's one logit (`one_logit`), so that whatever predicts or scores sees one.
    """

    multiple: int | tuple[int, ...] = 1

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits by head, [B,K,*S] each; the sizes S are multiples of `self.multiple`."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        """Map float [B,C,*S] of any size to logits [B,K,*S] (eval) or to a dict of them (train)."""
        whole: tuple[Any, ...] = (..., *map(slice, x.shape[2:]))
        padded = pad_to_multiple(x, self.multiple, least=2 if x.dim() == 5 else 1)
        outputs = {name: y[whole] for name, y in self.heads(padded).items()}
        return outputs if self.training else one_logit(outputs["logits"])


@runtime_checkable
class Simplified(Protocol):
    """A block that has a form with less work for prediction (`spinelib.prediction.fused`)."""

    def simplified(self) -> nn.Module:
        """A module with the same output in eval mode, made of plain convolutions; this one is not changed."""


class ConvBNReLU(nn.Sequential):
    """Convolution without bias, batch normalisation, ReLU; the size is kept for stride 1."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 3, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel, padding=padding, dilation=dilation, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ConvBNReLU3d(nn.Sequential):
    """3-D convolution without bias, batch normalisation, ReLU ("CBR"); the size is kept for stride 1."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: Size3d = 3, stride: Size3d = 1, dilation: Size3d = 1
    ) -> None:
        super().__init__(
            nn.Conv3d(in_channels, out_channels, kernel, stride, same(kernel, dilation), dilation, bias=False),
            nn.BatchNorm3d(out_channels),
            nn.ReLU(inplace=True),
        )


def same(kernel: Size3d, dilation: Size3d = 1) -> tuple[int, int, int]:
    """Padding that keeps the size of a volume for stride 1."""
    a, b, c = (d * (k // 2) for k, d in zip(per_axis(kernel), per_axis(dilation), strict=True))
    return a, b, c


def per_axis(value: int | Sequence[int], axes: int = 3) -> tuple[int, ...]:
    """One number per axis: the number itself for each, or the numbers given."""
    return (value,) * axes if isinstance(value, int) else tuple(value)


def pad_to_multiple(x: Tensor, multiple: int | Sequence[int], least: int = 1) -> Tensor:
    """Repeat the last entries of [B,C,*S] along each axis until the sizes S are multiples of `multiple`.

    least: of axes with a multiple above 1 at least so many multiples. Volumes need two: where a strided convolution
    leaves one column, oneDNN's bfloat16 kernel reads memory beside the volume, and what lies there may be no number.
    """
    factors = per_axis(multiple, x.dim() - 2)
    wanted = [max(-(-size // n), least if n > 1 else 1) * n for size, n in zip(x.shape[2:], factors, strict=True)]
    missing = [whole - size for whole, size in zip(wanted, x.shape[2:], strict=True)]
    widths = [number for count in reversed(missing) for number in (0, count)]
    return F.pad(x, widths, mode="replicate") if any(missing) else x


def resize(x: Tensor, size: Sequence[int]) -> Tensor:
    """Linear resize of [B,C,*S] to the last entries of `size`, one per axis; unchanged when they agree."""
    target = tuple(size[2 - x.dim() :])
    if tuple(x.shape[2:]) == target:
        return x
    if x.dim() == 4:
        return F.interpolate(x, target, mode="bilinear", align_corners=False)
    if x.shape[2] == target[0]:
        # With every slice kept, trilinear is bilinear in each of them: half the arithmetic.
        if x.is_contiguous(memory_format=torch.channels_last_3d):
            planes = x.transpose(1, 2)  # one film after the other, as they lie: no copies
            films = F.interpolate(planes.flatten(0, 1), target[1:], mode="bilinear", align_corners=False)
            return films.unflatten(0, planes.shape[:2]).transpose(1, 2)
        return F.interpolate(x.flatten(1, 2), target[1:], mode="bilinear", align_corners=False).unflatten(
            1, x.shape[1:3]
        )
    return F.interpolate(x, target, mode="trilinear", align_corners=False)


def scaled(widths: Sequence[int], width: float, multiple: int = 4) -> list[int]:
    """Multiply channel counts by `width`, rounded to a multiple and at least that (four branches)."""
    return [max(multiple, multiple * round(channels * width / multiple)) for channels in widths]


def initialise(model: nn.Module) -> None:
    """He initialisation of every convolution (He et al. 2015, arXiv 1502.01852), zero biases, in place."""
    for module in model.modules():
        if isinstance(module, _CONVOLUTIONS):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def one_logit(logits: Tensor) -> Tensor:
    """Logits [B,2,*S] of background and one structure as the structure's, float32 [B,1,*S]; others as they are.

    The sigmoid of the difference is the structure's softmax: exp(b) / (exp(a) + exp(b)) = 1 / (1 + exp(a - b)).
    """
    if logits.shape[1] != 2:
        return logits
    background, structure = logits.float().split(1, dim=1)
    return structure - background


def probabilities(logits: Tensor) -> Tensor:
    """Sigmoid of one channel, softmax over several: [B,K,H,W] to [B,K,H,W] in 0..1."""
    return torch.sigmoid(logits) if logits.shape[1] == 1 else torch.softmax(logits, dim=1)
