"""Scores of the validation cases during training, which choose the best weights and stop a training early."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import torch
from torch import Tensor, nn

from spinelib.core.devices import Store
from spinelib.models.objective import Objective
from spinelib.prediction.maps import evaluating
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision


def validate(
    model: nn.Module, objective: Objective, store: Store, order: tuple[Tensor, ...], precision: Precision, local: bool
) -> tuple[float, dict[str, float]]:
    """Mean loss, all of its terms in force, and mean of each measure of the objective over the batches `order`.

    Images are not augmented and stay on the training grid. NaN values of a measure do not count.
    """
    losses, scores = [], defaultdict(list)
    forward = partial(precision.forward, model)
    with evaluating(model):
        for images, targets in store.stream(order):
            outputs = objective.run(forward, normalise(images, local), targets)
            losses.append(objective.loss(outputs, targets, 1.0) * len(images))
            for name, value in objective.measures(outputs, targets).items():
                scores[name].append(value)
        means = [torch.cat(parts).nanmean().nan_to_num(0.0) for parts in scores.values()]
        # One wait for the device, after all batches.
        total, *found = torch.stack([torch.stack(losses).sum(), *means]).tolist()
        return total / sum(map(len, order)), dict(zip(scores, found, strict=True))
