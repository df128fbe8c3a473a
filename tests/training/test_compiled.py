"""Compilation as a choice: old values mean what they meant, machines that cannot are told, results stay."""

import shutil
from dataclasses import replace

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.models.objective import Objective
from spinelib.training import Recipe, Training
from spinelib.training.compiled import check_compiled, compiled, has_compiler
from spinelib.training.losses import weighted_heads
from tests.training.net import fit, make_net

CPU, CARD = torch.device("cpu"), torch.device("cuda")
RECIPE = Recipe(batch=4, steps=6, learning_rate=1e-2, precision="float32", geometry=None, intensity=None)


@pytest.mark.parametrize(("given", "meant"), [(False, ""), (True, "default"), ("", ""), ("graphs", "graphs")])
def test_values_of_earlier_recipes_keep_their_meaning(given, meant):
    assert Recipe(compile=given).compile == meant
    assert replace(Recipe(compile=given), batch=2).compile == meant


def test_another_value_is_named():
    with pytest.raises(BadInput, match=r"'fast' is not known.*default, graphs"):
        Recipe(compile="fast")


@pytest.mark.parametrize(("choice", "written"), [("", False), ("default", True), ("graphs", "graphs")])
def test_the_identity_says_what_it_always_said(choice, written, toy_cases):
    recipe = replace(RECIPE, compile=choice)
    training = Training(make_net(), Objective(weighted_heads), toy_cases, range(9), range(9, 12), recipe)
    # Not equality alone, for which False is 0.
    assert training.identity["recipe.compile"] is written or training.identity["recipe.compile"] == written != 0
    assert type(training.identity["recipe.compile"]) is type(written)


def test_graphs_are_refused_on_a_processor_before_anything_is_trained(toy_cases, tmp_path):
    recipe = replace(RECIPE, compile="graphs")
    options = {"progress": False, "device": "cpu"}
    with pytest.raises(BadInput, match="graphics card"):
        fit(make_net(), weighted_heads, toy_cases, range(9), range(9, 12), recipe, tmp_path, **options)
    assert not (tmp_path / "model.safetensors").exists()


def test_a_missing_compiler_is_said(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BadInput, match="C\\+\\+ compiler"):
        check_compiled("default", CPU)
    check_compiled("", CPU)
    check_compiled("graphs", CARD)


@pytest.mark.parametrize(("choice", "mode"), [("default", "default"), ("graphs", "reduce-overhead")])
def test_torch_is_asked_for_the_mode(choice, mode, monkeypatch):
    asked, marked = [], []

    def wrap(model, **options):
        asked.append(options)
        return model

    monkeypatch.setattr(torch, "compile", wrap)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: marked.append(1))
    model = make_net().train()
    found = compiled(model, choice, CARD)(torch.zeros(1, 1, 8, 8))
    assert asked == [{"mode": mode, "dynamic": False}]
    assert found["logits"].shape == (1, 1, 8, 8)
    assert len(marked) == (choice == "graphs"), "each replay is a step of its own"
    assert compiled(model, "", CARD) is model


@pytest.mark.slow
@pytest.mark.skipif(not has_compiler(), reason="needs a C++ compiler")
def test_a_compiled_training_is_the_plain_one_up_to_rounding(toy_cases, tmp_path):
    lines = {}
    for choice in ("", "default"):
        torch.manual_seed(0)
        net = make_net()
        # Random numbers are drawn in another order in compiled code.
        net.body[3].p = 0.0
        # Adam turns rounding into whole steps where a gradient is all but zero: the bias before a batch normalisation.
        recipe = replace(RECIPE, compile=choice, validations=6, optimiser="sgd", clip=0.0)
        sides = (range(9), range(9, 12))
        history = fit(net, weighted_heads, toy_cases, *sides, recipe, tmp_path / (choice or "plain"), device="cpu")
        lines[choice] = history.table
        assert (tmp_path / (choice or "plain") / "model.safetensors").exists()
    assert lines[""]["train_loss"].iloc[-1] < lines[""]["train_loss"].iloc[0]
    for column in ("train_loss", "validation_loss", "validation_dice"):
        assert lines["default"][column].tolist() == pytest.approx(lines[""][column].tolist(), abs=2e-4)


@pytest.mark.card
def test_graphs_train_as_the_plain_loop_does(toy_cases, tmp_path):
    found = {}
    for choice in ("", "graphs"):
        net = make_net()
        net.body[3].p = 0.0
        recipe, options = replace(RECIPE, compile=choice, steps=30), {"progress": False, "device": "cuda"}
        history = fit(
            net, weighted_heads, toy_cases, range(9), range(9, 12), recipe, tmp_path / f"is{choice}", **options
        )
        found[choice] = history.table["train_loss"].tolist()
    assert found["graphs"] == pytest.approx(found[""], abs=5e-3)
