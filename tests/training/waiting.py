"""A stand-in for a graphics card, on any machine: tensors without data, which cannot tell the CPU anything.

Whatever makes the CPU wait for a card asks for values that lie there, and fails where there are none: the device
"meta" finds reads (`item`, `bool`, `tolist`) and what goes by them (`nonzero`, boolean masks). What waits on the way to
a card needs looking at: `Watch` notes copies that block, tensors made from lists there, and indices left on the CPU.
"""

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

CARD = torch.device("meta")
MAKERS = (torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy)


class Watch(TorchDispatchMode):
    """Notes in `found` each operation inside that would wait for the stand-in."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._makers = Makers(self.found)

    def __enter__(self):
        self._makers.__enter__()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._makers.__exit__(*error)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        tensors = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
        there = any(value.device == CARD for value in tensors)
        # A number on the CPU travels with the kernel that uses it.
        here = any(value.device != CARD and value.dim() for value in tensors)
        sent = here and (there or torch.device(kwargs.get("device") or "cpu") == CARD)
        blocking = not (kwargs.get("non_blocking") or (func is torch.ops.aten.copy_.default and args[2:] == (True,)))
        if sent and blocking:
            self.found.append(str(func))
        return func(*args, **kwargs)


class Makers(TorchFunctionMode):
    """Notes tensors made from Python numbers on the stand-in: they are made on the CPU and copied."""

    def __init__(self, found):
        super().__init__()
        self.found = found

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func in MAKERS and torch.device(kwargs.get("device") or "cpu") == CARD:
            self.found.append(func.__name__)
        return func(*args, **kwargs)


@pytest.fixture
def card(monkeypatch):
    """Lets trainings run on the stand-in, which has no random generator, fused optimiser or autocast of its own."""
    from contextlib import nullcontext

    from spinelib.prediction.precision import Precision
    from spinelib.training import Recipe
    from spinelib.training.augmentation import elastic, intensity

    for module in (elastic, intensity):
        monkeypatch.setattr(module, "generator_on", lambda device, random: None)
    monkeypatch.setattr(Precision, "autocast", lambda self, device: nullcontext())

    def make(self, model):
        return torch.optim.AdamW(model.parameters(), lr=1e-3, foreach=True, capturable=False)

    monkeypatch.setattr(Recipe, "make_optimiser", make)
    return CARD
