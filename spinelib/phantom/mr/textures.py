"""Smooth random fields in three dimensions, drawn from one generator."""

from __future__ import annotations

from functools import cache

import torch


@cache
def _weights(count: int, nodes: int) -> torch.Tensor:
    """Cubic B-spline weights [count, nodes], rows of unit length: a sum of unit noise keeps unit variance."""
    position = torch.linspace(1, nodes - 2, count)[:, None]
    t = (position - torch.arange(nodes)).abs()
    weight = torch.where(t < 1, 2 / 3 - t**2 + t**3 / 2, (2 - t).clamp_min(0) ** 3 / 6)
    return weight / weight.norm(dim=1, keepdim=True)


def texture(shape: tuple[int, int, int], cells: tuple[float, float, float], draw: torch.Generator) -> torch.Tensor:
    """Noise [D,H,W] of unit variance with about `cells` bumps along each axis."""
    nodes = [min(max(round(c), 1), n) + 3 for c, n in zip(cells, shape, strict=True)]
    coarse = torch.randn(*nodes, generator=draw)
    coarse = torch.tensordot(_weights(shape[0], nodes[0]), coarse, 1)
    return _weights(shape[1], nodes[1]) @ coarse @ _weights(shape[2], nodes[2]).T


def sized(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], mm: tuple[float, float, float], g: torch.Generator
) -> torch.Tensor:
    """Noise [D,H,W] whose bumps are about `mm` long along each axis of a grid with `spacing` (mm)."""
    cells = [n * s / max(m, s) for n, s, m in zip(shape, spacing, mm, strict=True)]
    return texture(shape, (cells[0], cells[1], cells[2]), g)
