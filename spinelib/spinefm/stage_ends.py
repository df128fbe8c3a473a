"""What the end classifier of SpineFM learns from labelled films, and how it is validated.

(B) From the published program: cross-entropy over background, vertebra and both ends; background lies in a ring around
the spine, of the vertebrae blurred by 40, then by 50 px of a patch of 600; the best validation accuracy counts. (C)
Ours: half of what is drawn are vertebrae, for a walk meets many of them before its end; the ring is measured in
vertebra sides and leaves out where a chain may go on without labels. Unknown of the published ring: where it is cut
(here at a tenth), and how many of its places are drawn (here as many as there are vertebrae).

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from torch import Tensor

from spinelib.core.errors import BadInput
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.ends import BACKGROUND, CLASSES, LOWER_END, UPPER_END, VERTEBRA, EndClassifier
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.patches import cut_patches, points_tensor
from spinelib.spinefm.recipe import StageRecipe
from spinelib.spinefm.stage import Stage
from spinelib.spinefm.stages import CHECKED, JITTER, varied, with_vertebrae

CLASS_PROBABILITIES = (0.25, 0.5, 0.125, 0.125)  # how often each of CLASSES is drawn
# Background: this far from the nearest vertebra, in vertebra sides; beyond an open end of the chain, a corridor of
# this half width may hold vertebrae without label.
_RING, _CORRIDOR = (0.6, 2.5), 3.0
# Deviations of the published blurs in sides of the patch, and where a blurred mask is cut.
_BLURS, _CUT = (40 / 600, 50 / 600), 0.1
# Ours and the published one.
RINGS = ("distance", "blur")


class EndsStage(Stage):
    """The end classifier learns vertebrae, ends and background; validated by the mean accuracy of the classes.

    augment: half of the patches are mirrored, greys vary; jitter: by how much places are off, in vertebra sides.
    balanced: drawn by CLASS_PROBABILITIES; without it every vertebra, every end and as many places of background are
    seen once an epoch, and plain accuracy counts. ring: of RINGS. extrapolated: an end beyond the labels is an end too.
    """

    name = "ends"
    model: EndClassifier

    def __init__(
        self,
        model: EndClassifier,
        films: Labelled,
        train: Any,
        validation: Any,
        recipe: StageRecipe,
        seed: int = 0,
        *,
        augment: bool = True,
        jitter: float = JITTER,
        balanced: bool = True,
        ring: str = RINGS[0],
        extrapolated: bool = True,
    ) -> None:
        if not extrapolated:
            films = replace(films, ends=np.where(films.closed[..., None], films.ends, np.nan))
        super().__init__(model, films, train, validation, recipe, seed)
        self.options = {"augment": augment, "jitter": jitter, "balanced": balanced, "ring": ring}
        self.augment, self.jitter, self.balanced = augment, jitter, balanced
        self.train = with_vertebrae(films, self.train, "training")
        self.validation = with_vertebrae(films, self.validation, "validation")
        self.side = films.side(self.train)
        self._train, checks = (self._places(side, ring) for side in (self.train, self.validation))
        if ring == "blur" and not (self._train[:, 3] == BACKGROUND).any():
            remedy = "Give a patch that fits them, as in the option patch=300, or ring=distance."
            raise BadInput("training films", "have no background around a patch of this size", remedy)
        self._checks = self._sample(checks)
        self._groups = [self._train[self._train[:, 3] == k] for k in range(len(CLASSES))]
        usual = zip(CLASS_PROBABILITIES, self._groups, strict=True)
        shares = np.array([share if len(rows) else 0.0 for share, rows in usual])
        self._probabilities = shares / shares.sum()
        self._sampled = self._sample(self._train)
        self.items = int((self._train[:, 3] != BACKGROUND).sum()) if balanced else len(self._sampled)

    def batch(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[Any, ...]:
        """Patches [B,1,s,s] and classes [B]; where they are balanced only the number of `chosen` is used."""
        rows = self._drawn(len(chosen), random) if self.balanced else self._sampled[chosen]
        rows[:, 1:3] += self.jitter * self.side * random.uniform(-1, 1, (len(rows), 2))
        patches, wanted = self._patches(rows)
        if not self.augment:
            return patches, wanted
        flip = torch.from_numpy(random.random(len(rows)) < 0.5)
        patches[flip] = patches[flip].flip(-1)
        return varied(patches, random), wanted

    def loss(self, *batch: Any) -> Tensor:
        """Cross-entropy."""
        patches, classes = batch
        return F.cross_entropy(self.model(patches), classes)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Accuracy within each class that validation films show, their mean, and the loss."""
        answers, losses = [], []
        for start in range(0, len(self._checks), CHECKED):
            patches, wanted = (part.to(self.device) for part in self._patches(self._checks[start : start + CHECKED]))
            logits = self.model(patches)
            answers += logits.argmax(1).tolist()
            losses += F.cross_entropy(logits, wanted, reduction="none").tolist()
        right, classes = np.array(answers) == self._checks[:, 3], self._checks[:, 3]
        each = {CLASSES[k].replace(" ", "_"): float(right[classes == k].mean()) for k in np.unique(classes).astype(int)}
        score = np.mean(list(each.values())) if self.balanced else right.mean()
        return {"loss": float(np.mean(losses)), "score": float(score), **each}

    def _places(self, index: np.ndarray, ring: str) -> NDArray[np.float64]:
        """The rows of `places` in the classes that the network has: with two an end is a vertebra."""
        sizes = self.model.geometry
        rows = places(self.films, index, self.side, 0 if ring == RINGS[0] else sizes.patch)
        if self.model.classes == VERTEBRA + 1:
            rows[:, 3] = np.minimum(rows[:, 3], VERTEBRA)
        return rows

    def _drawn(self, count: int, random: np.random.Generator) -> NDArray[np.float64]:
        groups = [self._groups[k] for k in random.choice(len(CLASSES), count, p=self._probabilities)]
        return np.stack([rows[random.integers(len(rows))] for rows in groups])

    def _patches(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        films = to_one_channel(torch.from_numpy(self.films.films[rows[:, 0].astype(int)]))
        patches = cut_patches(films, torch.arange(len(rows)), points_tensor(rows[:, 1:3]), self.model.geometry.view)
        return patches, torch.from_numpy(rows[:, 3].astype(np.int64))

    def _sample(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Every vertebra and end of `rows`, and as many places of background as there are vertebrae."""
        empty = rows[:, 3] == BACKGROUND
        random = np.random.default_rng(self.seed)
        count = min(int(empty.sum()), max(1, int((~empty).sum())))
        return np.concatenate([rows[~empty], random.permutation(rows[empty])[:count]])


def places(films: Labelled, index: NDArray[np.int64], side: float, patch: int = 0) -> NDArray[np.float64]:
    """Rows [M,4] (film, x, y, class) of all vertebrae, ends and pixels of background of the films `index`.

    side: of a vertebra, px, for `background_points`; patch: above 0 the side of a patch, px, for `blurred_ring`.
    """
    parts = [np.zeros((0, 4))]
    for i in index:
        known = films.centres[i][np.isfinite(films.centres[i]).all(1)]
        ends = films.ends[i]
        inner = [c for c in known if not any(np.allclose(c, end) for end in ends)]
        classed = [(inner, VERTEBRA), (ends[:1], UPPER_END), (ends[1:], LOWER_END)]
        around = blurred_ring(films.numbers[i] > 0, patch) if patch else background_points(films, int(i), side)
        classed.append((around, BACKGROUND))
        for points, category in classed:
            rows = np.array([(i, *point, category) for point in points if np.isfinite(point).all()])
            parts.append(rows.reshape(-1, 4))
    return np.concatenate(parts)


def background_points(films: Labelled, i: int, side: float) -> NDArray[np.float64]:
    """Places (x, y) [M,2] px of film `i` in a ring around its chain, without corridors where it may go on unlabelled.

    Every second pixel in both directions, from 0.6 to 2.5 vertebra sides away from the nearest vertebra or end.
    """
    taken = films.numbers[i] > 0
    y, x = np.mgrid[: taken.shape[0] : 2, : taken.shape[1] : 2]
    places = np.stack([x.ravel(), y.ravel()], 1).astype(np.float64)
    near = np.asarray(distance_transform_edt(~taken))[::2, ::2].ravel() if taken.any() else np.full(len(places), np.inf)
    keep = (near > _RING[0] * side) & (near < _RING[1] * side)
    centres = films.centres[i][np.isfinite(films.centres[i]).all(1)]
    if len(centres) < 2:
        return places[:0]
    for which, chain in ((0, centres), (1, centres[::-1])):
        end = films.ends[i, which]
        if np.isfinite(end).all():
            keep &= np.linalg.norm(places - end, axis=1) > side
        if not films.closed[i, which]:
            keep &= ~_corridor(places, chain[0], chain[0] - chain[1], side)
    return places[keep]


def blurred_ring(taken: NDArray[np.bool_], patch: int) -> NDArray[np.float64]:
    """Places (x, y) [M,2] px of the published ring around the vertebrae `taken` [H,W]; patch: side of a patch, px.

    Every second pixel in both directions where the vertebrae, blurred once, are faint and, blurred again, are not.
    """
    inner, outer = taken, taken
    for number, share in enumerate(_BLURS):
        outer = gaussian_filter(outer.astype(np.float32), share * patch) > _CUT
        inner = outer if number == 0 else inner
    y, x = np.nonzero((outer & ~inner)[::2, ::2])
    return 2 * np.stack([x, y], 1).astype(np.float64)


def _corridor(places: NDArray[np.float64], start: Any, direction: Any, side: float) -> NDArray[np.bool_]:
    """Which places lie beyond `start` along `direction`, within the corridor's half width."""
    unit = direction / max(float(np.linalg.norm(direction)), 1e-9)
    offset = places - start
    along, aside = offset @ unit, np.abs(offset[:, 0] * unit[1] - offset[:, 1] * unit[0])
    return np.asarray((along > 0) & (aside < _CORRIDOR * side))
