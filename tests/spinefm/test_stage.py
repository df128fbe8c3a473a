"""What every stage has: the weights that validation chooses, and what is kept of them."""

import copy

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.sam import build_sam
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage import load_stage
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
