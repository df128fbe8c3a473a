"""The pipeline as a run's parameters say: its stages, its switches, its record."""

import json

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.prediction.precision import Precision
from spinelib.spinefm.build import StraightOn, Switches, switches_of
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.program import program_of
from tests.spinefm.films import column
from tests.spinefm.made_runs import PARAMETERS, start


@pytest.fixture(scope="module")
def films():
    return column(8)


def test_the_record_says_early_what_the_backbone_is(films, tmp_path):
    start(tmp_path, films)
    facts = json.loads((tmp_path / "stages.json").read_text())
    assert facts["backbone"] == "SAM, size tiny, from scratch"
    assert {*facts["stages"]} == {"detector", "segmenter", "predictor", "ends"}


def test_the_stages_that_see_films_have_the_number_format_of_the_study(films, tmp_path):
    _, built = start(tmp_path, films, precision="bfloat16+channels_last")
    chosen = {name: getattr(stage, "precision", None) for name, stage in built.pipeline.stages.items()}
    usual = Precision("bfloat16+channels_last")
    assert chosen == {"detector": usual, "segmenter": usual, "predictor": None, "ends": usual}
    geometry = built.pipeline.segmenter.geometry
    patches = torch.rand(2, 1, geometry.view, geometry.view)
    fine, ends = {}, built.pipeline.ends
    for name in ("bfloat16+channels_last", "float32"):
        ends.precision = Precision(name)
        fine[name] = ends(patches)
        assert fine[name].dtype == torch.float32
    assert not torch.equal(*fine.values()), "bfloat16 rounds"
    assert torch.allclose(*fine.values(), atol=0.1)
    probed = SpineConfig.of(PARAMETERS | {"precision": "auto"})
    assert probed.stage_precision == Precision("float32")


def test_without_adapters_they_neither_learn_nor_add_anything(films, tmp_path):
    _, built = start(tmp_path, films, variant="no_adapters")
    assert not any(p.requires_grad for adapter in built.pipeline.segmenter.adapters for p in adapter.parameters())
    x = torch.ones(1, 4, built.pipeline.segmenter.adapters[0].down.in_features)
    assert not built.pipeline.segmenter.adapters[0](x).any()


def test_what_each_variant_leaves_out():
    assert switches_of("full") == Switches()
    assert switches_of("no_predictor").stages == ("detector", "segmenter", "ends")
    assert switches_of("detector_only").stages == ("detector",)
    assert switches_of("no_post").stages == switches_of("full").stages
    with pytest.raises(BadInput, match=r"not a known variant of spinefm\. Did you mean no_post"):
        switches_of("nopost")


def test_without_the_predictor_the_walk_goes_straight_on():
    points = torch.tensor([[[0.0, 0.0], [1.0, 4.0], [3.0, 9.0]]])
    assert StraightOn().predict(points, (64, 64)).tolist() == [[5.0, 14.0]]
    assert list(StraightOn().parameters()) == []


def test_the_pipeline_has_the_rules_of_its_recipe_and_variant(films, tmp_path):
    for name, how in {"common": {}, "published": {"recipe": "published"}, "no_post": {"variant": "no_post"}}.items():
        run, built = start(tmp_path / name, films, **how)
        expected = program_of(SpineConfig.of(run), True).rules(True, post=name != "no_post")
        assert built.pipeline.rules == expected


def test_films_and_their_sizes_are_those_of_the_division(films, tmp_path):
    run, built = start(tmp_path, films)
    assert (len(built.films), built.train.tolist(), built.validation.tolist()) == (8, [0, 1, 2, 3, 4], [5, 6, 7])
    assert built.pipeline.segmenter.geometry.side == 12
    assert (built.named, built.channels, built.classes) == (True, 1, films.classes)
    assert run.facts["stages"]["px"]["vertebra"] == 12
