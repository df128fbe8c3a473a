"""Convolutions whose weights are cast and laid out once for oneDNN, PyTorch's library of products on CPUs.

The operators are those that `torch.compile` puts into a frozen network on a CPU (namespace `torch.ops.mkldnn`). A build
of PyTorch without them lays out nothing, and every layer works as it did.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.depthwise import DepthwiseConv, DepthwiseConv3d, within_reach
from spinelib.models.dilated import DilatedConv

_OPERATORS: Any = torch.ops.mkldnn
_FORWARD = (nn.Conv2d, nn.Conv3d, DepthwiseConv, DepthwiseConv3d, DilatedConv)
# Exactly these: what derives from them may do more than its weights say.
PREPACKABLE = (*_FORWARD, nn.ConvTranspose2d, nn.ConvTranspose3d)


class ConvAddReLU(nn.Module):
    """relu(conv(x) + other), both [B,C,*S]: one pass over memory once the weights are laid out."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        """Convolve x, add other, rectify."""
        if isinstance(self.conv, PrepackedConv):
            return self.conv.plus(x, other)
        return F.relu(self.conv(x) + other)


class PrepackedConv(nn.Module):
    """A convolution, transposed or not, and the ReLU after it if asked for, with weights of `dtype` as oneDNN wants.

    They are laid out for the size of the input, anew when it changes: with a layout for another size one convolution in
    a network can take many times as long.
    """

    def __init__(self, conv: Any, dtype: torch.dtype, relu: bool = False) -> None:
        super().__init__()
        self.dtype, self.after = dtype, "relu" if relu else "none"
        self.layout = torch.channels_last if conv.weight.dim() == 4 else torch.channels_last_3d
        self.places = [list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups]
        if isinstance(conv, _FORWARD):
            self.run, self.reorder = _OPERATORS._convolution_pointwise, _OPERATORS._reorder_convolution_weight
        else:
            self.places.insert(1, list(conv.output_padding))
            self.run = _OPERATORS._convolution_transpose_pointwise
            self.reorder = _OPERATORS._reorder_convolution_transpose_weight
        self.weight = conv.weight.detach().to(dtype).contiguous(memory_format=self.layout)
        self.wide = isinstance(conv, _FORWARD) and max(conv.dilation) > 1 and _same_padding(conv)
        self.spacing = list(conv.dilation)
        self.bias = None if conv.bias is None else conv.bias.detach().to(dtype)
        self.laid = self.weight
        self.size: tuple[int, ...] = ()

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x [B,C,*S]."""
        x = self._met(x)
        found: Tensor = self.run(x, self.laid, self.bias, *self.places, self.after, [], "")
        return found

    def plus(self, x: Tensor, other: Tensor) -> Tensor:
        """relu(convolution of x + other [B,C,*S]); not for transposed ones."""
        x, other = self._met(x), self._as_ours(other)
        add: tuple[Any, ...] = ("add", 1.0, "relu", [], "")
        found: Tensor = _OPERATORS._convolution_pointwise.binary(x, other, self.laid, self.bias, *self.places, *add)
        return found

    def _met(self, x: Tensor) -> Tensor:
        if tuple(x.shape) != self.size:
            self.size = tuple(x.shape)
            weight = self._near() if self.wide else self.weight
            # Transposed ones are faster with the layout for any size.
            size = [] if len(self.places) > 4 else [list(self.size)]
            self.laid = self.reorder(weight, *self.places, *size)
        return self._as_ours(x)

    def _near(self) -> Tensor:
        """The filters without what lies beyond the image, for which oneDNN has no fast kernel."""
        weight, self.places[0], self.places[2] = within_reach(self.weight, self.size[2:], self.spacing)
        return weight.contiguous(memory_format=self.layout)

    def _as_ours(self, x: Tensor) -> Tensor:
        return x.to(self.dtype).contiguous(memory_format=self.layout)


def _same_padding(conv: Any) -> bool:
    same = tuple(d * (k // 2) for d, k in zip(conv.dilation, conv.kernel_size, strict=True))
    return conv.padding == same and all(k % 2 for k in conv.kernel_size)


def can_prepack(conv: nn.Module, dtype: torch.dtype) -> bool:
    """Whether this machine and build of PyTorch can lay out the weights of the layer, which must be on the CPU."""
    if type(conv) not in PREPACKABLE or not torch.backends.mkldnn.is_available():
        return False
    native = dtype != torch.bfloat16 or _OPERATORS._is_mkldnn_bf16_supported()
    known = all(hasattr(_OPERATORS, name) for name in ("_convolution_pointwise", "_reorder_convolution_weight"))
    plain = conv.padding_mode == "zeros" and not isinstance(conv.padding, str)
    return bool(native and known and plain)
