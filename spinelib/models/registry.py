"""Build a network by the name of its method and variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinelib.models.catalogue import METHODS, NETWORKS
from spinelib.models.method import Method, check_choice

if TYPE_CHECKING:
    from torch import nn

__all__ = ["METHODS", "NETWORKS", "Method", "build_model"]


def build_model(
    method: str,
    variant: str = "full",
    in_channels: int = 1,
    classes: int = 1,
    width: float = 1.0,
    *,
    two_channels: bool = False,
    **options: Any,
) -> nn.Module:
    """Build a network by name: float [B,C,*S] (any size S) to logits [B,K,*S].

    One class gives one logit channel (sigmoid), with `two_channels` two while it is trained, background and class
    (softmax), of which it answers the one logit (`spinelib.models.layers.one_logit`); more give classes + 1 channels
    (softmax, channel 0 background). `width` multiplies every channel count; `options` override the variant's keyword
    arguments.
    Raises BadInput, naming the closest match, for an unknown method, variant or option.
    """
    check_choice(method, NETWORKS, "method")
    entry = NETWORKS[method]
    check_choice(variant, entry.variants, f"variant of {method}")
    out_channels = 1 if classes == 1 and not two_channels else classes + 1
    return entry.build(in_channels, out_channels, width, **{**entry.variants[variant], **options})
