"""What the regression network of Seg4Reg reads: the film alone, a mask, or both; as this study or as released.

(B) The released code of Seg4Reg: contrast-limited adaptive histogram equalisation (CLAHE, clip limit 3, 8 x 8 tiles) of
a film of 512 rows, cut or padded to 256 columns about its middle, grey repeated in three channels, divided by 255;
masks in its place or beside it are options. CLAHE is computed as OpenCV computes it (Zuiderveld, Graphics Gems IV,
1994, 474-485). (C) Ours: networks of this study see normalised films, so that greys are first stretched from a film's
darkest to its brightest, and films that fit their grid, so that a wide one is enlarged again until it fills the rows;
tiles are eighths of the film, whatever its size.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CLIP, TILES, LEVELS = 3.0, 8, 256
CHANNELS = 3
# A mask is shown to R as a z-scored image of which about a tenth is bright, the spine's share of a film.
_SHARE, _SPREAD = 0.1, 0.3


def as_image(mask: Tensor, like: Tensor) -> Tensor:
    """A mask [B,1,H,W] of values 0..1 on the scale, and with the channels, of the normalised images `like`."""
    return ((mask - _SHARE) / _SPREAD).to(like.dtype).expand(-1, like.shape[1], -1, -1)


def usual_picture(x: Tensor, mask: Tensor | None, stacked: bool) -> Tensor:
    """The normalised film x [B,C,H,W]; with a mask [B,1,H,W] that instead, or `stacked` both, [B,C+1,H,W]."""
    if mask is None:
        return x
    drawn = as_image(mask, x)
    return torch.cat([x, drawn[:, :1]], 1) if stacked else drawn


def released_picture(x: Tensor, mask: Tensor | None, stacked: bool) -> Tensor:
    """Three channels [B,3,H,W] in 0..1 of a normalised film x [B,C,H,W], of which the first channel is the grey.

    The film after CLAHE; with a mask [B,1,H,W] that instead, or `stacked` the mask as the film's third channel. Films
    wider than the grid fill its rows and lose their sides (`row_zoom`).
    """
    if mask is not None and not stacked:
        shown = mask.to(x.dtype)
    else:
        film = equalised(x[:, :1]).to(x.dtype)
        shown = film if mask is None else torch.cat([film, film, mask.to(x.dtype)], 1)
    return zoomed(shown, row_zoom(x)).expand(-1, CHANNELS, -1, -1)


@torch.no_grad()
def row_zoom(x: Tensor) -> Tensor:
    """How many times its height a normalised film of x [B,C,H,W] has to grow to fill the rows: float32 [B].

    1 but for films that fill the columns and not the rows, as those do that are wider than their grid.
    """
    lit = x[:, 0] != 0
    rows, columns = (_Axis(lit.any(axis), 1).inside for axis in (2, 1))
    return torch.where(columns.all(1), x.shape[2] / rows.sum(1).clamp_min(1), 1.0).float()


def zoomed(images: Tensor, factor: Tensor) -> Tensor:
    """Images [B,C,h,w] enlarged `factor` [B] times about their middle (bilinear, 0 outside); those of 1 as they are."""
    maps = images.new_zeros(len(images), 2, 3, dtype=torch.float32)
    maps[:, 0, 0] = maps[:, 1, 1] = 1 / factor
    grid = F.affine_grid(maps, list(images.shape), align_corners=False).to(images.dtype)
    large = F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return torch.where((factor == 1)[:, None, None, None], images, large)


@torch.no_grad()
def equalised(grey: Tensor, clip: float = CLIP, tiles: int = TILES) -> Tensor:
    """CLAHE of films [B,1,H,W] of any greys, 0 outside the film: float32 [B,1,H,W] in 0..1, 0 outside."""
    films = grey[:, 0].float()
    low, high = films.amin((1, 2), keepdim=True), films.amax((1, 2), keepdim=True)
    levels = ((films - low) / (high - low).clamp_min(1e-6) * (LEVELS - 1)).round().long()
    lit = films != 0
    rows, columns = (_Axis(lit.any(axis), tiles) for axis in (2, 1))
    inside = rows.inside[:, :, None] & columns.inside[:, None]
    tile = rows.tile[:, :, None] * tiles + columns.tile[:, None]
    counts = films.new_zeros(len(films), tiles**2 * LEVELS)
    counts.scatter_add_(1, (tile * LEVELS + levels).flatten(1), inside.flatten(1).float())
    curves = _curves(counts.view(len(films), tiles**2, LEVELS), clip).flatten(1)
    out = torch.zeros_like(films)
    for row, down in rows.neighbours:
        for column, across in columns.neighbours:
            place = (row[:, :, None] * tiles + column[:, None]) * LEVELS + levels
            share = down[:, :, None] * across[:, None]
            out += share * curves.gather(1, place.flatten(1)).view_as(out)
    return (out.round() / (LEVELS - 1) * inside)[:, None]


class _Axis:
    """One axis of films that lie on it where `lit` [B,n]: the tile of every pixel, the two nearest and their shares."""

    def __init__(self, lit: Tensor, tiles: int) -> None:
        count = lit.shape[1]
        first = lit.int().argmax(1, keepdim=True)
        length = count - lit.flip(1).int().argmax(1, keepdim=True) - first
        along = torch.arange(count, device=lit.device)[None] - first
        self.inside = (along >= 0) & (along < length) & lit.any(1, keepdim=True)
        self.tile = (along * tiles).div(length, rounding_mode="floor").clamp(0, tiles - 1)
        place = along * tiles / length - 0.5
        lower = place.floor()
        nearest = [lower.long().clamp(0, tiles - 1), (lower.long() + 1).clamp(0, tiles - 1)]
        self.neighbours = list(zip(nearest, (1 - (place - lower), place - lower), strict=True))


def _curves(counts: Tensor, clip: float) -> Tensor:
    """New levels [B,T,256] of the old ones from their counts in each tile, what exceeds the limit shared out evenly."""
    area = counts.sum(-1, keepdim=True).clamp_min(1)
    limit = (clip * area / LEVELS).floor().clamp_min(1)
    excess = (counts - limit).clamp_min(0).sum(-1, keepdim=True)
    counts = counts.minimum(limit) + (excess / LEVELS).floor()
    rest = excess % LEVELS
    # What does not go round is given to levels as far apart as possible.
    step = (LEVELS / rest.clamp_min(1)).floor().clamp_min(1)
    level = torch.arange(LEVELS, device=counts.device)
    counts = counts + ((level % step == 0) & (level / step < rest))
    return (counts.cumsum(-1) * (LEVELS - 1) / area).round().clamp_max(LEVELS - 1)
