"""Start points without a detector: the end classifier asked everywhere on the film.

(C) Ours, for a detector that finds fewer than three vertebrae: one trained from nothing for minutes finds none, while
the end classifier, whose task is smaller, already tells a vertebra's middle from what lies beside it. It is asked on a
grid of half vertebra sides; of places nearer to each other than three quarters of a side the most certain one stays,
moved to the middle of its certain neighbours.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spinelib.spinefm.ends import BACKGROUND, EndClassifier
from spinelib.spinefm.patches import cut
from spinelib.spinefm.seeds import Detection

_STEP, _APART = 0.5, 0.75  # vertebra sides
_FAINT = 0.3  # a place less likely than this is no vertebra's


@torch.no_grad()
def scan(films: Tensor, ends: EndClassifier, batch: int = 64) -> list[list[Detection]]:
    """Vertebrae of films float [N,1,H,W] in 0..1, most certain first; scores are 1 - P(background), masks are squares.

    Places whose pixel is black, as outside a film, are not asked.
    """
    return [_film(film[None], ends, batch) for film in films]


def _film(film: Tensor, ends: EndClassifier, batch: int) -> list[Detection]:
    side, (H, W) = ends.geometry.side, (film.shape[-2], film.shape[-1])
    places = _grid(film, _STEP * side)
    chances = [np.zeros(0)]
    for part in places.split(batch):
        which = torch.zeros(len(part), dtype=torch.long, device=film.device)
        logits = ends(cut(film, which, part, ends.geometry.view))
        chances.append(1 - logits.softmax(1)[:, BACKGROUND].cpu().numpy())
    points, scores = places.cpu().numpy().astype(np.float64), np.concatenate(chances)
    out = []
    for k in _peaks(points, scores, _APART * side):
        near = np.linalg.norm(points - points[k], axis=1) <= _APART * side
        weights = np.maximum(scores[near] - _FAINT, 0) ** 2
        x, y = (points[near] * weights[:, None]).sum(0) / weights.sum()
        rows, columns = np.mgrid[:H, :W]
        mask = (abs(rows - y) < side / 2) & (abs(columns - x) < side / 2)
        out.append(Detection(float(scores[k]), (float(x), float(y)), mask))
    return out


def _grid(film: Tensor, step: float) -> Tensor:
    """Places (x, y) [M,2] px every `step` px where the film [1,1,H,W] is not black."""
    H, W = film.shape[-2], film.shape[-1]
    y, x = torch.meshgrid(torch.arange(step / 2, H, step), torch.arange(step / 2, W, step), indexing="ij")
    places = torch.stack([x.flatten(), y.flatten()], 1).round().to(film.device)
    shown = film[0, 0, places[:, 1].long().clamp(max=H - 1), places[:, 0].long().clamp(max=W - 1)] > 0
    return places[shown]


def _peaks(points: NDArray[np.float64], scores: NDArray[np.float64], apart: float) -> list[int]:
    """Positions of the most certain places, each farther than `apart` from all before it."""
    kept: list[int] = []
    for k in np.argsort(-scores, kind="stable"):
        if scores[k] <= _FAINT:
            break
        if all(np.linalg.norm(points[k] - points[j]) > apart for j in kept):
            kept.append(int(k))
    return kept
