"""What the peers do to an image before they train on it: one case at a time, in worker processes.

The same kinds and ranges of change as our common recipe, as far as each library has them. What differs: no peer has the
soft shadow, the negative or, in volumes, the elastic deformation; torchvision has no random gamma, for which contrast
and brightness stand in, and no coarsening; MONAI coarsens volumes alone and turns them with trilinear sampling. Both
z-score the whole image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from spinelib.cases import CaseArrays
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.augmentation.intensity import Intensity

GEOMETRY, LIGHT = Geometry(), Intensity()


class Plain(Dataset[tuple[Tensor, Tensor]]):
    """Cases for the plain loop: image float32 [1,*S] and labels int64 [*S], changed by torchvision's v2 transforms."""

    def __init__(self, data: CaseArrays) -> None:
        self.images, self.labels = data.images, data.labels
        self.chain = torchvision_chain(15.0 if len(data.grid) == 3 else GEOMETRY.rotation)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        from torchvision import tv_tensors

        # The slices of a volume go through as a stack of films.
        image, labels = torch.from_numpy(self.images[i]), torch.from_numpy(self.labels[i])
        films = image.movedim(0, -3)
        seen, drawn = self.chain(tv_tensors.Image(films), tv_tensors.Mask(labels))
        image = seen.as_subclass(Tensor).movedim(-3, 0)
        return (image - image.mean()) / image.std().clamp_min(1e-3), drawn.as_subclass(Tensor).long()


def torchvision_chain(rotation: float) -> Any:
    """Mirror, affine map, light, blur and noise, by the ranges and probabilities of our recipe."""
    from torchvision.transforms import v2

    light = v2.ColorJitter(brightness=LIGHT.brightness[2], contrast=LIGHT.contrast[1:])
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(GEOMETRY.flip),
            v2.RandomAffine(
                rotation,
                (GEOMETRY.shift, GEOMETRY.shift),
                GEOMETRY.scale,
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
            v2.ToDtype({_image(): torch.float32, "others": None}, scale=True),
            v2.RandomApply([light], LIGHT.gamma[0]),
            v2.RandomApply([v2.GaussianBlur(7, LIGHT.blur[1:])], LIGHT.blur[0]),
            v2.RandomApply([v2.GaussianNoise(sigma=0.05)], LIGHT.noise[0]),
        ]
    )


def _image() -> Any:
    from torchvision import tv_tensors

    return tv_tensors.Image


def monai_items(data: CaseArrays) -> list[dict[str, np.ndarray]]:
    """Cases as MONAI's dictionary transforms take them."""
    return [{"image": data.images[i], "label": data.labels[i]} for i in range(len(data))]


def monai_chain(grid: tuple[int, ...]) -> Any:
    """MONAI's dictionary transforms: what is deterministic, cached, comes first."""
    from monai import transforms as m

    keys, volume = ["image", "label"], len(grid) == 3
    turn = np.deg2rad(15.0 if volume else GEOMETRY.rotation)
    zoom = (GEOMETRY.scale[0] - 1, GEOMETRY.scale[1] - 1)
    # In the plane of the last two axes alone: slices of a volume stay parallel.
    still = [(0.0, 0.0)] * (len(grid) - 2)
    affine: dict[str, Any] = {
        "rotate_range": (turn, 0.0, 0.0) if volume else turn,
        "scale_range": [*still, zoom, zoom],
        "translate_range": [*still, *((-GEOMETRY.shift * side, GEOMETRY.shift * side) for side in grid[-2:])],
    }
    blur: Any = {f"sigma_{axis}": LIGHT.blur[1:] for axis in "xyz"[: len(grid)]}
    return m.Compose(
        [
            m.EnsureChannelFirstd(["label"], channel_dim="no_channel"),
            m.EnsureTyped(keys, dtype=torch.float32),
            m.ScaleIntensityd(["image"]),
            m.RandFlipd(keys, GEOMETRY.flip, spatial_axis=0 if volume else 1),
            m.RandAffined(keys, prob=1.0, mode=("bilinear", "nearest"), padding_mode="zeros", **affine),
            m.RandAdjustContrastd(["image"], LIGHT.gamma[0], LIGHT.gamma[1:]),
            m.RandScaleIntensityd(["image"], 0.5, LIGHT.contrast[0]),
            m.RandShiftIntensityd(["image"], LIGHT.brightness[2], prob=LIGHT.brightness[0]),
            m.RandGaussianSmoothd(["image"], prob=LIGHT.blur[0], **blur),
            *(
                [m.RandSimulateLowResolutiond(["image"], LIGHT.low_resolution[0], zoom_range=(0.3, 0.7))]
                if volume
                else []
            ),
            m.RandGaussianNoised(["image"], LIGHT.noise[0], std=0.05),
            m.NormalizeIntensityd(["image"]),
        ]
    )
