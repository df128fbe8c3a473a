"""The segmenter: one vertebra from a patch of the film and a point on it, by SAM with adapters.

(A) SpineFM refines every vertebra with Medical SAM Adapter. (B) From its program: the patch is resized to SAM's input,
grey in 0..1 without SAM's own normalisation, the prompt is one positive point in the middle, the answer a single mask
of logits at a quarter of the input's side; adapters of the image encoder and the mask decoder learn, the prompt encoder
does not. Loss: binary cross-entropy, weight 2 for the vertebra. (C) Ours: without a checkpoint the whole image encoder
learns too, for adapters around random weights would learn little.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.prediction.precision import Precision
from spinelib.spinefm.adapters import adapt
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.patches import PatchSizes, cut_patches, paste, resized_patches
from spinelib.spinefm.sam import SIZES, build_sam, load_sam

VERTEBRA_WEIGHT = 2.0
# Keeps the noise of an almost empty patch from being stretched.
_DARK = 0.05


class Segmenter(nn.Module):
    """SAM with adapters: patches float [B,1,s,s] in 0..1 to logits [B,4g,4g] of the vertebra in the middle.

    `size` is "tiny", "small" or "vit_b" (`spinelib.spinefm.sam`). With a `checkpoint` only adapters and decoder are
    trainable; `verified` then says whether its "hash" or its "shapes" were right. Raises BadInput for a bad one.
    """

    precision: Precision = Precision()

    def __init__(self, geometry: PatchSizes, size: str = "small", checkpoint: str = "") -> None:
        super().__init__()
        self.geometry, self.size = geometry, size
        self.sam = build_sam(size)
        self.verified = load_sam(self.sam, checkpoint) if checkpoint else ""
        self.adapters = adapt(self.sam.image_encoder)
        self.sam.prompt_encoder.requires_grad_(False)
        if checkpoint:
            self.freeze()
        self.built_as: dict[str, Any] = {"size": size, "checkpoint": Path(checkpoint).name if checkpoint else ""}

    def freeze(self) -> None:
        """Leave only adapters and mask decoder trainable."""
        self.sam.image_encoder.requires_grad_(False)
        for adapter in self.adapters:
            adapter.requires_grad_(True)

    def encode(self, patches: Tensor) -> Tensor:
        """Embeddings [B,E,g,g] of patches [B,1,s,s]; computed once per patch, for any prompt."""
        return self.sam.image_encoder(self.prepare(patches))

    def prepare(self, patches: Tensor) -> Tensor:
        """What SAM's encoder sees of patches [B,1,s,s]: [B,3,i,i], grey repeated, 0..1 or standardised by its size."""
        x = resized_patches(to_one_channel(patches), SIZES[self.size].image)
        if SIZES[self.size].standardised:
            x = (x - x.mean((1, 2, 3), keepdim=True)) / (x.std((1, 2, 3), keepdim=True) + _DARK)
        return x.expand(-1, 3, -1, -1)

    def decode(self, embeddings: Tensor, points: Tensor | None = None) -> Tensor:
        """Logits [B,4g,4g] for one positive point (x, y) [B,2] px of SAM's input per patch; the middle by default."""
        B, image = len(embeddings), SIZES[self.size].image
        if points is None:
            points = embeddings.new_full((B, 2), image / 2)
        prompts: Any = self.sam.prompt_encoder
        with torch.no_grad():
            one = torch.ones(B, 1, device=embeddings.device)
            sparse, dense = prompts(points=(points[:, None], one), boxes=None, masks=None)
        # The decoder expects one image with many prompts and adds image and dense prompt: many images go in as the
        # latter, each with its own point.
        logits, _ = self.sam.mask_decoder(
            image_embeddings=embeddings.new_zeros(1, embeddings.shape[1], 1, 1),
            image_pe=prompts.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=embeddings + dense,
            multimask_output=False,
        )
        return logits[:, 0]

    def forward(self, patches: Tensor) -> Tensor:
        """Logits float32 [B,4g,4g] of patches [B,1,s,s] with the prompt in the middle, computed in `precision`."""
        found: Tensor = self.precision.forward(lambda given: self.decode(self.encode(given)), patches)
        return found

    def segment(self, films: Tensor, which: Tensor, points: Tensor) -> Tensor:
        """Logits [B,H,W] on the films [N,1,H,W] of the vertebrae at points (x, y) [B,2] of films which [B]."""
        side = self.geometry.patch
        logits = self(cut_patches(films, which, points, side))
        return paste(logits, points, side, (films.shape[-2], films.shape[-1]))


def loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy of logits [B,h,w] against masks [B,h,w] in 0..1, the vertebra weighted twice."""
    return F.binary_cross_entropy_with_logits(logits, masks, pos_weight=logits.new_tensor(VERTEBRA_WEIGHT))
