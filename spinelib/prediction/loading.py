"""The trained network of a model card, from the weights beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import load_weights
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.prediction.normalisation import input_channels

if TYPE_CHECKING:
    from torch import nn


def load_network(card: Card, folder: Path) -> nn.Module:
    """The network of a method that is one network, on the CPU. Raises BadInput for weights that do not fit the card."""
    channels = input_channels(card.channels, card.local)
    network = build_model(card.method, card.variant, channels, len(card.classes), card.width, **card.options)
    return load_weights(network, folder / WEIGHTS)
