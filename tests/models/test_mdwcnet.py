"""MDWC-Net: what the network makes of its options, and the branch weights that it has learnt."""

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.models.mdwc_blocks import MSCAW
from spinelib.models.mdwcnet import MDWCNet, branch_weights
from spinelib.models.size import count_operations
from spinelib.models.unet import UNet


class TestNetwork:
    def test_two_blocks_per_stage_in_encoder_and_decoder(self):
        model = MDWCNet(width=0.25)
        found = [name for name, m in model.named_modules() if isinstance(m, MSCAW)]
        stages = [f"encoder.{i}" for i in range(5)] + [f"decoder.{i}" for i in range(4)]
        assert found == [f"{stage}.{block}" for stage in stages for block in (0, 1)]

    def test_it_is_smaller_than_a_unet(self):
        """The paper: fewer parameters and operations than every rival."""
        ours, theirs = (count_operations(m, (1, 64, 64)) for m in (MDWCNet(), UNet()))
        assert ours.params < theirs.params / 3
        assert ours.flops < theirs.flops / 5

    @pytest.mark.parametrize(
        ("option", "hint"),
        [
            ({"block": "mscwa"}, "mscaw"),
            ({"skip": "dcfb"}, "dfcb"),
            ({"bottleneck": "uper"}, "upper"),
            ({"merge": "summ"}, "sum"),
            ({"gate": "sigmoidal"}, "sigmoid"),
            ({"kernels": (2, 3)}, "1, 3, 5, 7"),
        ],
    )
    def test_unknown_choices_name_the_closest(self, option, hint):
        with pytest.raises(BadInput, match=hint):
            MDWCNet(width=0.125, **option)

    def test_kernels_can_be_chosen(self):
        table = branch_weights(MDWCNet(width=0.125, kernels=[3, 9]))
        assert table["kernel"].unique().tolist() == [3, 9]


class TestBranchWeights:
    def test_one_row_per_block_and_kernel(self):
        table = branch_weights(MDWCNet(width=0.125))
        assert len(table) == 18 * 4
        assert table.columns.tolist() == ["stage", "block", "kernel", "mean", "low", "high"]
        assert (table[["mean", "low", "high"]] == 0.25).all(axis=None)

    def test_it_reads_what_was_learned(self):
        model = MDWCNet(width=0.25)
        nn.init.constant_(model.encoder[2][1].vectors[3], 20.0)
        table = branch_weights(model).set_index(["stage", "block", "kernel"])
        assert table.loc[("encoder.2", 1, 7), "mean"] == pytest.approx(1)
        assert table.loc[("encoder.2", 1, 1), "high"] == pytest.approx(0, abs=1e-6)
        assert table.loc[("encoder.2", 0, 7), "mean"] == 0.25

    def test_weights_from_the_input_need_images(self):
        model = MDWCNet(width=0.125, dynamic=True)
        with pytest.raises(BadInput, match="images"):
            branch_weights(model)
        table = branch_weights(model, torch.randn(2, 1, 32, 32))
        assert len(table) == 18 * 4
        sums = table.groupby(["stage", "block"])["mean"].sum()
        assert sums.tolist() == pytest.approx([1.0] * 18)
        assert (table["low"] < table["high"]).mean() > 0.5

    @pytest.mark.parametrize("block", ["plain", "fixed", "aspp"])
    def test_empty_without_learned_weights(self, block):
        table = branch_weights(MDWCNet(width=0.125, block=block))
        assert table.empty
        assert "kernel" in table.columns
