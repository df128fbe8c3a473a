"""Adapters: small networks inside a frozen vision transformer, the only part of its encoder that learns.

Wu et al., Medical SAM Adapter, arXiv 2304.12620. (B) From its public program: Adapter(D) is Linear D to D/4, GELU,
Linear D/4 to D. In a block, after attention z = A(LN1 x): z <- z + Adapter_space(z), x <- x + z; n = LN2(x);
x <- x + MLP(n) + 0.5 Adapter_mlp(n). That program divides into windows before LN1, SAM after it; the padding of a
window then differs. SAM's order is kept here: attention and MLP are wrapped, the block itself is the library's, and
because windows only regroup tokens the adapter may stand inside them. (C) Ours: the second linear layer starts at
zero, so that training starts from the network as it was.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

REDUCTION = 4
MLP_SHARE = 0.5


class Adapter(nn.Module):
    """Bottleneck on the last dimension: [...,D] to [...,D], without skip; 295,872 parameters at D = 768."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.down, self.act, self.up = nn.Linear(dim, dim // REDUCTION), nn.GELU(), nn.Linear(dim // REDUCTION, dim)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        """What is to be added to x."""
        return self.up(self.act(self.down(x)))


class AdaptedAttention(nn.Module):
    """Attention followed by its adapter: A(x) + Adapter(A(x)), [B,H,W,D]."""

    def __init__(self, inner: nn.Module, dim: int) -> None:
        super().__init__()
        self.inner, self.adapter = inner, Adapter(dim)

    def forward(self, x: Tensor) -> Tensor:
        """[B,H,W,D] to [B,H,W,D]."""
        z = self.inner(x)
        return z + self.adapter(z)


class AdaptedMlp(nn.Module):
    """MLP beside its adapter: MLP(n) + 0.5 Adapter(n), [B,H,W,D]."""

    def __init__(self, inner: nn.Module, dim: int) -> None:
        super().__init__()
        self.inner, self.adapter = inner, Adapter(dim)

    def forward(self, n: Tensor) -> Tensor:
        """[B,H,W,D] to [B,H,W,D]."""
        return self.inner(n) + MLP_SHARE * self.adapter(n)


def adapt(encoder: Any) -> list[Adapter]:
    """Wrap attention and MLP of every block of a SAM image encoder in place; the new adapters, two per block."""
    added: list[Adapter] = []
    for block in encoder.blocks:
        dim = block.norm1.normalized_shape[0]
        block.attn, block.mlp = AdaptedAttention(block.attn, dim), AdaptedMlp(block.mlp, dim)
        added += [block.attn.adapter, block.mlp.adapter]
    return added
