"""What detector, segmenter and predictor of SpineFM learn from labelled films, and how they are validated.

(B) From the published program: the losses of Mask R-CNN; binary cross-entropy for the segmenter; squared error of the
predictor. (C) Ours: prompts are centroids moved by up to four tenths of a vertebra's side along both axes; half of the
films and patches are mirrored; greys vary by up to a fifth. Each of these is an argument of its stage.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from spinelib.core.errors import BadInput
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.patches import cut_patches, points_tensor, resized_patches
from spinelib.spinefm.post import final_masks
from spinelib.spinefm.predictor import PointPredictor, windows
from spinelib.spinefm.recipe import StageRecipe
from spinelib.spinefm.seeds import SCORE
from spinelib.spinefm.segmenter import Segmenter, loss
from spinelib.spinefm.stage import Stage

# Of a vertebra's side. The segmenter has to find the middle from anywhere on its vertebra, as the walk's errors add up.
JITTER, PROMPTS = 0.1, 0.4
# Deviation of the points that the predictor is given, in vertebra sides: what the segmenter finds is as uncertain.
NOISE = 0.12
_GREYS = 0.2
CHECKED = 32  # patches at once in validation


class DetectorStage(Stage):
    """Mask R-CNN learns boxes and masks of all labelled vertebrae; validated by the F1 of centroids in vertebrae.

    augment: half of the films are mirrored, greys vary.
    """

    name = "detector"
    model: Detector

    def __init__(
        self,
        model: Detector,
        films: Labelled,
        train: Any,
        validation: Any,
        recipe: StageRecipe,
        seed: int = 0,
        *,
        augment: bool = True,
    ) -> None:
        super().__init__(model, films, train, validation, recipe, seed)
        self.augment, self.options = augment, {"augment": augment}
        self.train = with_vertebrae(films, self.train, "training")
        self.validation = with_vertebrae(films, self.validation, "validation")
        self.items = len(self.train)

    def batch(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[Any, ...]:
        """Films [B,1,H,W] and their targets."""
        index = self.train[chosen]
        films, numbers = torch.from_numpy(self.films.films[index]), self.films.numbers[index].copy()
        films = to_one_channel(films)
        if not self.augment:
            return films, [target(one) for one in numbers]
        flip = random.random(len(index)) < 0.5
        numbers[flip] = numbers[flip, :, ::-1]
        films[torch.from_numpy(flip)] = films[torch.from_numpy(flip)].flip(-1)
        return varied(films, random), [target(one) for one in numbers]

    def loss(self, *batch: Any) -> Tensor:
        """Sum of Mask R-CNN's losses."""
        films, targets = batch
        return torch.stack(list(self.model(films, targets).values())).sum()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Precision, recall and F1 of detections above the walk's score whose centroid lies in a vertebra."""
        hits, found, there = 0, 0, 0
        for i in self.validation:
            detections = self.model.detect(to_one_channel(torch.from_numpy(self.films.films[i][None]).to(self.device)))[
                0
            ]
            sure = [one for one in detections if one.score > SCORE]
            met = {self._at(i, one.centre) for one in sure} - {0}
            hits, found, there = hits + len(met), found + len(sure), there + int((self.films.areas[i] > 0).sum())
        precision, recall = hits / max(found, 1), hits / max(there, 1)
        f1 = 2 * hits / max(found + there, 1)
        return {"loss": 1 - f1, "score": f1, "precision": precision, "recall": recall}

    def _at(self, film: int, centre: tuple[float, float]) -> int:
        H, W = self.films.grid
        row, column = min(max(round(centre[1]), 0), H - 1), min(max(round(centre[0]), 0), W - 1)
        return int(self.films.numbers[film, row, column])


def target(numbers: NDArray[np.uint8]) -> dict[str, Tensor]:
    """Boxes float [K,4] (x0, y0, x1, y1), labels [K] and masks uint8 [K,H,W] of vertebra numbers [H,W]."""
    values = np.unique(numbers[numbers > 0])
    masks = numbers[None] == values[:, None, None]
    spans = [(np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))) for mask in masks]
    # Boxes end behind their last pixel.
    boxes = np.array([[x[0], y[0], x[-1] + 1, y[-1] + 1] for x, y in spans], np.float32).reshape(-1, 4)
    labels = torch.ones(len(values), dtype=torch.int64)
    return {"boxes": torch.from_numpy(boxes), "labels": labels, "masks": torch.from_numpy(masks.astype(np.uint8))}


class SegmenterStage(Stage):
    """SAM with adapters learns one vertebra per patch; validated by the Dice of the final mask within the patch.

    jitter: by how much prompts are off at most, in sides of their vertebra, in training and in validation. A network
    that begins from nothing and only sees prompts in the middle learns to answer with the middle; it then repeats
    every error of the walk instead of correcting it. augment: half of the patches are mirrored, greys vary.
    """

    name = "segmenter"
    model: Segmenter

    def __init__(
        self,
        model: Segmenter,
        films: Labelled,
        train: Any,
        validation: Any,
        recipe: StageRecipe,
        seed: int = 0,
        *,
        jitter: float = PROMPTS,
        augment: bool = True,
    ) -> None:
        super().__init__(model, films, train, validation, recipe, seed)
        self.train = with_vertebrae(films, self.train, "training")
        self.validation = with_vertebrae(films, self.validation, "validation")
        self.jitter, self.augment, self.options = jitter, augment, {"jitter": jitter, "augment": augment}
        self._train, self._checks = films.items(self.train), films.items(self.validation)
        self.items = len(self._train)

    def batch(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[Any, ...]:
        """Patches [B,1,s,s] around prompts that are a little off, and masks [B,s,s]."""
        patches, masks = self._patches(self._train[chosen], random)
        if not self.augment:
            return patches, masks
        flip = torch.from_numpy(random.random(len(chosen)) < 0.5)
        patches[flip], masks[flip] = patches[flip].flip(-1), masks[flip].flip(-1)
        return varied(patches, random), masks

    def loss(self, *batch: Any) -> Tensor:
        """Cross-entropy at the resolution of the logits."""
        patches, masks = batch
        logits = self.model(patches)
        return loss(logits, (resized_patches(masks[:, None], logits.shape[-1])[:, 0] >= 0.5).float())

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Mean Dice over the validation vertebrae, prompts off by the jitter (always the same), and the loss."""
        dice, losses = [], []
        random = np.random.default_rng(self.seed)
        for start in range(0, len(self._checks), CHECKED):
            drawn = self._patches(self._checks[start : start + CHECKED], random)
            patches, masks = (part.to(self.device) for part in drawn)
            losses += [float(self.loss(patches, masks))] * len(patches)
            logits = resized_patches(self.model(patches)[:, None], patches.shape[-1])[:, 0]
            found, wanted = final_masks(logits, patches.shape[-1]), masks > 0.5
            both, total = (found & wanted).sum((1, 2)), found.sum((1, 2)) + wanted.sum((1, 2))
            dice += (2 * both / total.clamp(min=1)).tolist()
        return {"loss": float(np.mean(losses)), "score": float(np.mean(dice)), "dice": float(np.mean(dice))}

    def _patches(self, items: np.ndarray, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        side = self.model.geometry.patch
        points = np.array([self.films.centres[i][k] for i, k in items])
        sides = np.sqrt([self.films.areas[i][k] for i, k in items])
        points = points + self.jitter * sides[:, None] * random.uniform(-1, 1, points.shape)
        where, which = points_tensor(points), torch.arange(len(items))
        films = to_one_channel(torch.from_numpy(self.films.films[items[:, 0]]))
        masks = self.films.numbers[items[:, 0]] == (items[:, 1] + 1)[:, None, None]
        wanted = torch.from_numpy(masks[:, None].astype(np.float32))
        return cut_patches(films, which, where, side), cut_patches(wanted, which, where, side)[:, 0]


class PredictorStage(Stage):
    """The point predictor learns all windows of four vertebrae; validated by its mean miss in vertebra sides.

    noise: deviation of the three given points, in vertebra sides, in training and in validation (published: none). A
    predictor that only saw true centres goes straight on from the last two and doubles their errors. mirror: the
    mirrored windows as well (published: not).
    """

    name = "predictor"
    model: PointPredictor

    def __init__(
        self,
        model: PointPredictor,
        films: Labelled,
        train: Any,
        validation: Any,
        recipe: StageRecipe,
        seed: int = 0,
        *,
        noise: float = NOISE,
        mirror: bool = True,
    ) -> None:
        super().__init__(model, films, train, validation, recipe, seed)
        self.noise, self.options = noise, {"noise": noise, "mirror": mirror}
        self._scale = np.array(films.grid[::-1], np.float64)
        self.side = films.side(self.train)
        self._train = windows([films.centres[i] / self._scale for i in self.train], mirror)
        self._checks = windows([films.centres[i] / self._scale for i in self.validation], mirror=False)
        for name, found in (("training", self._train), ("validation", self._checks)):
            if not len(found):
                reason = "show no four successive vertebrae"
                raise BadInput(f"{name} films", reason, "Use films with longer labelled chains.")
        self.items = len(self._train)

    def batch(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[Any, ...]:
        """Three points [B,3,2] and the next [B,2], fractions of the film."""
        return self._pair(self._train[chosen], random)

    def loss(self, *batch: Any) -> Tensor:
        """Mean squared error."""
        points, following = batch
        return F.mse_loss(self.model(points), following)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Mean distance of predicted and true centre in vertebra sides (`miss`), and the squared error."""
        points, following = (
            part.to(self.device) for part in self._pair(self._checks, np.random.default_rng(self.seed))
        )
        off = (self.model(points) - following).cpu().numpy() * self._scale / self.side
        miss = float(np.linalg.norm(off, axis=1).mean())
        return {"loss": float(self.loss(points, following)), "score": -miss, "miss": miss}

    def _pair(self, found: NDArray[np.float64], random: np.random.Generator) -> tuple[Tensor, Tensor]:
        points = torch.as_tensor(found, dtype=torch.float32)
        off = random.standard_normal((len(found), 3, 2)) * (self.noise * self.side / self._scale)
        return points[:, :3] + torch.as_tensor(off, dtype=torch.float32), points[:, 3]


def with_vertebrae(films: Labelled, index: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    """Those of the films `index` that have a labelled vertebra. Raises BadInput when there are none."""
    kept = np.array([i for i in index if films.areas[i].any()], np.int64)
    if not len(kept):
        raise BadInput(f"{name} films", "have no labelled vertebra", "Use films with corners or masks of vertebrae.")
    return kept


def varied(x: Tensor, random: np.random.Generator) -> Tensor:
    """Brightness and contrast of each x [B,1,h,w] changed by up to a fifth; black stays black."""
    gain = 1 + _GREYS * torch.from_numpy(random.uniform(-1, 1, (len(x), 1, 1, 1))).float()
    power = 1 + _GREYS * torch.from_numpy(random.uniform(-1, 1, (len(x), 1, 1, 1))).float()
    return (gain * x.clamp(min=0) ** power).clamp(max=1)
