"""One drawing primitive for everything long: ribbons with a cross-profile, splatted by one scatter-add.

Ribs, clavicles, vessels, bowel, wires and outlines are all curves with a width; no pixel is visited twice.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

STEP = 0.9  # px between samples
Profile = Callable[[torch.Tensor], torch.Tensor]


def tube(t: torch.Tensor) -> torch.Tensor:
    """Hollow bone: chord through a cortical shell that is a fifth of the radius thick, 1 at the brightest."""
    inner = (0.7**2 - t**2).clamp_min(0).sqrt()
    return ((1 - t**2).clamp_min(0).sqrt() - 0.75 * inner) / 0.714


def rod(t: torch.Tensor) -> torch.Tensor:
    """Solid round cross-section, 1 in the middle."""
    return (1 - t**2).clamp_min(0).sqrt()


def flat(t: torch.Tensor) -> torch.Tensor:
    """Flat band."""
    return torch.ones_like(t)


def soft(t: torch.Tensor) -> torch.Tensor:
    """Bell that fades to nothing at its edges."""
    return (1 - t**2).clamp_min(0) ** 2


def ribbons(
    canvas: torch.Tensor, points: torch.Tensor, half: torch.Tensor, weight: torch.Tensor, profile: Profile
) -> None:
    """Add R ribbons to `canvas` [H,W] in place.

    points [R,P,2] px (x, y) of the centre line, half [R,P] half-width in px, weight [R,P] value added where
    the profile is 1. Parts off the canvas are dropped. Samples lie at most STEP px apart and are shared
    bilinearly.
    """
    length = (points[:, 1:] - points[:, :-1]).norm(dim=-1).sum(1).max().item()
    count = max(int(length / STEP), 2)
    along = F.interpolate(
        torch.cat([points, half[..., None], weight[..., None]], -1).transpose(1, 2),
        size=count,
        mode="linear",
        align_corners=True,
    )
    x, y, half, weight = along.unbind(1)
    dx, dy = torch.gradient(x, dim=1)[0], torch.gradient(y, dim=1)[0]
    step = (dx * dx + dy * dy).sqrt().clamp_min(1e-6)
    half = half.clamp_min(0.35)
    rows = max(int(2 * half.max().item() / STEP), 3)
    t = (torch.arange(rows) + 0.5) / rows * 2 - 1
    value = (weight * step * half)[..., None] * (2 / rows) * profile(t)
    offset = half[..., None] * t
    splat(
        canvas,
        x[..., None] - (dy / step)[..., None] * offset,
        y[..., None] + (dx / step)[..., None] * offset,
        value,
    )


def splat(canvas: torch.Tensor, x: torch.Tensor, y: torch.Tensor, value: torch.Tensor) -> None:
    """Add `value` at x, y (px, same shapes) to `canvas` [H,W] in place, shared among the four nearest pixels."""
    height, width = canvas.shape
    inside = (x > -1) & (x < width) & (y > -1) & (y < height)
    x, y, value = x[inside] + 1, y[inside] + 1, value[inside]
    column, row = x.floor(), y.floor()
    fx, fy = x - column, y - row
    index = (row * (width + 2) + column).long()
    # A border of one pixel takes what falls half outside.
    padded = torch.zeros((height + 2) * (width + 2))
    for shift, share in (
        (0, (1 - fx) * (1 - fy)),
        (1, fx * (1 - fy)),
        (width + 2, (1 - fx) * fy),
        (width + 3, fx * fy),
    ):
        padded.scatter_add_(0, index + shift, value * share)
    canvas += padded.view(height + 2, width + 2)[1:-1, 1:-1]


def pockets(canvas: torch.Tensor, centre: torch.Tensor, radius: torch.Tensor) -> None:
    """Raise `canvas` [H,W] in place to the chord (px) through K balls: centre [K,2] px (x, y), radius [K] px.

    Overlapping balls count once (the longest chord), so that a chain of them looks like bowel.
    """
    order = radius.argsort()
    # Small and large balls apart: a patch is as large as the largest ball of its group.
    for group in order.chunk(3):
        _pockets(canvas, centre[group], radius[group])


def _pockets(canvas: torch.Tensor, centre: torch.Tensor, radius: torch.Tensor) -> None:
    height, width = canvas.shape
    reach = int(radius.max().item()) + 1
    offset = torch.arange(-reach, reach + 1)
    row, column = (centre.flip(1).round().long()[:, :, None] + offset).unbind(1)
    dy, dx = row - centre[:, 1:], column - centre[:, :1]
    chord = 2 * (radius[:, None, None] ** 2 - dy[:, :, None] ** 2 - dx[:, None] ** 2).clamp_min(0).sqrt()
    inside = ((row >= 0) & (row < height))[:, :, None] & ((column >= 0) & (column < width))[:, None]
    index = (row[:, :, None] * width + column[:, None])[inside]
    canvas.view(-1).scatter_reduce_(0, index, chord[inside], "amax")
