"""The objective of most methods: a criterion on the answer to the image alone, validated by Dice."""

import torch

from spinelib.losses import weighted_heads
from spinelib.models import METHODS
from spinelib.objectives import Objective, main_logits


def test_it_is_the_criterion_of_what_the_network_answers():
    seen = []

    def forward(*arguments):
        seen.append(arguments)
        return {"logits": arguments[0], "coarse": -arguments[0]}

    inputs, labels = torch.randn(2, 1, 4, 4), torch.randint(0, 2, (2, 4, 4), dtype=torch.uint8)
    aim, targets = Objective(weighted_heads), {"labels": labels}
    outputs = aim.run(forward, inputs, targets)
    assert [len(arguments) for arguments in seen] == [1]
    expected = weighted_heads({"logits": inputs, "coarse": -inputs}, labels)
    assert all(torch.equal(aim.loss(outputs, targets, done), expected) for done in (0.0, 0.5, 1.0))
    measures = aim.measures(outputs, targets)
    assert measures.keys() == {"dice"}
    assert aim.score({"dice": 0.7}) == 0.7
    assert main_logits(inputs) is inputs is main_logits(outputs)


def test_a_method_without_one_of_its_own_has_this_one():
    aims = {name: METHODS[name].aim(None) for name in METHODS if name != "seg4regplus"}
    assert {type(aim) for aim in aims.values()} == {Objective}
    assert aims["unet"].criterion is weighted_heads
    assert METHODS["unet"].aim(None, torch.add).criterion is torch.add
