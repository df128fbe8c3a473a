"""The four blocks of R2MF-Net, each usable alone.

Li et al. 2025, "R2MF-Net: A Recurrent Residual Multi-Path Fusion Network for Robust Multi-directional Spine
X-ray Segmentation", arXiv 2512.07576. Of this paper the abstract could be read, not the body. "Paper" below
therefore means the abstract; "our choice" is everything the abstract leaves open, which is most of the
wiring.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.layers import ConvBNReLU, resize
from spinelib.models.merged_blocks import MergedR2Jump

# PyTorch's, added to every variance.
_EPSILON = 1e-5


class InceptionBlock(nn.Module):
    """Multi-branch feature extractor: [B,in,H,W] to [B,out,H,W].

    Paper: both networks use an "improved Inception-style multi-branch feature extractor". Our choice: four
    branches of out/4 channels (1x1; 1x1-3x3; 1x1-3x3-3x3; 1x1-3x3 with `dilation`), concatenated, mixed by
    1x1 convolution and batch normalisation, plus a 1x1 shortcut, ReLU (Inception-ResNet, arXiv 1602.07261).
    The four leading 1x1 convolutions read the same input, so they are computed as one and split.
    """

    def __init__(self, in_channels: int, out_channels: int, dilation: int = 2) -> None:
        super().__init__()
        part = out_channels // 4
        self.reduce = ConvBNReLU(in_channels, 4 * part, 1)
        self.branches = nn.ModuleList(
            [
                nn.Identity(),
                ConvBNReLU(part, part),
                nn.Sequential(ConvBNReLU(part, part), ConvBNReLU(part, part)),
                ConvBNReLU(part, part, dilation=dilation),
            ]
        )
        self.mix = nn.Sequential(nn.Conv2d(4 * part, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels))
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Extract features of x at the same size."""
        parts = self.reduce(x).chunk(4, dim=1)
        y = torch.cat([branch(part) for branch, part in zip(self.branches, parts, strict=True)], dim=1)
        return F.relu(self.mix(y) + self.shortcut(x))


class StepNorm(nn.Module):
    """Batch normalisation inside a recurrence: scale and shift shared over steps, statistics per step.

    Activations of successive steps differ in distribution; one running average over all of them would fit
    none in eval mode (Cooijmans et al. 2017, arXiv 1603.09025).
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(steps, channels))
        self.register_buffer("running_var", torch.ones(steps, channels))

    def forward(self, x: Tensor, step: int) -> Tensor:
        """Normalise x [B,C,H,W] with the statistics of recurrence step `step` (0-based)."""
        mean, variance = self.running_mean[step], self.running_var[step]
        return F.batch_norm(x, mean, variance, self.weight, self.bias, self.training, 0.1, _EPSILON)


class R2Jump(nn.Module):
    """Recurrent residual jump connection of one skip path: [B,C,H,W] to [B,C,H,W].

    Paper: inserted into the skip paths "to gradually align encoder and decoder semantics", recurrent and
    residual. Our choice: x_0 = W0 e, x_t = ReLU(BN(W x_0 + U x_{t-1})) for t = 1..T, output e + x_T. W0 is
    1x1, W and U are 3x3 and shared over t, so more steps cost time but no parameters; T = 2 follows R2U-Net
    (arXiv 1802.06955). With T = 0 only the linear e + W0 e remains. With `align_channels` a 1x1 projection of
    the upsampled decoder feature is added inside the recurrence: one reading of "align"; off by default,
    because the abstract does not say it.
    """

    def __init__(self, channels: int, steps: int = 2, align_channels: int = 0) -> None:
        super().__init__()
        self.steps = steps
        self.start = nn.Conv2d(channels, channels, 1, bias=False)
        if steps:
            self.input = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
            self.recur = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
            self.norm = StepNorm(channels, steps)
        self.align = nn.Conv2d(align_channels, channels, 1, bias=False) if steps and align_channels else None

    def forward(self, encoder: Tensor, decoder: Tensor | None = None) -> Tensor:
        """Refine encoder features [B,C,H,W]; `decoder` [B,align_channels,H,W] is needed when aligning."""
        state = self.start(encoder)
        if self.steps:
            drive = self.input(state)
            if self.align is not None:
                if decoder is None:
                    raise ValueError("R2Jump was built to align: pass the upsampled decoder feature as well")
                drive = drive + self.align(decoder)
            for step in range(self.steps):
                state = F.relu(self.norm(drive + self.recur(state), step))
        return encoder + state

    def simplified(self) -> nn.Module:
        """The block in eval mode: its linear steps multiplied out; itself where it aligns or has no steps."""
        if self.align is not None or not self.steps:
            return self
        norm, start = self.norm, self.start.weight[..., 0, 0]
        drive, first = (torch.einsum("omhw,mi->oihw", c.weight, start) for c in (self.input, self.recur))
        gain = norm.weight / (norm.running_var + _EPSILON).sqrt()
        return MergedR2Jump(drive, first, self.recur.weight, gain, norm.bias - gain * norm.running_mean)


class MCSkip(nn.Module):
    """Multi-scale cross-stage skip into one fine level: [B,C,H,W] and coarse decoder maps to [B,C,H,W].

    Paper: the fine network reuses "hierarchical representations from multiple decoder levels of the coarse
    network". Our choice: the coarse levels are those within one of this level (fewer at the ends); each goes
    through 1x1 to C/4 and is resized; all are concatenated with the fine skip and fused back to C by 1x1,
    batch normalisation, ReLU.
    """

    def __init__(self, channels: int, coarse_channels: Sequence[int]) -> None:
        super().__init__()
        part = max(1, channels // 4)
        self.project = nn.ModuleList(nn.Conv2d(c, part, 1, bias=False) for c in coarse_channels)
        self.fuse = ConvBNReLU(channels + part * len(coarse_channels), channels, 1)

    def forward(self, skip: Tensor, coarse: Sequence[Tensor]) -> Tensor:
        """Fuse skip [B,C,H,W] with the coarse decoder maps, in the order given to the constructor."""
        # 1x1 and bilinear resizing commute; projecting first moves fewer channels.
        extra = [resize(p(c), skip.shape) for p, c in zip(self.project, coarse, strict=True)]
        return self.fuse(torch.cat([skip, *extra], dim=1))


class SCSELite(nn.Module):
    """Light spatial and channel squeeze-and-excitation: [B,C,H,W] to [B,C,H,W].

    Paper: a "lightweight spatial-channel squeeze-and-excitation block" at the bottleneck. Our choice: the
    channel gate is a global average and a 1-D convolution of size 3 over the channels (as ECA-Net, arXiv
    1910.03151), so it has no fully connected layer; the spatial gate is a depthwise 3x3 and a 1x1 to one map;
    y = x * channel gate + x * spatial gate, the sum of scSE (arXiv 1803.02579).
    """

    def __init__(self, channels: int, kernel: int = 3) -> None:
        super().__init__()
        self.channel = nn.Conv1d(1, 1, kernel, padding=kernel // 2)
        self.spatial = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
            nn.Conv2d(channels, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Reweight x by channel and by place."""
        squeezed = x.mean(dim=(2, 3)).unsqueeze(1)
        channel_gate = torch.sigmoid(self.channel(squeezed)).transpose(1, 2).unsqueeze(-1)
        return x * (channel_gate + torch.sigmoid(self.spatial(x)))
