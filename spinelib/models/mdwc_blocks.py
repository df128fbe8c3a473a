"""The three blocks of MDWC-Net and the two that replace them in ablations, each usable alone.

Gu, Wang, Chen 2025, "MDWC-Net: a multi-scale dynamic-weighting context network for precise spinal X-ray
segmentation", Front. Physiol. 16:1651296. "Paper" below means its text. The formulas (1)-(19) could not be
read, so "our choice" is how the operations that the text names are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.depthwise import DepthwiseConv
from spinelib.models.layers import ConvBNReLU, initialise, resize
from spinelib.models.merged_blocks import MergedMSCAW

KERNELS = (1, 3, 5, 7)
# PyTorch's, added to every variance.
_EPSILON = 1e-5


class SeparableConv(nn.Module):
    """A k x k filter per channel, then a 1x1 convolution across channels, no bias: [B,in,H,W] to [B,out,H,W]."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.depthwise = DepthwiseConv(in_channels, kernel)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Filter x at the same size."""
        if self.kernel == 1:
            # A 1x1 filter is one factor per channel: multiplied into the weights, not into the image.
            return F.conv2d(x, self.pointwise.weight * self.depthwise.weight.view(1, -1, 1, 1))
        return self.pointwise(self.depthwise(x))


class MSCAW(nn.Module):
    """Multi-scale convolution adaptive weighting block, section 2.4: [B,in,H,W] to [B,out,H,W].

    Paper: depthwise separable convolutions of sizes 1, 3, 5 and 7 in parallel; a learnable weight vector per
    branch (M, N, R, Q), updated by the gradient of the loss; the weighted branches are merged. The text also
    says that the weights follow the input, which a vector trained by gradients does not. Our choice: each
    branch is normalised over the batch, with one scale and shift for all, so that a weight alone says how
    much its branch counts; per channel the weights are a softmax over the branches, equal at first; ReLU
    follows the merge, a sum, or with `merge` "concat" a 1x1 convolution of the branches put side by side.
    `dynamic` is the other reading: the softmax of a small network on the averages of the summed branches
    (selective kernels, arXiv 1903.06586). With `learned` false every weight stays 1 over the branch count.
    `filters` per input channel and size: an image of one channel needs more than one.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernels: Sequence[int] = KERNELS,
        *,
        learned: bool = True,
        dynamic: bool = False,
        merge: str = "sum",
        filters: int = 1,
    ) -> None:
        super().__init__()
        self.kernels, self.filters = tuple(kernels), filters
        count, inner = len(self.kernels), in_channels * filters
        self.branches = nn.ModuleList(SeparableConv(inner, out_channels, k) for k in self.kernels)
        self.register_buffer("running_mean", torch.zeros(count, out_channels))
        self.register_buffer("running_var", torch.ones(count, out_channels))
        # The mean of `count` unlike branches of unit variance has the variance 1 / count; this makes it 1 again.
        self.scale = nn.Parameter(torch.full((out_channels,), count**0.5))
        self.shift = nn.Parameter(torch.zeros(out_channels))
        vectors = count if learned and not dynamic else 0
        self.vectors = nn.ParameterList(torch.zeros(out_channels) for _ in range(vectors))
        self.select = Select(out_channels, count) if learned and dynamic else None
        self.mix = ConvBNReLU(count * out_channels, out_channels, 1) if merge == "concat" else None

    def weights(self) -> Tensor:
        """Weight of each branch [branches,C], summing to 1 over the branches; those of the input are apart."""
        if len(self.vectors):
            return torch.softmax(torch.stack(list(self.vectors)), dim=0)
        return torch.full_like(self.running_mean, 1 / len(self.kernels))

    def forward(self, x: Tensor) -> Tensor:
        """Extract features of x at the same size."""
        if self.filters > 1:
            # Repeated where channels are last in memory, the layout in which filters per channel are fast.
            x = x.movedim(1, -1).repeat_interleave(self.filters, dim=-1).movedim(-1, 1)
        if self.select is None:
            # The weight is a factor of the normalisation's own scale and shift, which saves a pass each.
            weights = self.weights()
            parts = [self.normalise(branch(x), i, weights[i]) for i, branch in enumerate(self.branches)]
        else:
            parts = [self.normalise(branch(x), i) for i, branch in enumerate(self.branches)]
            chosen = self.select(reduce(torch.add, parts)).unbind(dim=1)
            parts = [part * weight for part, weight in zip(parts, chosen, strict=True)]
        if self.mix is not None:
            return self.mix(torch.cat(parts, dim=1))
        return F.relu(reduce(torch.add, parts))

    def normalise(self, part: Tensor, branch: int, weight: Tensor | float = 1.0) -> Tensor:
        """Weighted, normalised output [B,C,H,W] of one branch."""
        mean, variance = self.running_mean[branch], self.running_var[branch]
        scale, shift = self.scale * weight, self.shift * weight
        return F.batch_norm(part, mean, variance, scale, shift, self.training, 0.1, _EPSILON)

    def simplified(self) -> nn.Module:
        """The block in eval mode: the branches' filters side by side, then one 1x1 convolution across all of them.

        Where an input channel has several filters all of it is one convolution. Itself where its weights follow the
        input, and where the branches are not added up.
        """
        if self.select is not None or self.mix is not None:
            return self
        parts: Any = self.branches
        gain = self.scale * self.weights() / (self.running_var + _EPSILON).sqrt()
        across = [g[:, None] * part.pointwise.weight[..., 0, 0] for g, part in zip(gain, parts, strict=True)]
        bias = self.shift - (gain * self.running_mean).sum(0)
        return MergedMSCAW([part.depthwise.weight for part in parts], across, bias, self.filters)


class Select(nn.Module):
    """Weights of the branches from the input: [B,C,H,W] to [B,branches,C,1,1], summing to 1 over the branches."""

    def __init__(self, channels: int, branches: int, reduction: int = 4) -> None:
        super().__init__()
        inner = max(4, channels // reduction)
        self.branches = branches
        self.first, self.last = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, branches * channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Weights for x."""
        scores = self.last(F.relu(self.first(x.mean(dim=(2, 3), keepdim=True))))
        return torch.softmax(scores.unflatten(1, (self.branches, -1)), dim=1)


class ASPPBlock(nn.Module):
    """Atrous spatial pyramid pooling in the place of MSCAW: [B,in,H,W] to [B,out,H,W].

    Paper: an ablation replaces MSCAW by ASPP. DeepLabV3 (Chen et al. 2017, arXiv 1706.05587): a 1x1
    convolution, 3x3 convolutions of dilation 6, 12 and 18 and the image's average, concatenated and mixed by
    1x1. Our choice: out/4 channels per part, as there are two of these blocks per stage; no normalisation of
    the average, which is one number per image and channel.
    """

    def __init__(self, in_channels: int, out_channels: int, dilations: Sequence[int] = (6, 12, 18)) -> None:
        super().__init__()
        part = max(1, out_channels // 4)
        parts = [ConvBNReLU(in_channels, part, 3, dilation) for dilation in dilations]
        self.branches = nn.ModuleList([ConvBNReLU(in_channels, part, 1), *parts])
        self.average = nn.Conv2d(in_channels, part, 1)
        self.mix = ConvBNReLU((len(dilations) + 2) * part, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Extract features of x at the same size."""
        average = self.average(x.mean(dim=(2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
        return self.mix(torch.cat([*(branch(x) for branch in self.branches), average], dim=1))


class Exponential(nn.Module):
    """exp(-ReLU(x)): the named operators in a row, kept in 0..1 by the sign."""

    def forward(self, x: Tensor) -> Tensor:
        """Gate of x, same shape."""
        return torch.exp(-F.relu(x))


class DFCB(nn.Module):
    """Dual feature complementary block, section 2.5: encoder and decoder features to [B,out,H,W].

    Paper: each is reduced by a 1x1 convolution, batch-normalised and passed through a nonlinearity on its
    own (named: ReLU and "the exponential function"); their product by pixel complements both; the results are
    concatenated. Our choice: the encoder's becomes a gate e, the decoder's is d = ReLU, both of out/2
    channels; concat(e + e d, d + e d), then 1x1. `gate` "sigmoid" takes the exponential for the one inside
    the sigmoid; "exp" is exp(-ReLU(x)), since exp(ReLU(x)) grows without bound.
    """

    def __init__(self, encoder_channels: int, decoder_channels: int, out_channels: int, gate: str = "sigmoid") -> None:
        super().__init__()
        half = out_channels // 2
        bound = Exponential() if gate == "exp" else nn.Sigmoid()
        self.gate = nn.Sequential(nn.Conv2d(encoder_channels, half, 1, bias=False), nn.BatchNorm2d(half), bound)
        self.reduce = nn.Conv2d(decoder_channels, half, 1, bias=False)
        self.content = nn.Sequential(nn.BatchNorm2d(half), nn.ReLU())
        self.mix = nn.Conv2d(2 * half, out_channels, 1, bias=False)

    def forward(self, encoder: Tensor, decoder: Tensor) -> Tensor:
        """Fuse encoder features [B,C,H,W] with decoder features of any size, which are resized to H x W."""
        # 1x1 convolution and bilinear resizing commute; reducing first resizes a quarter of the channels.
        e, d = self.gate(encoder), self.content(resize(self.reduce(decoder), encoder.shape))
        both = e * d
        return self.mix(torch.cat([e + both, d + both], dim=1))


class ChannelGate(nn.Module):
    """x times one factor per channel, from its average and its maximum: [B,C,H,W] to the same.

    sigmoid(MLP(average) + MLP(maximum)) with one shared network of C/16 hidden units (CBAM's channel gate).
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        inner = max(4, channels // reduction)
        self.mlp = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.ReLU(), nn.Conv2d(inner, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Weigh the channels of x."""
        average, maximum = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.mlp(average) + self.mlp(maximum))


class ResidualPair(nn.Module):
    """Two 3x3 convolutions, each added to its input, times a learnable factor: [B,C,H,W] to the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = ConvBNReLU(channels, channels), ConvBNReLU(channels, channels)
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Features of x with a field of view of 5x5."""
        first = self.first(x) + x
        return self.factor * (self.second(first) + first)


class BIEB(nn.Module):
    """Bottleneck information enhancement block, section 2.6: [B,C,H,W] to the same.

    Paper: two branches in parallel. Upper: global average and global maximum, squeezed, then a gate. Lower:
    two 3x3 convolutions in a row with residual connections, then an adaptive weight. Both are fused. Our
    choice: `ChannelGate`, `ResidualPair` (its weight is one number, 1 at first), and for the fusion
    concatenation with a 1x1 convolution.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.upper, self.lower = ChannelGate(channels), ResidualPair(channels)
        self.mix = ConvBNReLU(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Enhance x at the same size."""
        return self.mix(torch.cat([self.upper(x), self.lower(x)], dim=1))


class CBAM(nn.Module):
    """Convolutional block attention module in the place of BIEB: [B,C,H,W] to the same.

    Woo et al. 2018, arXiv 1807.06521: a channel gate, then a spatial gate, sigmoid of a 7x7 convolution over
    the channels' average and maximum at each place.
    """

    def __init__(self, channels: int, kernel: int = 7) -> None:
        super().__init__()
        self.channel = ChannelGate(channels)
        self.spatial = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Weigh channels, then places, of x."""
        x = self.channel(x)
        places = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.spatial(places))


def initialise_mdwc(model: nn.Module) -> None:
    """Starting weights of a network of these blocks, in place: He's, but for the filters that no ReLU follows.

    Weights chosen by the input start nearly equal over the branches, as the learned ones do.
    """
    initialise(model)
    for module in model.modules():
        if isinstance(module, DepthwiseConv):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
        elif isinstance(module, Select):
            nn.init.normal_(module.last.weight, std=0.01)
