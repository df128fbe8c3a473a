"""SAFNet's blocks, each usable alone: extraction of features, ASPP, two attentions, multi-scale fusion, splicing.

Yilizati-Yilihamu, Yang, Yang, Rong, Feng 2023, "A spine segmentation method based on scene aware fusion network".
"Paper" below is what its text states; "our choice" is what it leaves open. Slices are thick: strides are (1, 2, 2), and
our choice is to dilate within the slices too, as no rate of the paper fits into 18 of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.layers import ConvBNReLU3d, Size3d, resize

STRIDE = (1, 2, 2)


def rate(number: int, volume: bool = False) -> Size3d:
    """A dilation within the slices, or in all three directions."""
    return (number, number, number) if volume else (1, number, number)


class ResidualUnit(nn.Module):
    """Two branches, added: [B,in,D,H,W] to [B,out,D,H/2,W/2] with the paper's stride of (1, 2, 2).

    Paper (fig. 3): a deeper branch of 3x3x3 CBR with a strided convolution, and a 1x1x1 CBR with the same stride. Our
    choice: two CBR in the deeper branch, the second strided; nothing after the sum.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: Size3d = STRIDE) -> None:
        super().__init__()
        self.deep = nn.Sequential(
            ConvBNReLU3d(in_channels, out_channels), ConvBNReLU3d(out_channels, out_channels, 3, stride)
        )
        self.short = ConvBNReLU3d(in_channels, out_channels, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Features of x."""
        return self.deep(x) + self.short(x)


class FeatureExtraction(nn.Module):
    """Low, middle and high features: [B,in,D,H,W] to [B,C,D,H/4,W/4], [B,C,D,H/8,W/8], [B,C,D,H/16,W/16].

    Paper (fig. 2): CBR 3x3x3, the same with stride (1, 2, 2), one residual unit to the low features, one to the middle
    ones, two more and three dilated CBR to the high ones; all three have 128 channels. Both late units with stride
    (1, 2, 2) would end at half the stated size. Our choice: the `strided` one ("first" or "second") alone has it; the
    stem's channels; the three dilations.
    """

    def __init__(
        self,
        in_channels: int,
        stem: int,
        channels: int,
        strided: str = "first",
        dilations: Sequence[int] = (2, 2, 2),
        volume: bool = False,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvBNReLU3d(in_channels, stem), ConvBNReLU3d(stem, stem, 3, STRIDE))
        self.low = ResidualUnit(stem, channels)
        self.middle = ResidualUnit(channels, channels)
        strides = [STRIDE if strided == name else (1, 1, 1) for name in ("first", "second")]
        units = [ResidualUnit(channels, channels, stride) for stride in strides]
        holes = [ConvBNReLU3d(channels, channels, 3, dilation=rate(r, volume)) for r in dilations]
        self.high = nn.Sequential(*units, *holes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Low, middle and high features of x; H and W are multiples of 16."""
        low = self.low(self.stem(x))
        middle = self.middle(low)
        return low, middle, self.high(middle)


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: [B,in,D,H,W] to [B,out,D,H,W].

    Paper (fig. 4): a 1x1 convolution, 3x3 convolutions with dilation and padding 6, 12 and 18, and the average over the
    input through a 1x1 convolution, enlarged again; concatenated and reduced by a 1x1 convolution. Our choice: 3x3x3
    with the rates within the slices (`volume`: in all directions), CBR for each convolution, but no normalisation of
    the average, which is one number per volume and channel.
    """

    def __init__(
        self, in_channels: int, out_channels: int, rates: Sequence[int] = (6, 12, 18), volume: bool = False
    ) -> None:
        super().__init__()
        holes = [ConvBNReLU3d(in_channels, out_channels, 3, dilation=rate(r, volume)) for r in rates]
        self.branches = nn.ModuleList([ConvBNReLU3d(in_channels, out_channels, 1), *holes])
        self.average = nn.Conv3d(in_channels, out_channels, 1)
        self.mix = ConvBNReLU3d((len(self.branches) + 1) * out_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Look at x in five fields of view."""
        average = F.relu(self.average(x.mean(dim=(2, 3, 4), keepdim=True))).expand(-1, -1, *x.shape[2:])
        return self.mix(torch.cat([*(branch(x) for branch in self.branches), average], dim=1))


class PositionAttention(nn.Module):
    """Every voxel becomes a mixture of all voxels, added to itself: [B,C,D,H,W] to the same.

    Paper (fig. 5): queries and keys by 1x1x1 convolutions to C/8 channels, values by a third branch; softmax of the
    N x N products, N = D H W; times the values; plus the input. Our choice: a learned factor of the mixture, as in the
    dual attention that this is (DANet, Fu et al. 2019, arXiv 1809.02983), but from `start` instead of 0, so that
    queries and keys learn from the first step.
    """

    def __init__(self, channels: int, start: float = 0.1, reduction: int = 8) -> None:
        super().__init__()
        inner = max(1, channels // reduction)
        self.query, self.key = nn.Conv3d(channels, inner, 1), nn.Conv3d(channels, inner, 1)
        self.value = nn.Conv3d(channels, channels, 1)
        self.factor = nn.Parameter(torch.tensor([start]))

    def forward(self, x: Tensor) -> Tensor:
        """Mix the voxels of x."""
        query, key, value = (tokens(part(x)) for part in (self.query, self.key, self.value))
        # The fused kernels never store N x N. They want one width for all three (zeros add nothing to a product) and
        # the channels of a token side by side; asked otherwise they step back without a word.
        room = (0, value.shape[-1] - query.shape[-1])
        mixed = F.scaled_dot_product_attention(F.pad(query, room), F.pad(key, room), value, scale=1.0)
        return x + self.factor * mixed[:, 0].transpose(1, 2).unflatten(2, x.shape[2:])

    def looks(self, x: Tensor, voxel: Sequence[int]) -> Tensor:
        """What the voxel (d, h, w) of x [B,C,D,H,W] attends to: [B,D,H,W], summing to 1."""
        d, h, w = voxel
        query = self.query(x)[:, :, d, h, w]
        scores = torch.einsum("bc,bcn->bn", query, self.key(x).flatten(2))
        return torch.softmax(scores, dim=1).unflatten(1, x.shape[2:])


class ChannelAttention(nn.Module):
    """Every channel becomes a mixture of all channels, added to itself: [B,C,D,H,W] to the same.

    Paper (fig. 6): the features as C x N, the softmax of their C x C products, times the features, plus the input. Our
    choice: the learned factor as in `PositionAttention`; with `mean` the products are divided by N: their plain sums
    over N = 2304 voxels are so large that the softmax picks one channel.
    """

    def __init__(self, start: float = 0.1, mean: bool = False) -> None:
        super().__init__()
        self.mean = mean
        self.factor = nn.Parameter(torch.tensor([start]))

    def forward(self, x: Tensor) -> Tensor:
        """Mix the channels of x."""
        mixed = self.weights(x).to(x.dtype) @ x.flatten(2)
        return x + self.factor * mixed.unflatten(2, x.shape[2:])

    def weights(self, x: Tensor) -> Tensor:
        """Share of each channel in each: [B,C,C], rows summing to 1."""
        # Sums this large lose their differences in bfloat16.
        with exactly(x):
            flat = x.flatten(2).float()
            return torch.softmax(flat @ flat.transpose(1, 2) / (flat.shape[2] if self.mean else 1), dim=2)


class FusionBranch(nn.Module):
    """A quarter of the channels seen at two dilations, added: [B,C,D,H,W] to [B,C/4,D,H,W].

    `pair` "parallel": two 3x3x3 CBR side by side; "series": one after the other, added to what they start from.
    """

    def __init__(self, in_channels: int, out_channels: int, far: Size3d, pair: str = "parallel") -> None:
        super().__init__()
        self.pair = pair
        self.reduce = ConvBNReLU3d(in_channels, out_channels, 1)
        self.near = ConvBNReLU3d(out_channels, out_channels)
        self.far = ConvBNReLU3d(out_channels, out_channels, 3, dilation=far)

    def forward(self, x: Tensor) -> Tensor:
        """Features of x near and far."""
        x = self.reduce(x)
        return self.near(x) + self.far(x) if self.pair == "parallel" else x + self.far(self.near(x))


class MultiscaleFusion(nn.Module):
    """Four fields of view side by side: [B,C,D,H,W] to the same.

    Paper: four branches, each reduces to a quarter of the channels and has the dilations (1, 2), (1, 4), (1, 8) or
    (1, 16); element-wise addition in each branch; concatenated. Our choice: `FusionBranch`; an average over several
    fields of view is all that the text asks, so nothing follows the concatenation.
    """

    def __init__(
        self, channels: int, rates: Sequence[int] = (2, 4, 8, 16), pair: str = "parallel", volume: bool = False
    ) -> None:
        super().__init__()
        part = channels // len(rates)
        self.branches = nn.ModuleList(FusionBranch(channels, part, rate(r, volume), pair) for r in rates)

    def forward(self, x: Tensor) -> Tensor:
        """See x in four fields of view."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Gate(nn.Module):
    """Weight of each channel from the high features: [B,C,D,H,W] to [B,C,1,1,1] in 0..1.

    Paper (eqs. 6 and 7): R_S = sigmoid of the average; an "attention module" makes R_SAM of R_S. Our choice of that
    module, `kind`: "sigmoid_conv" is a 1x1x1 convolution of R_S and a sigmoid, "excite" a squeeze-and-excitation of R_S
    (two convolutions, C/4 hidden, sigmoid), "plain" leaves R_S as it is. "conv" is the other order: the convolution of
    the average, then the one sigmoid.
    """

    def __init__(self, channels: int, kind: str = "sigmoid_conv") -> None:
        super().__init__()
        self.kind = kind
        inner = max(1, channels // 4)
        modules = {
            "sigmoid_conv": lambda: nn.Conv3d(channels, channels, 1),
            "conv": lambda: nn.Conv3d(channels, channels, 1),
            "excite": lambda: nn.Sequential(nn.Conv3d(channels, inner, 1), nn.ReLU(), nn.Conv3d(inner, channels, 1)),
            "plain": nn.Identity,
        }
        self.module = modules[kind]()

    def forward(self, high: Tensor) -> Tensor:
        """Weights from `high`."""
        average = high.mean(dim=(2, 3, 4), keepdim=True)
        sigmoid_first = self.kind in ("sigmoid_conv", "excite")
        return torch.sigmoid(self.module(torch.sigmoid(average) if sigmoid_first else average))


class Splicing(nn.Module):
    """The three features brought together: low, middle, high [B,C,...] to [B,C,D,h,w] on the `grid` of one of them.

    Paper (eq. 8): F_sh = R_SAM F_l F_m; F_sh, F_l and F_m at one size, concatenated. The text gives the three sizes in
    reverse and no output layer. Our choice: the size of the low features (`grid` "middle": of the middle ones), and a
    1x1x1 CBR after the concatenation. The words before eq. 8 multiply R_SAM "with F_l and F_m respectively": with
    `separate` R_SAM F_l and R_SAM F_m stand in the place of F_sh. In either reading the high features act through the
    gate alone; `inject` puts them into the concatenation as well.
    """

    def __init__(
        self, channels: int, gate: str = "sigmoid_conv", grid: str = "low", inject: bool = False, separate: bool = False
    ) -> None:
        super().__init__()
        self.gate = Gate(channels, gate)
        self.grid, self.inject, self.separate = grid, inject, separate
        self.mix = ConvBNReLU3d((3 + inject + separate) * channels, channels, 1)

    def forward(self, low: Tensor, middle: Tensor, high: Tensor) -> Tensor:
        """Join the features of three sizes."""
        size = (low if self.grid == "low" else middle).shape
        low, middle = resize(low, size), resize(middle, size)
        gate = self.gate(high)
        parts = [*([gate * low, gate * middle] if self.separate else [gate * low * middle]), low, middle]
        return self.mix(torch.cat([*parts, resize(high, size)] if self.inject else parts, dim=1))


def exactly(x: Tensor) -> AbstractContextManager[Any]:
    """Context in which products on the device of x keep their precision, whatever the caller's autocast."""
    return nullcontext() if x.is_meta else torch.autocast(x.device.type, enabled=False)


def tokens(x: Tensor) -> Tensor:
    """Voxels as one head of tokens: [B,C,D,H,W] to [B,1,N,C]."""
    return x.flatten(2).transpose(1, 2).unsqueeze(1).contiguous()
