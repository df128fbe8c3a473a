"""Weights to start from: a finished run or a file, whole, or without the last layers where that is said."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.weights import save_weights
from spinelib.models import NETWORKS, build_model
from spinelib.prediction import released
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED
from spinelib.protocol.pretraining import start_from
from tests.prediction.made import leave
from tests.protocol.made import a_run, arrays


def network(method="unet", classes=1, width=0.0625, seed=0):
    torch.manual_seed(seed)
    return build_model(method, "full", 1, classes, width)


def a_start(pretrained, **parameters):
    run = SimpleNamespace(parameters={"pretrained": str(pretrained), **parameters}, facts={})
    run.note = run.facts.update
    return run


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


@pytest.fixture
def file(tmp_path):
    save_weights(network(seed=1), tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def test_a_file_fills_the_network_and_is_recorded(file):
    run, net = a_start(file), network()
    start_from(run, net)
    assert same(net, network(seed=1))
    assert run.facts == {"pretrained": {"file": str(file), "digest": digest(file), "left_out": []}}


def test_without_the_parameter_nothing_happens():
    for run in (a_start(""), SimpleNamespace(parameters={})):
        net = network()
        start_from(run, net)
        assert same(net, network())


def test_a_run_trains_on_from_a_finished_run(tmp_path):
    data = arrays()
    division = protocol.divide(data, 0, 3)
    first = a_run(tmp_path / "first", epochs=1)
    before = protocol.model(first, data)
    protocol.train(first, before, data, division)
    second = a_run(tmp_path / "second", epochs=1, learning_rate=1e-9, pretrained=str(tmp_path / "first"))
    second.note = second.facts.update
    after = protocol.model(second, data)
    protocol.train(second, after, data, division)
    for one, two in zip(before.parameters(), after.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-5)
    assert second.facts["pretrained"]["digest"] == digest(tmp_path / "first" / "model.safetensors")


@pytest.fixture
def released_film(tmp_path, monkeypatch):
    """The released network `film`, a small one in half precision."""
    monkeypatch.setattr(released, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    card = Card("unet", "full", 0.0625, 1, ("spine",), (64, 32), (64, 32), local=False)
    leave(RELEASED["film"].folder, network(seed=1).half(), card)
    return RELEASED["film"].folder


def test_a_released_network_is_called_by_its_name_and_learns_on_in_single_precision(released_film):
    run, net = a_start("film"), network()
    start_from(run, net)
    assert all(value.dtype == torch.float32 for value in net.parameters())
    assert same(net, network(seed=1).half().float())
    assert run.facts["pretrained"]["file"] == "film"
    assert run.facts["pretrained"]["digest"] == digest(released_film / "model.safetensors")


def test_another_network_than_the_released_one_is_told_what_to_be(released_film):
    words = r"method: unet, variant: full, width: 0\.0625, local: false; structures: spine"
    with pytest.raises(BadInput, match=words):
        start_from(a_start("film"), network(width=0.125))
    with pytest.raises(BadInput, match="holds no weights of the released network 'mr'"):
        start_from(a_start("mr"), network())


def test_an_unfinished_run_is_refused(file):
    (file.parent / "run").mkdir()
    file.rename(file.parent / "run" / "model.safetensors")
    with pytest.raises(BadInput, match="run: holds no finished training"):
        start_from(a_start(file.parent / "run"), network())


@pytest.mark.parametrize(("content", "reason"), [(None, "no weights here"), (b"PK", "cannot be read")])
def test_a_missing_or_damaged_file_is_named(tmp_path, content, reason):
    if content:
        (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(BadInput, match=rf"x\.safetensors: .*{reason}"):
        start_from(a_start(tmp_path / "x.safetensors"), network())


def test_weights_of_another_network_are_refused_even_with_a_new_head(file):
    for said in (False, True):
        with pytest.raises(BadInput, match=r"encoder\.0\.0\.0\.weight, .* and .* more do not fit\. Build the method"):
            start_from(a_start(file, new_head=said), network(width=0.125))
    with pytest.raises(BadInput, match="weights of another network"):
        start_from(a_start(file), network("resunet"))


def test_other_classes_need_a_new_head(file):
    with pytest.raises(BadInput, match=r"head\.weight, head\.bias do not fit\. Set new_head"):
        start_from(a_start(file), network(classes=2))
    run, net, fresh = a_start(file, new_head=True), network(classes=2), network(classes=2)
    start_from(run, net)
    assert run.facts["pretrained"]["left_out"] == ["head.weight", "head.bias"]
    assert torch.equal(net.head.weight, fresh.head.weight)
    assert torch.equal(net.encoder[0][0][0].weight, network(seed=1).encoder[0][0][0].weight)


@pytest.mark.parametrize("method", [name for name in NETWORKS if NETWORKS[name].dims == 2])
def test_any_method_can_get_new_last_layers(method, tmp_path):
    save_weights(network(method, width=0.125, seed=1), tmp_path / "w.safetensors")
    run, net, fresh = a_start(tmp_path / "w.safetensors", new_head=True), *(network(method, 3, 0.125) for _ in "ab")
    start_from(run, net)
    known, mine, own = network(method, width=0.125, seed=1).state_dict(), net.state_dict(), fresh.state_dict()
    left = run.facts["pretrained"]["left_out"]
    assert 0 < len(left) < 0.2 * len(own)
    assert all(torch.equal(mine[name], (own if name in left else known)[name]) for name in own)
    assert all(known[name].shape != own[name].shape for name in left)


def test_a_structure_that_no_training_case_labels_needs_weights_that_know_it(tmp_path):
    data = arrays(views=("coronal",))
    data = replace(data, classes=("spine", "canal"), known=np.tile([True, False], (len(data), 1)))
    full = replace(data, known=np.ones((len(data), 2), bool))
    division = protocol.divide(data, 0, 3)
    first = a_run(tmp_path / "first", epochs=1, local=False)
    with pytest.raises(BadInput, match="none labels canal"):
        protocol.train(first, protocol.model(first, data), data, division)
    before = protocol.model(first, full)
    protocol.train(first, before, full, division)
    second = a_run(tmp_path / "second", epochs=1, local=False, learning_rate=1e-9, pretrained=str(tmp_path / "first"))
    second.note = second.facts.update
    after = protocol.model(second, data)
    protocol.train(second, after, data, division)
    for name, value in before.state_dict().items():
        if value.is_floating_point() and "running" not in name:
            torch.testing.assert_close(value, after.state_dict()[name], atol=1e-6, rtol=0)


def test_only_weights_that_fit_whole_know_every_structure(file):
    assert start_from(a_start(file), network()) is True
    assert start_from(a_start(""), network()) is False
    assert start_from(a_start(file, new_head=True), network()) is True
    assert start_from(a_start(file, new_head=True), network(classes=2)) is False
