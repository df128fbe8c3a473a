"""A network made ready for prediction alone: the same answers, less work. Training never sees the result.

A normalisation that follows a convolution is a factor and an offset per channel once training is over, and becomes part
of the convolution's weights (Jacob et al. 2018, arXiv 1712.05877, section 3.2). On a CPU the weights are then cast and
laid out once, as oneDNN wants them, and a ReLU is taken along: in small networks doing so in every pass takes longer
than the products. (C, our choice) Which layers follow each other is seen in a pass over a small image of noise, and
what comes out is compared with what the network answers itself: a network that these rules misread is predicted as it
is. The number format is that of the training; the memory layout, which changes no product, is the fastest for
prediction.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from spinelib.models.layers import Simplified
from spinelib.models.objective import main_logits
from spinelib.models.onednn import PrepackedConv, can_prepack
from spinelib.prediction.precision import Precision

# An input of this many slices, rows and columns shows how layers are wired.
_CORNER = (2, 32, 32)
# Largest difference of logits after folding, of the largest logit: rounding in float32, whatever the depth.
_TOLERANCE = 1e-3
_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d)
_NORMS = (nn.BatchNorm2d, nn.BatchNorm3d)


_kept: WeakKeyDictionary[nn.Module, tuple[tuple[Any, ...], Prepared]] = WeakKeyDictionary()


class Prepared(nn.Module):
    """What `prepared_network` returns: float [B,C,*S] to the main logits float32 [B,K,*S], and angles where it has any.

    Of no use for training; weights that the model learns later do not reach it.
    """

    def __init__(self, network: nn.Module, precision: Precision) -> None:
        super().__init__()
        self.network, self.precision = network, precision

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits of normalised images."""
        with self.precision.autocast(inputs.device):
            scores = main_logits(self.network(self.precision.arrange(inputs)))
        # The softmax over classes takes six times as long in the layout of the network as in the usual one.
        return scores.contiguous().float()

    def angles(self, inputs: Tensor) -> Tensor:
        """The model's own answer [B,3] to normalised images."""
        network: Any = self.network
        answer: Tensor = self.precision.forward(network.angles, inputs)
        return answer


@torch.inference_mode()
def prepared_network(model: nn.Module, precision: Precision, inputs: Tensor) -> Prepared:
    """A copy of `model` for prediction in the number format of `precision`; the model itself is not touched.

    inputs: normalised images [B,C,*S] as the model will see them, of which only the shape counts. The last
    copy of a model is kept as long as the model itself, and handed out again while its weights and switches stay.
    """
    if isinstance(model, Prepared):
        return model
    state = (precision, *_state(model))
    if model not in _kept or _kept[model][0] != state:
        _kept[model] = (state, _prepare(model, precision, inputs))
    return _kept[model][1]


def _state(model: nn.Module) -> Iterator[Any]:
    """What tells whether a model has changed: where its numbers lie, how large they are, and the modules' switches."""
    tensors = [*model.parameters(), *model.buffers()]
    yield from (tensor.data_ptr() for tensor in tensors)
    norms = [torch.linalg.vector_norm(tensor.detach().float()) for tensor in tensors]
    yield from torch.stack(norms).tolist() if norms else []
    for module in model.modules():
        switches = (value for name, value in vars(module).items() if name != "training")
        yield from (value for value in switches if isinstance(value, (bool, int, float, str, tuple)))


def _prepare(model: nn.Module, precision: Precision, inputs: Tensor) -> Prepared:
    device = next(model.parameters()).device
    size = [min(pair) for pair in zip(inputs.shape[2:], _CORNER[5 - inputs.dim() :], strict=True)]
    # Noise, so that whatever is predicted first the copy is the same.
    corner = torch.randn(1, inputs.shape[1], *size, generator=torch.Generator().manual_seed(0)).to(device)
    network, passed = _folded(model, corner)
    precision = Precision(precision.name.removesuffix("+channels_last") + "+channels_last")
    precision.arrange(network)
    if device.type == "cpu":
        _prepack(network, passed, torch.bfloat16 if precision.name.startswith("bfloat16") else torch.float32)
    return Prepared(network, precision)


class _Passed:
    """What every module of a network is given and puts out in one pass over inputs [B,C,*S], in order."""

    def __init__(self, network: nn.Module, inputs: Tensor) -> None:
        self.calls: list[tuple[nn.Module, Any, Any]] = []
        hooks = [module.register_forward_hook(self._watch) for module in network.modules()]
        try:
            self.logits = main_logits(network(inputs))
        finally:
            for hook in hooks:
                hook.remove()

    def _watch(self, module: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        self.calls.append((module, given[0] if given else None, output))

    def used(self) -> set[nn.Module]:
        """Modules that ran."""
        return {module for module, _, _ in self.calls}

    def followers(self, first: Any, second: Any) -> dict[Any, Any]:
        """Modules of the types `first`, each with the one of the types `second` that always followed it, and no other.

        A ReLU that follows several is left out.
        """
        made = {id(output): module for module, _, output in self.calls if isinstance(module, first)}
        met = [(made.get(id(given)), module) for module, given, _ in self.calls if isinstance(module, second)]
        before = {module: {one for one, two in met if two is module} for _, module in met}
        after = {one: {two for other, two in met if other is one} for one, _ in met if one is not None}
        only = {one: next(iter(two)) for one, two in after.items() if len(two) == 1}
        return {one: two for one, two in only.items() if before[two] == {one}}


def _folded(model: nn.Module, inputs: Tensor) -> tuple[nn.Module, _Passed]:
    """A copy of `model` in eval mode without the normalisations that its convolutions can take over, and its pass.

    inputs [B,C,*S] show which follows which. A plain copy where the answer to them would be another one.
    """
    plain = copy.deepcopy(model).eval().requires_grad_(False)
    passed = _Passed(plain, inputs)
    network = copy.deepcopy(plain)
    _replace(network, {m: m.simplified() for m in network.modules() if isinstance(m, Simplified)})
    pairs = _Passed(network, inputs).followers(_CONVOLUTIONS, _NORMS)
    for conv, norm in pairs.items():
        mean, variance = norm.running_mean, norm.running_var
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, mean, variance, norm.eps, norm.weight, norm.bias
        )
    _replace(network, {norm: nn.Identity() for norm in pairs.values()})
    after = _Passed(network, inputs)
    same = (after.logits - passed.logits).abs().max() <= _TOLERANCE * passed.logits.abs().max()
    return (network, after) if bool(same) else (plain, passed)


def _prepack(network: nn.Module, passed: _Passed, dtype: torch.dtype) -> None:
    """Exchange the layers of a network that run for ones with weights laid out for oneDNN, in place."""
    used = {module for module in passed.used() if can_prepack(module, dtype)}
    rectified = {conv: relu for conv, relu in passed.followers(_CONVOLUTIONS, nn.ReLU).items() if conv in used}
    new: dict[nn.Module, nn.Module] = {module: PrepackedConv(module, dtype, module in rectified) for module in used}
    _replace(network, new | {relu: nn.Identity() for relu in rectified.values()})
    for module in passed.used():
        if type(module) is nn.Linear:
            module.to(dtype)


def _replace(network: nn.Module, new: dict[nn.Module, nn.Module]) -> None:
    """Put modules in the place of others, wherever `network` has these."""
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if child in new:
                setattr(parent, name, new[child])
