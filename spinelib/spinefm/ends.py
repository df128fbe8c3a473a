"""The end classifier tells whether a patch shows a vertebra, and whether it is the upper or lower end of the spine.

(A) A classifier of spine ends checks every new vertebra. (B) From SpineFM's program: four classes (background,
vertebra, C2, S1), patches of 512 px (256 px for CSXA, without ends) at 224 px, ResNet-50, Adam 1e-3, cross-entropy, 15
epochs, batch 32, best validation accuracy; background lies in a ring around the spine. (C) Ours: a narrow ResNet-18
with group normalisation at 64 px by default; the ends of a chain are those of `spinelib.spinefm.instances.ends_of`.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spinelib.models.method import check_choice
from spinelib.prediction.precision import Precision
from spinelib.spinefm.backbone import GroupResNet, to_one_channel
from spinelib.spinefm.patches import PatchSizes, cut_patches, resized_patches

CLASSES = ("background", "vertebra", "upper end", "lower end")
BACKGROUND, VERTEBRA, UPPER_END, LOWER_END = range(4)
DOUBT = 2.0
_SIDES = {"small": 64, "full": 224}


class EndClassifier(nn.Module):
    """Patches float [B,1,s,s] in 0..1 to logits [B,K] over the first K `classes` of `CLASSES`.

    `size` is "small" or "full" (ResNet-50). doubt: how much larger than all others the logit of background has to be
    for `classify` to answer with it (published: 0). A walk asks at a vertebra far more often than in training, and one
    wrong background ends it.
    """

    precision: Precision = Precision()

    def __init__(
        self,
        geometry: PatchSizes,
        size: str = "small",
        width: float = 0.25,
        *,
        doubt: float = DOUBT,
        classes: int = len(CLASSES),
    ) -> None:
        super().__init__()
        check_choice(size, _SIDES, "size of the end classifier")
        self.geometry, self.side, self.full = geometry, _SIDES[size], size == "full"
        self.doubt, self.classes, self.built_as = doubt, classes, {"size": size, "width": width, "classes": classes}
        if self.full:
            from torchvision.models import resnet50

            self.body: nn.Module = resnet50(num_classes=classes)
            return
        trunk = GroupResNet(width)
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(trunk.channels[-1], classes))
        self.body = nn.Sequential(trunk, *head)

    def forward(self, patches: Tensor) -> Tensor:
        """Logits float32 [B,K] of patches [B,1,s,s], computed in `precision`."""
        x = resized_patches(to_one_channel(patches), self.side) - 0.5
        logits: Tensor = self.precision.forward(self.body, x.expand(-1, 3, -1, -1) if self.full else x)
        return logits

    @torch.no_grad()
    def classify(self, films: Tensor, which: Tensor, points: Tensor) -> Tensor:
        """Classes int64 [B] at points (x, y) [B,2] px of films which [B] out of [N,1,H,W].

        Background is the answer only where its logit is the largest by more than `doubt`.
        """
        logits = self(cut_patches(films, which, points, self.geometry.view))
        logits[:, BACKGROUND] -= self.doubt
        return logits.argmax(1)
