"""A pipeline read back from its folder reads films as it did after its training; what does not fit is refused."""

import shutil
from dataclasses import replace

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import read_weights, save_weights
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.spinefm import loading
from spinelib.spinefm.loading import load_reader
from tests.spinefm.films import GRID, column
from tests.spinefm.made_runs import VARIANTS, leave


@pytest.fixture(scope="module")
def films():
    return column(8)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_pipeline_is_read_back_as_it_was_trained(films, tmp_path, variant):
    run, built = leave(tmp_path, films, variant=variant)
    predictor = Predictor.from_folder(run.folder, "cpu")
    reader = predictor.network
    assert (predictor.name, predictor.card.channels, predictor.card.classes) == (f"spinefm/{variant}", 1, films.classes)
    assert predictor.card.input_grid == predictor.card.evaluation_grid == GRID
    assert reader.switches == built.switches
    assert reader.named == built.named
    assert reader.pipeline.rules == built.pipeline.rules
    assert reader.pipeline.segmenter.geometry == built.pipeline.segmenter.geometry
    for name in built.switches.stages:
        torch.testing.assert_close(reader.pipeline.stages[name].state_dict(), built.pipeline.stages[name].state_dict())
    assert not any(stage.training for stage in reader.pipeline.stages.values())


def test_the_published_program_of_csxa_is_read_back_with_its_two_classes(films, tmp_path):
    run, built = leave(tmp_path, films, recipe="published", trained_on="csxa", options=["patch=34"], length=1.0)
    pipeline = Predictor.from_folder(run.folder, "cpu").network.pipeline
    assert pipeline.ends.classes == built.pipeline.ends.classes == 2
    assert built.named, "C2 is labelled there"


def test_weights_of_another_size_are_refused(films, tmp_path):
    run, _ = leave(tmp_path, films)
    card = Card.read(run.folder)
    with pytest.raises(BadInput, match=r"does not hold the weights of this detector.* Build the stages with the size"):
        load_reader(replace(card, pipeline={**card.pipeline, "width": 0.25}), run.folder)


def test_a_stage_that_is_missing_is_named(films, tmp_path):
    run, _ = leave(tmp_path, films)
    card, found = Card.read(run.folder), read_weights(run.folder / WEIGHTS)
    save_weights({name: value for name, value in found.items() if not name.startswith("ends.")}, run.folder / WEIGHTS)
    with pytest.raises(BadInput, match="does not hold the weights of this ends"):
        load_reader(card, run.folder)


def test_a_checkpoint_that_is_gone_is_named(films, tmp_path):
    run, _ = leave(tmp_path, films)
    card, base = Card.read(run.folder), tmp_path / "sam.pth"
    base.write_bytes(b"one")
    frozen = {**card.pipeline, "checkpoint": str(base), "checkpoint_digest": digest(base)}
    base.write_bytes(b"another")
    with pytest.raises(BadInput, match=r"sam\.pth: .*other weights of SAM"):
        load_reader(replace(card, pipeline=frozen), run.folder)
    base.unlink()
    with pytest.raises(BadInput, match=r"sam\.pth: is gone.*Put the file back"):
        load_reader(replace(card, pipeline=frozen), run.folder)


def test_of_a_run_from_another_machine_the_same_weights_of_a_run_beside_it_stand_in(films, tmp_path, monkeypatch):
    run, _ = leave(tmp_path / "runs" / "came", films)
    base, gone = tmp_path / "sam.pth", tmp_path / "on another machine" / "sam.pth"
    base.write_bytes(b"one")
    card, marks = Card.read(run.folder), {"checkpoint": str(gone), "checkpoint_digest": digest(base)}
    beside = run.folder.parent / "own"
    shutil.copytree(run.folder, beside)
    replace(card, pipeline=card.pipeline | marks | {"checkpoint": str(base)}).write(beside)
    begun = []
    monkeypatch.setattr(loading, "make_pipeline", lambda config, *_: begun.append(config.checkpoint))
    monkeypatch.setattr(loading, "fill_stages", lambda *_: None)
    monkeypatch.setattr(loading, "SpineReader", lambda *_: None)
    load_reader(replace(card, pipeline=card.pipeline | marks), run.folder)
    assert begun == [str(base)]
    base.write_bytes(b"another")
    with pytest.raises(BadInput, match="is gone"):
        load_reader(replace(card, pipeline=card.pipeline | marks), run.folder)


def test_a_pipeline_that_names_levels_outlines_no_spine(films, tmp_path):
    run, _ = leave(tmp_path, films)
    with pytest.raises(BadInput, match=r"outlines no spine\. Choose a run on films of T1 to L5"):
        Predictor.from_folder(run.folder, "cpu").film(films.images[0], GRID)
