"""The pipeline as a run's parameters say: its stages, its switches, its record."""

import json

import pytest
import torch

from tests.spinefm.films import column
from tests.spinefm.made_runs import start


@pytest.fixture(scope="module")
def films():
    return column(8)


def test_the_record_says_early_what_the_backbone_is(films, tmp_path):
    _, built = start(tmp_path, films)
    facts = json.loads((tmp_path / "stages.json").read_text())
    assert facts["backbone"] == "SAM, size tiny, from scratch"
    assert built.params == sum(stage["weights"] for stage in facts["stages"].values())


def test_without_adapters_they_neither_learn_nor_add_anything(films, tmp_path):
    _, built = start(tmp_path, films, variant="no_adapters")
    assert not any(p.requires_grad for adapter in built.pipeline.segmenter.adapters for p in adapter.parameters())
    x = torch.ones(1, 4, built.pipeline.segmenter.adapters[0].down.in_features)
    assert not built.pipeline.segmenter.adapters[0](x).any()
