"""What every stage has: the weights that validation chooses, and what is kept of them."""

import copy

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.spinefm.sam import build_sam
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage import fill, load_stage, trained
from spinelib.spinefm.stages import SegmenterStage
from spinelib.training import fit

from .films import geometry
from .made_stages import QUIET, TRAIN, VALIDATION, make, quick


def test_validation_chooses_the_weights(data, tmp_path):
    stage = make("predictor", data, recipe=quick("adam", 1e-3, 0, 8, checks=4))
    scores, kept = iter([0.1, 0.9, 0.5, 0.2]), []

    def measure():
        kept.append(copy.deepcopy(stage.model.state_dict()))
        return {"loss": 1.0, "score": next(scores)}

    stage.measure = measure
    history = fit(stage, tmp_path, **QUIET)
    assert history.facts["best_score"] == 0.9
    assert list(history.table["validation_score"]) == [0.1, 0.9, 0.5, 0.2]
    torch.testing.assert_close(stage.model.state_dict(), kept[1])


def test_only_what_was_trained_is_written_for_a_network_with_a_checkpoint(data, tmp_path):
    torch.manual_seed(3)
    torch.save(build_sam("tiny").state_dict(), tmp_path / "sam.pth")
    side, recipe = geometry(data), quick("adam", 1e-3, 4, 0.2, checks=1)

    def segmenter():
        return Segmenter(side, "tiny", str(tmp_path / "sam.pth"))

    stage = SegmenterStage(segmenter(), data, TRAIN, VALIDATION, recipe)
    fit(stage, tmp_path / "out", **QUIET)
    written = tmp_path / "out" / "model.safetensors"
    fresh = load_stage(segmenter(), written)
    torch.testing.assert_close(fresh.state_dict(), stage.model.state_dict())
    with pytest.raises(BadInput, match="holds the weights of another network"):
        load_stage(Segmenter(side, "tiny"), written)
    assert written.stat().st_size < (tmp_path / "sam.pth").stat().st_size


def test_a_frozen_base_with_a_file_of_its_own_is_not_kept_and_one_without_is():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    assert set(trained(model)) == set(model.state_dict())
    model.verified = "hash"
    assert set(trained(model)) == {"1.weight", "1.bias"}


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"weight": torch.zeros(1, 2)}, "bias"),
        ({"weight": torch.zeros(1, 2), "bias": torch.zeros(1), "more": torch.zeros(1)}, "more"),
        ({"weight": torch.zeros(1, 3), "bias": torch.zeros(1)}, "weight"),
    ],
)
def test_tensors_that_lack_exceed_or_differ_in_shape_are_named(state, named):
    with pytest.raises(BadInput, match=f"does not fit: {named}. Build the stages with the size"):
        fill(nn.Linear(2, 1), state, "model.safetensors", "does not fit")


def test_a_step_s_batch_depends_on_seed_and_step_alone(data):
    def batch(step, seed=0):
        running = make("segmenter", data, seed).start(torch.device("cpu"), None, None, {})
        return list(running.batches(range(step + 1)))[step]

    first, again = batch(2), batch(2)
    running = make("segmenter", data).start(torch.device("cpu"), None, None, {})
    alone = next(running.batches(range(2, 3)))
    assert all(torch.equal(a, b) and torch.equal(a, c) for a, b, c in zip(first, again, alone, strict=True))
    assert not torch.equal(batch(2, seed=1)[0], first[0])
    assert running.name == "segmenter"


def test_the_same_items_at_another_step_are_moved_differently(data):
    running = make("segmenter", data).start(torch.device("cpu"), None, None, {})
    running.order.batch = lambda step: torch.arange(12)
    first, second = running.batches(range(2))
    assert not torch.equal(first[0], second[0])
