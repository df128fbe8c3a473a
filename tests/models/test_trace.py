"""Feature maps come from the right block, and the model is left as it was."""

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.trace import block_table, present, trace_modules


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.pair = nn.Identity()
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        return self.pair((self.stem(x), x))[0]


def test_trace_returns_the_output_of_each_named_block():
    model, x = Branching(), torch.randn(2, 1, 8, 6)
    found = trace_modules(model, x, ["stem", "pair"])
    torch.testing.assert_close(found["stem"], model.stem(x).detach())
    assert found["pair"].shape == (2, 4, 8, 6)


def test_trace_restores_training_mode_and_removes_its_hooks():
    model = Branching().train()
    trace_modules(model, torch.randn(1, 1, 8, 6), ["stem"])
    assert model.training
    assert not model.stem._forward_hooks


@pytest.mark.parametrize(("name", "message"), [("stm", "no block called stm"), ("unused", "never ran: unused")])
def test_trace_says_which_name_is_wrong(name, message):
    with pytest.raises(KeyError, match=message):
        trace_modules(Branching(), torch.randn(1, 1, 8, 6), [name])


def test_block_table_counts_parameters():
    table = block_table(Branching(), torch.randn(1, 1, 8, 6), ["stem"])
    assert table.loc[0, "output (C, H, W)"] == "4 x 8 x 6"
    assert table.loc[0, "parameters"] == 4 * 9 + 4


def test_present_keeps_only_the_blocks_of_the_variant():
    names = ["coarse.encoder.0", "coarse.bottleneck", "fine.encoder.0"]
    assert present(build_model("r2mfnet", "coarse_only", width=0.125), names) == names[:2]
    assert present(build_model("r2mfnet", "no_scse", width=0.125), names) == [names[0], names[2]]
