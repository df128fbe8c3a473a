"""Scores of the validation cases during training: what best weights and early stop go by."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spinelib.devices import Store
from spinelib.inference import evaluating, logits
from spinelib.precision import Loss, Precision


def validate(
    model: nn.Module, loss: Loss, store: Store, order: tuple[Tensor, ...], precision: Precision, local: bool
) -> tuple[float, float]:
    """Mean loss and mean Dice (over cases and foreground classes, training grid) of the batches `order`.

    Images are not augmented. A class absent from both prediction and reference does not count.
    """
    losses, scores = [], []
    with evaluating(model):
        for images, labels in store.stream(order):
            output = logits(model, images, precision, local)
            losses.append(loss(output, labels) * len(labels))
            scores.append(_dice(output, labels))
        # One wait for the device, after all batches.
        total = torch.stack(losses).sum().item() / sum(map(len, order))
        return total, torch.cat(scores).nanmean().nan_to_num(0.0).item()


def _dice(output: Tensor, labels: Tensor) -> Tensor:
    guess = output[:, 0] > 0 if output.shape[1] == 1 else output.argmax(dim=1)
    columns = []
    for number in range(1, max(2, output.shape[1])):
        found, truth = (guess == number).flatten(1), (labels == number).flatten(1)
        overlap, total = (found & truth).sum(1), found.sum(1) + truth.sum(1)
        columns.append(2 * overlap / total)
    return torch.stack(columns, dim=1)
