"""What the two networks of R2MF-Net's cascade answer, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn


def stage_probabilities(network: nn.Module, images: torch.Tensor) -> dict[str, np.ndarray]:
    """Probability [n,H,W] from every head of a cascade, coarse first, for inputs [n,C,H,W]."""
    import torch

    from spinelib.models.seg4reg_plus import foreground

    was_training = network.training
    network.eval()
    with torch.inference_mode():
        heads = network.heads(images)  # type: ignore[operator]
    network.train(was_training)
    names = {"coarse": "coarse network", "logits": "fine network" if "coarse" in heads else "network"}
    return {names[k]: foreground(heads[k])[:, 0].float().cpu().numpy() for k in names if k in heads}
