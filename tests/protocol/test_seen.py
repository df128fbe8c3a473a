"""No training starts from weights that have seen a patient whom it tests, however the weights came about."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.core.weights import save_weights
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.protocol.seen import EVERY, UNKNOWN_ORIGIN, check_unseen, note_seen
from tests.prediction.made import leave
from tests.protocol.made import a_run, arrays

TESTED, OTHERS = range(6), range(6, 24)  # two films of each of twelve patients, three of whom are tested


def data_in(folder, name, **options):
    (folder / name).mkdir(parents=True)
    (folder / name / "options.json").write_text(json.dumps(options))


def trained_on(folder, films, **options):
    """The folder of weights that were trained on all `films`, of data made with `options`."""
    data_in(folder, "a", **options)
    run = a_run(folder)
    everything = np.arange(len(films))
    note_seen(run, films, protocol.Division(everything[1:], everything[:1], ""))
    card = Card("unet", "full", 0.0625, 1, ("spine",), (32, 16), (32, 16), data={"seen": run.facts["seen"]})
    leave(folder, build_model("unet", "full", 1, 1, 0.0625), card)
    (folder / "training.json").write_text("{}")
    return folder


def later(folder, start, **options):
    data_in(folder, "a", **options)
    return a_run(folder, pretrained=str(start))


REAL = {"dataset": "aasce", "source": "here"}
MADE = {"dataset": "phantom", "seed": 3, "size": [32, 16]}


@pytest.mark.parametrize("options", [REAL, MADE, {"dataset": "folder", "source": "here"}])
def test_weights_that_saw_a_test_patient_are_refused(tmp_path, options):
    films = arrays()
    start = trained_on(tmp_path / "first", films, **options)
    with pytest.raises(BadInput, match=r"has seen patients whom this run tests on a \(p0, p1, p2\)"):
        check_unseen(later(tmp_path / "second", start, **options), films)


def test_weights_that_saw_the_other_patients_are_taken(tmp_path):
    films = arrays()
    start = trained_on(tmp_path / "first", films.subset(np.array(OTHERS)), **REAL)
    seen = check_unseen(later(tmp_path / "second", start, **REAL), films)
    assert len(seen["aasce"]) == 9 + 18
    assert "p7" not in str(seen)


def test_a_patient_named_otherwise_is_known_by_the_film(tmp_path):
    films = arrays()
    start = trained_on(tmp_path / "first", films, **REAL)
    renamed = films.table.assign(patient=[f"other {name}" for name in films.table["patient"]])
    run = later(tmp_path / "second", start, **REAL)
    with pytest.raises(BadInput, match="other p0, other p1, other p2"):
        check_unseen(run, replace(films, table=renamed))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (MADE, MADE | {"seed": 4}),
        (MADE, {"dataset": "phantom_lateral", "seed": 3}),
        (REAL, MADE),
        ({"dataset": "folder", "source": "here"}, {"dataset": "folder", "source": "there"}),
    ],
)
def test_the_same_names_in_other_data_are_other_patients(tmp_path, before, now):
    films = arrays()
    start = trained_on(tmp_path / "first", films, **before)
    assert check_unseen(later(tmp_path / "second", start, **now), films)


def test_what_a_start_had_seen_is_handed_on(tmp_path):
    films = arrays()
    first = trained_on(tmp_path / "first", films.subset(np.array(TESTED)), **REAL)
    run = later(tmp_path / "second", first, **MADE)
    note_seen(run, films, protocol.divide(films, 0, 3))
    assert set(run.facts["seen"]) == {"aasce", "phantom of seed 3"}


def test_a_release_has_seen_every_patient_of_the_seeds_that_it_names(tmp_path):
    films, folder = arrays(), tmp_path / "released"
    folder.mkdir()
    card = Card("unet", "full", 0.0625, 1, ("spine",), (32, 16), (32, 16), data={"stretches": [{"data": MADE}]})
    leave(folder, build_model("unet", "full", 1, 1, 0.0625), card)
    (folder / "training.json").write_text("{}")
    assert check_unseen(later(tmp_path / "other", folder, **MADE | {"seed": 9}), films) == {
        "phantom of seed 3": [EVERY]
    }
    with pytest.raises(BadInput, match="has seen patients"):
        check_unseen(later(tmp_path / "same", folder, **MADE | {"size": [64, 32]}), films)


def test_weights_that_do_not_say_what_they_saw_are_taken_with_a_remark_that_stays(tmp_path, capsys):
    films = arrays()
    save_weights(build_model("unet", "full", 1, 1, 0.0625), tmp_path / "w.safetensors")
    run = later(tmp_path / "second", tmp_path / "w.safetensors", **REAL)
    note_seen(run, films, protocol.divide(films, 0, 3))
    assert "is not known; test patients may be among it" in capsys.readouterr().out
    assert run.facts["seen"][UNKNOWN_ORIGIN] == [EVERY]


def test_a_training_refuses_before_it_loads_anything(tmp_path):
    films = arrays()
    start = trained_on(tmp_path / "first", films, **REAL)
    run = later(tmp_path / "second", start, **REAL)
    network = protocol.model(run, films)
    before = [value.clone() for value in network.parameters()]
    with pytest.raises(BadInput, match="has seen patients"):
        protocol.train(run, network, films, protocol.divide(films, 0, 3))
    assert all((one == two).all() for one, two in zip(before, network.parameters(), strict=True))
