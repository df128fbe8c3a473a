"""Memory and time of networks against figures counted by hand; networks rebuilt from records."""

import json

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.size import count_operations
from spinelib.questions.complexity.memory import LiveBytes, peak_bytes
from spinelib.questions.complexity.networks import Network, latency_by_run, size_table, study_timings
from spinelib.questions.complexity.speed import timings

FLOAT = 4


def network(method="unet", width=0.0625, grid=(64, 32), **built):
    given = {"method": method, "in_channels": 2, "out_channels": 1, "width": width, **built}
    return Network(f"{method}/full", given, grid, 2, 1, 2, runs=("a", "b"))


def test_live_bytes_follow_what_is_held():
    first = torch.zeros(100)
    with LiveBytes([first]) as live:
        second = first + 1
        third = second * 2
        view = third.view(10, 10)
        assert live.now == 3 * 100 * FLOAT
        del second, third
        assert live.now == 2 * 100 * FLOAT  # the view holds its storage
        del view
        assert live.now == 100 * FLOAT
        first.add_(1)
    assert live.peak == 3 * 100 * FLOAT


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_convolution_holds_weights_input_and_output(device):
    conv = nn.Conv2d(3, 8, 3, padding=1)
    weights, image, answer = (8 * 27 + 8) * FLOAT, 3 * 16 * 20 * FLOAT, 8 * 16 * 20 * FLOAT
    peak = peak_bytes(conv, (3, 16, 20), batch=0, device=device)
    assert peak.weights == weights
    assert peak.forward == weights + image + answer
    assert peak.training != peak.training  # not asked for
    assert next(conv.parameters()).device.type == "cpu"
    params, flops = count_operations(conv, (3, 16, 20))
    assert params * FLOAT == weights
    assert flops / 2 == 8 * 27 * 16 * 20


def test_a_chain_frees_what_it_no_longer_needs():
    layers = nn.Sequential(*(nn.Conv2d(4, 4, 1, bias=False) for _ in range(5)))
    peak = peak_bytes(layers, (4, 8, 8), batch=0)
    one = 4 * 8 * 8 * FLOAT
    # The image is held from outside; of the answers only the last two are alive at once.
    assert peak.forward == 5 * 16 * FLOAT + 3 * one


@pytest.mark.parametrize("method", ["unet", "seg4regplus"])
def test_shapes_alone_give_what_computing_gives(method):
    model = build_model(method, width=0.0625, in_channels=2)
    shapes, real = (peak_bytes(model, (2, 64, 32), 2, device) for device in ("meta", "cpu"))
    assert shapes.weights == real.weights
    assert shapes.forward == pytest.approx(real.forward, rel=0.02)
    assert shapes.training == pytest.approx(real.training, rel=0.05)


def test_training_holds_activations_of_the_whole_batch():
    model = build_model("unet", width=0.0625, in_channels=2)
    two, four = (peak_bytes(model, (2, 64, 32), batch).training for batch in (2, 4))
    fixed = 2 * two - four  # what does not grow with the batch: weights and the two moments at least
    assert two > fixed > 3 * 0.9 * peak_bytes(model, (2, 64, 32), 0).weights


def test_sizes_at_the_study_and_at_a_paper():
    found = size_table([network(), network(gate=False, method="seg4regplus")], [(128, 64), (4, 8, 8)], width=0.125)
    assert list(found["size"]) == ["64 x 32", "128 x 64", "64 x 32"]
    assert list(found["width"]) == [0.0625, 0.125, 0.0625]
    paper = found.iloc[1]
    with torch.device("meta"):
        assert paper["GMACs"] == count_operations(build_model("unet", width=0.125, in_channels=2), (2, 128, 64)).gmacs
    assert found["training MB"].notna().tolist() == [True, False, False]  # no memory there; a variant has none


def test_networks_take_turns_and_are_timed():
    table = study_timings([network(), network("pspnet")], batches=[1, 2], rounds=2, device="cpu")
    assert table[["name", "batch"]].to_numpy().tolist() == [
        *(["unet/full", 1], ["unet/full", 2], ["pspnet/full", 1], ["pspnet/full", 2])
    ]
    assert (table["low ms"] <= table["median ms"]).all()
    assert (table["median ms"] <= table["high ms"]).all()
    assert table["images per second"].tolist() == pytest.approx((1e3 * table["batch"] / table["median ms"]).tolist())
    assert table["card MB"].isna().all()
    runs = latency_by_run([network()], table.assign(threads=1))
    assert runs["run"].tolist() == ["a", "b"]
    assert (runs["latency ms"] == table["core ms"].iloc[0]).all()
    threads = latency_by_run([network()], table.assign(threads=4))
    assert (threads["latency ms"] == table["median ms"].iloc[0]).all()
    with pytest.raises(ValueError, match="rounds"):
        timings({}, {}, rounds=0)


def test_a_network_is_built_as_it_was():
    built = json.loads(json.dumps(build_model("r2mfnet", "no_mcskip", width=0.0625).built_as))
    again = Network("r2mfnet/no_mcskip", built, (64, 32), 2, 0, 0)
    assert not again.whole
    assert again.build().built_as == built
    assert again.build(0.125).built_as == {**built, "width": 0.125}
