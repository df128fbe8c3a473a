"""Networks of a study, built again from their records, and how large they are."""

import json

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.size import count_operations
from spinelib.questions.complexity.networks import Network, latency_by_run, size_table, study_networks, study_timings
from spinelib.questions.complexity.speed import timings
from tests.questions.complexity.made import network


def test_sizes_at_the_study_and_at_a_paper():
    found = size_table([network(), network(gate=False, method="seg4regplus")], [(128, 64), (4, 8, 8)], width=0.125)
    assert list(found["size"]) == ["2 x 64 x 32", "2 x 128 x 64", "2 x 64 x 32"]
    assert list(found["width"]) == [0.0625, 0.125, 0.0625]
    paper = found.iloc[1]
    with torch.device("meta"):
        assert paper["GMACs"] == count_operations(build_model("unet", width=0.125, in_channels=2), (2, 128, 64)).gmacs
    assert found["training MB"].notna().tolist() == [True, False, False]  # no memory there; a variant has none


def test_what_a_network_sees_is_part_of_its_line():
    """One entry with and without the channel of local contrast, and at two widths."""
    seen = [network(), network(in_channels=1), network(width=0.125), network(grid=(32, 32))]
    found = size_table(seen)
    assert found[["size", "width"]].to_numpy().tolist() == [
        *(["2 x 64 x 32", 0.0625], ["1 x 64 x 32", 0.0625], ["2 x 64 x 32", 0.125], ["2 x 32 x 32", 0.0625])
    ]


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


def test_networks_of_a_study_and_those_without_a_record(results):
    found, left_out = study_networks(results)
    first = found[0]
    assert (first.name, first.grid, first.batch, first.flops) == ("unet/full", (64, 32), 4, 4_000_000_000)
    assert not left_out
    (results / "runs" / found[0].runs[0] / "training.json").write_text("{}")
    found, left_out = study_networks(results)
    assert [n.method for n in found] == ["resunet", "plunet"]
    assert "no record" in left_out["phantom-unet-full-s0-f0"]
