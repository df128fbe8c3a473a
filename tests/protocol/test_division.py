"""Division by patient, options as parameters, networks as parameters say."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from spinelib import protocol
from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.models.trace import present
from spinelib.protocol import RunConfig


def arrays(patients=12, views=("coronal", "left_bending"), tests=3, h=32, w=16):
    rows = [
        {
            "case": f"p{p}_{v}",
            "patient": f"p{p}",
            "view": v,
            "split": "test" if p < tests else "train",
            "near_duplicate": "",
        }
        for p in range(patients)
        for v in views
    ]
    n = len(rows)
    rng = np.random.default_rng(0)
    labels = np.zeros((n, h, w), np.uint8)
    labels[:, 6:26, 6:10] = 1
    images = (rng.integers(1, 60, (n, 1, h, w)) + 150 * labels[:, None]).astype(np.uint8)
    return CaseArrays(
        table=pd.DataFrame(rows),
        images=images,
        labels=labels,
        classes=("spine",),
        extra={},
        landmarks=np.zeros((n, 0, 4, 2), np.float32),
        frames=np.tile(np.array([1, 0, 0, h, w], np.float32), (n, 1)),
        spacing=np.full((n, 2), np.nan, np.float32),
        digest="0" * 16,
    )


def a_run(folder, **parameters):
    usual = {
        "grid": [32, 16],
        "method": "unet",
        "variant": "full",
        "width": 0.0625,
        "options": [],
        "trained_on": "a",
        "tested_on": ["a"],
    }
    usual |= {
        "recipe": "common",
        "epochs": 2,
        "batch": 4,
        "learning_rate": 0.003,
        "precision": "float32",
        "local": True,
    }
    run = SimpleNamespace(parameters=usual | parameters, seed=0, device="cpu", folder=folder, facts={})
    run.files = RunFolder(folder)
    run.note = lambda **facts: run.facts.update(facts)
    run.manifest = lambda name: folder / name / "manifest.csv"
    return run


def test_patients_stay_on_one_side_and_every_patient_validates_once():
    data = arrays()
    held = []
    for fold in range(3):
        division = protocol.divide(data, fold, 3)
        sides = [set(data.table["patient"][part]) for part in (division.train, division.validation)]
        assert not sides[0] & sides[1]
        assert not (sides[0] | sides[1]) & set(data.table.query("split == 'test'")["patient"])
        held += sorted(sides[1])
    assert sorted(held) == sorted(data.table.query("split == 'train'")["patient"].unique())


def test_the_split_has_a_name_that_depends_on_it_alone():
    data = arrays()
    assert protocol.divide(data, 0, 3).digest == protocol.divide(data, 0, 3).digest
    assert protocol.divide(data, 0, 3).digest != protocol.divide(data, 1, 3).digest


def test_views_restrict_both_sides():
    data = arrays()
    division = protocol.divide(data, 0, 3, views=["coronal"])
    assert set(data.table["view"][np.r_[division.train, division.validation]]) == {"coronal"}


def test_fewer_films_are_whole_patients_and_lie_within_a_larger_choice():
    data = arrays()
    everything, few, more = (protocol.divide(data, 0, 3, films=count) for count in (0, 1, 4))
    patients = data.table["patient"]
    assert set(few.train) < set(more.train) < set(everything.train)
    assert len(few.train) >= 1
    for part in (few.train, more.train):
        assert set(np.flatnonzero(patients.isin(patients[part]))) == set(part)
    assert list(few.validation) == list(everything.validation)
    assert len({each.digest for each in (everything, few, more)}) == 3
    with pytest.raises(BadInput, match="training films"):
        protocol.divide(data, 0, 3, films=len(everything.train) + 1)


def test_fewer_films_and_earlier_weights_name_the_variant(tmp_path):
    run = a_run(tmp_path, train_films=54, pretrained="../runs/a", options=["steps=3"])
    assert RunConfig.of(run).entry == ("unet", "full_steps3_films54_pretrained")


def test_a_patient_on_both_sides_of_the_split_is_refused():
    data = arrays()
    table = data.table.assign(patient=data.table["patient"].replace("p0", "p5"))
    with pytest.raises(BadInput, match="p5"):
        protocol.divide(replace(data, table=table), 0, 3)


@pytest.mark.parametrize(("words", "reason"), [({"fold": 3}, "3 of 3"), ({"views": ["lateral"]}, "lateral")])
def test_an_impossible_division_says_why(words, reason):
    with pytest.raises(BadInput, match=reason):
        protocol.divide(arrays(), **{"fold": 0, "count": 3, **words})


def test_options_reach_the_network_and_name_the_variant(tmp_path):
    run = a_run(tmp_path, method="r2mfnet", width=0.125, options=["steps=3", "detach=true"])
    assert RunConfig.of(run).keywords == {"steps": 3, "detach": True}
    assert RunConfig.of(run).entry == ("r2mfnet", "full_steps3_detachtrue")
    network = protocol.model(run, arrays())
    assert network.detach
    assert network.coarse.skips[0].jump.steps == 3


@pytest.mark.parametrize("text", ["steps", "=3", "a b=1"])
def test_a_malformed_option_is_refused(tmp_path, text):
    with pytest.raises(BadInput, match="is no option"):
        _ = RunConfig.of(a_run(tmp_path, options=[text])).keywords


def test_an_unknown_option_names_the_closest(tmp_path):
    with pytest.raises(BadInput, match="steps"):
        protocol.model(a_run(tmp_path, method="r2mfnet", options=["step=3"]), arrays())


def test_the_same_seed_builds_the_same_network(tmp_path):
    a, b = (protocol.model(a_run(tmp_path), arrays()) for _ in range(2))
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_zero_shot_scores_every_film_and_keeps_development_films_apart():
    data = arrays()
    names = list(data.table["case"][-4:-2])
    scored = protocol.scored_films(data, True, names)
    assert len(scored) == len(data)
    assert set(scored.table.query("split == 'development'")["case"]) == set(names)
    assert set(protocol.scored_films(data, False).table["split"]) == {"test"}


def test_present_keeps_only_the_blocks_of_the_variant(tmp_path):
    names = ["coarse.encoder.0", "coarse.bottleneck", "fine.encoder.0"]
    network = protocol.model(a_run(tmp_path, method="r2mfnet", variant="coarse_only", width=0.125), arrays())
    assert present(network, names) == names[:2]
    network = protocol.model(a_run(tmp_path, method="r2mfnet", variant="no_scse", width=0.125), arrays())
    assert present(network, names) == [names[0], names[2]]
