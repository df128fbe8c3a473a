"""Look inside a network: what each named block puts out for a real input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import torch
    from torch import nn


def _first_tensor(output: Any) -> Any:
    """The tensor of a block that returns a tensor, or the first of a tuple, list or dict of them."""
    while isinstance(output, (tuple, list, dict)):
        output = next(iter(output.values())) if isinstance(output, dict) else output[0]
    return output


def trace_modules(model: nn.Module, images: torch.Tensor, names: Sequence[str]) -> dict[str, torch.Tensor]:
    """Outputs of the modules called `names` (as in `model.named_modules()`) for `images` [B,C,*S].

    Runs in evaluation mode without gradients and restores the mode. A block that runs several times
    keeps its last output. Raises KeyError for a name that the model does not have or does not run.
    """
    import torch

    modules = dict(model.named_modules())
    unknown = [name for name in names if name not in modules]
    if unknown:
        raise KeyError(f"no block called {', '.join(unknown)}; the model has {', '.join(filter(None, modules))}")
    found: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        return lambda module, inputs, output: found.__setitem__(name, _first_tensor(output).detach().float())

    hooks = [modules[name].register_forward_hook(keep(name)) for name in names]
    training = model.training
    try:
        with torch.no_grad():
            model.eval()(images)
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    missing = [name for name in names if name not in found]
    if missing:
        raise KeyError(f"blocks that the forward pass never ran: {', '.join(missing)}")
    return {name: found[name] for name in names}


def block_table(model: nn.Module, images: torch.Tensor, names: Sequence[str]) -> pd.DataFrame:
    """One row per named block: class, output shape for `images` [B,C,H,W], parameters."""
    modules = dict(model.named_modules())
    axes = "C, H, W" if images.dim() == 4 else "C, D, H, W"
    rows = [
        {
            "block": name,
            "class": type(modules[name]).__name__,
            f"output ({axes})": " x ".join(map(str, output.shape[1:])),
            "parameters": sum(p.numel() for p in modules[name].parameters()),
        }
        for name, output in trace_modules(model, images, names).items()
    ]
    return pd.DataFrame(rows)


def present(network: nn.Module, names: Iterable[str]) -> list[str]:
    """Those of `names` that are blocks of this variant, in order; plain connections (identity) are left out."""
    from torch.nn import Identity

    modules = dict(network.named_modules())
    return [name for name in names if name in modules and not isinstance(modules[name], Identity)]
