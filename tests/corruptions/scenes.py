"""What a corruption's own function is called with."""

import torch

from spinelib.corruptions import Draws
from spinelib.corruptions.corruption import Scene


def scene(grey, seeds=(0,), labels=None):
    """A scene whose film fills the grid, one seed per image."""
    labels = torch.zeros((len(grey), *grey.shape[2:]), dtype=torch.uint8) if labels is None else labels
    return Scene(Draws(seeds), torch.ones_like(grey[:, :1], dtype=torch.bool), labels)
