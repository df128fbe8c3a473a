"""What the registry says of one method: what it is, how to build it, what it minimises, its published recipe.

Constructors, losses and recipes are named by import path, so that listing or checking methods stays free of torch.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
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
    `published` is the import path of the paper's own recipe (`spinelib.training.Published`); empty when it has none.
    """

    name: str
    title: str
    paper: str
    constructor: str
    criterion: str
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"full": {}})
    dims: int = 2
    published: str = ""

    def build(self, in_channels: int, out_channels: int, width: float, **options: Any) -> nn.Module:
        """Construct the network; `options` are its keyword arguments. Raises BadInput for an unknown one."""
        constructor = resolve(self.constructor)
        known = {name for name, p in inspect.signature(constructor).parameters.items() if p.kind is p.KEYWORD_ONLY}
        for name in options:
            check_name(name, known, f"option of {self.name}")
        return constructor(in_channels, out_channels, width, **options)

    def loss(self, outputs: Tensor | Mapping[str, Tensor], target: Tensor) -> Tensor:
        """Scalar training loss of the train-mode outputs; target [B,H,W] integer class map."""
        return resolve(self.criterion)(outputs, target)


def check_name(name: str, known: Iterable[str], what: str) -> None:
    """Raise BadInput, naming the closest match, unless `name` is one of `known`."""
    names = sorted(known)
    if name in names:
        return
    close = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names) or 'none'}."
    raise BadInput(name, f"is not a known {what}", hint)


def resolve(path: str) -> Any:
    """What an import path ``module:name`` names."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
