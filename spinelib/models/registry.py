"""Which methods exist, their variants and their losses: one entry per method.

A method is an architecture with its loss. A variant is the same architecture with other keyword arguments;
the full model's variant is called ``full``. Constructors and losses are named by import path, so that listing
or checking methods stays free of torch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spinelib.errors import BadInput

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Method:
    """One architecture: its name, what it is, how to build it and what it minimises.

    `constructor` and `criterion` are import paths ``module:name``. The constructor takes in_channels,
    out_channels, width and the keyword arguments listed in `variants`; the criterion takes (outputs, target).
    """

    name: str
    title: str
    paper: str
    constructor: str
    criterion: str
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"full": {}})
    dims: int = 2

    def build(self, in_channels: int, out_channels: int, width: float, **options: Any) -> nn.Module:
        """Construct the network; `options` are its keyword arguments. Raises BadInput for an unknown one."""
        constructor = _resolve(self.constructor)
        known = {name for name, p in inspect.signature(constructor).parameters.items() if p.kind is p.KEYWORD_ONLY}
        for name in options:
            _check(name, known, f"option of {self.name}")
        return constructor(in_channels, out_channels, width, **options)

    def loss(self, outputs: Tensor | Mapping[str, Tensor], target: Tensor) -> Tensor:
        """Scalar training loss of the train-mode outputs; target [B,H,W] integer class map."""
        return _resolve(self.criterion)(outputs, target)


_ENTRIES = [
    Method(
        name="r2mfnet",
        title="R2MF-Net",
        paper="Li et al. 2025, arXiv 2512.07576",
        constructor="spinelib.models.r2mfnet:R2MFNet",
        criterion="spinelib.losses:weighted_heads",
        # T = 2 is the default, so a variant t2 would be `full` under a second name: the sweep reads full as T
        # = 2.
        variants={
            "full": {},
            "base": {"r2jump": False, "mcskip": False, "scse": False},
            "no_r2jump": {"r2jump": False},
            "no_mcskip": {"mcskip": False},
            "no_scse": {"scse": False},
            "coarse_only": {"cascade": False},
            "t0": {"steps": 0},
            "t1": {"steps": 1},
            "t3": {"steps": 3},
            "aligned": {"align": True},
            "deep": {"deep_supervision": True},
        },
    ),
    Method(
        name="unet",
        title="U-Net",
        paper="Ronneberger et al. 2015, arXiv 1505.04597",
        constructor="spinelib.models.unet:build_unet",
        criterion="spinelib.losses:weighted_heads",
        variants={"full": {}, "resnet18": {"encoder": "resnet18"}, "resnet34": {"encoder": "resnet34"}},
    ),
]
METHODS: dict[str, Method] = {method.name: method for method in _ENTRIES}


def build_model(
    method: str,
    variant: str = "full",
    in_channels: int = 1,
    classes: int = 1,
    width: float = 1.0,
    **options: Any,
) -> nn.Module:
    """Build a network by name: float [B,C,H,W] (any H, W) to logits [B,K,H,W].

    One class gives one logit channel (sigmoid); more give classes + 1 channels (softmax, channel 0
    background). `width` multiplies every channel count; `options` override the variant's keyword arguments.
    Raises BadInput, naming the closest match, for an unknown method, variant or option.
    """
    _check(method, METHODS, "method")
    entry = METHODS[method]
    _check(variant, entry.variants, f"variant of {method}")
    out_channels = 1 if classes == 1 else classes + 1
    return entry.build(in_channels, out_channels, width, **{**entry.variants[variant], **options})


def _check(name: str, known: Iterable[str], what: str) -> None:
    names = sorted(known)
    if name in names:
        return
    close = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names) or 'none'}."
    raise BadInput(name, f"is not a known {what}", hint)


def _resolve(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
