"""The gate from nothing: what the command leaves, and what the gate of a small network does to pictures new to it."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib import apply
from spinelib.apply.gate.__main__ import main
from spinelib.apply.gate.answers import FILM_ANSWER, SIDE_ANSWER
from spinelib.apply.gate.made import Amounts, MadePicture
from spinelib.apply.gate.pictures import NO_SPINE
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.side_signs import SIDE_SIGNS
from spinelib.apply.gate.whole import MADE, make_and_try
from spinelib.core.errors import BadInput
from spinelib.core.layout import GATE, GATE_KINDS, GATE_PICTURES, GATE_RISKS
from spinelib.prediction.predictor import Predictor

from ...prediction.made import trained
from ..made import finished
from ..sides import knowing, mirrored_pair


@pytest.fixture(scope="module")
def tried(gated):
    """What was measured of pictures of other seeds than those of fitting."""
    return pd.read_csv(gated[1] / GATE_PICTURES).query("part == 'test'")


@pytest.mark.slow
def test_the_gate_lies_beside_the_weights_and_tables_and_figures_in_the_folder_asked_for(gated):
    predictor, out, words = gated
    assert AnswerGate.read(predictor.folder, predictor.card.weights, FILM_ANSWER.signs).made["seeds"] == {
        "fit": 2001,
        "test": 2002,
    }
    assert {path.name for path in out.iterdir()} == {
        *(GATE_KINDS, GATE_PICTURES, GATE_RISKS),
        *("reliability.png", "risk.png", "roc.png"),
    }
    kinds = pd.read_csv(out / GATE_KINDS)
    assert kinds[["ok", "doubtful", "refused"]].sum(axis=1).round(2).eq(1).all()
    assert "upside down" in words


@pytest.mark.slow
def test_what_is_no_spine_is_seldom_answered_and_films_are_seldom_refused(tried):
    drawn = tried[tried["kind"].isin(NO_SPINE)]
    assert (drawn["status"] == "ok").mean() <= 0.1
    assert (tried[tried["kind"] == FILM_ANSWER.good]["status"] == "refused").mean() <= 0.2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["skin-like", "noise", "blank", "text"])
def test_pictures_of_these_kinds_are_told_from_films(tried, kind):
    film, drawn = (tried[tried["kind"] == name] for name in (FILM_ANSWER.good, kind))
    assert (drawn["status"] == "ok").mean() < 0.2
    assert drawn["chance"].mean() < film["chance"].mean() - 0.5


@pytest.mark.slow
def test_films_are_told_from_those_on_their_head(tried):
    film, turned = (tried[tried["kind"] == kind]["chance"].mean() for kind in (FILM_ANSWER.good, "upside down"))
    assert turned < film - 0.2


@pytest.mark.slow
def test_confidence_falls_as_films_get_worse(tried):
    worse = tried[tried["severity"] > 0].groupby("severity")["confidence"].mean()
    good = tried[tried["kind"] == FILM_ANSWER.good]["confidence"].mean()
    assert good > worse[5]


def test_a_network_for_something_else_has_no_gate(tmp_path):
    with pytest.raises(BadInput, match="does not outline the spine"):
        make_and_try(Predictor.from_folder(trained(tmp_path, classes=("lung",)), "cpu"), tmp_path / "out")
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 2


@pytest.mark.slow
def test_a_folder_of_films_is_read_with_the_gate(gated, tried, tmp_path):
    predictor = gated[0]
    draw_noise = Image.effect_noise((200, 400), 90)
    (tmp_path / "films").mkdir()
    draw_noise.save(tmp_path / "films" / "noise.png")
    applied = apply.apply_run(predictor, tmp_path / "films", tmp_path / "out", progress=False)
    row = applied.results.iloc[0]
    assert row["status"] in ("doubtful", "refused")
    assert row["reason"]
    again = apply.apply_run(predictor, tmp_path / "films", tmp_path / "out", progress=False)
    assert (again.made, again.before, again.failed) == (0, 1, 0)
    assert (predictor.folder / GATE).is_file()


def test_a_run_without_a_gate_is_as_it_was(tmp_path):
    films = tmp_path / "study" / "data" / "own" / "images"
    run = finished(tmp_path / "study")
    rows = apply.apply_run(run, films, tmp_path / "out", progress=False).results
    assert set(rows["status"]) == {"ok"}
    assert rows["confidence"].equals(rows["reading_confidence"])


def known_sides(films):
    """A function that makes pictures: a film that a pipeline knows, every other time with other labels, and noise."""
    numbers = np.array([0, 2, 3, 4, 23, 24, 26], np.uint8)
    film, labels = (each.repeat(3, 0).repeat(3, 1) for each in (films.images[0, 0], numbers[films.labels[0]]))

    def make(folder, seed, amounts):
        draw = np.random.default_rng(seed)
        for k in range(10):
            wrong = np.where(labels > 0, labels - 1, 0).astype(np.uint8)
            yield MadePicture(SIDE_ANSWER.good, f"p{k}", film, True, labels=labels if k % 2 else wrong)
            noise = np.where(draw.uniform(size=film.shape) < 0.5, film, draw.integers(0, 255, film.shape))
            yield MadePicture("noise", f"noise {k}", noise[:200].astype(np.uint8), False)

    return make


def test_the_gate_of_a_network_for_films_from_the_side_is_made_the_same_way(tmp_path, monkeypatch):
    films = mirrored_pair()
    predictor = knowing(films, tmp_path / "lateral")
    monkeypatch.setitem(MADE, SIDE_ANSWER.name, (known_sides(films), Amounts()))
    words = make_and_try(predictor, tmp_path / "out")
    own = AnswerGate.read(predictor.folder, predictor.card.weights, SIDE_SIGNS)
    assert own.readable.names == tuple(SIDE_SIGNS)
    assert own.within == 0
    pictures = pd.read_csv(tmp_path / "out" / GATE_PICTURES)
    good = pictures[pictures["kind"] == SIDE_ANSWER.good]
    assert sorted(good["error"].unique()) == [0, 1]
    assert good["confidence"].between(0.3, 0.7).all()
    assert (pictures[pictures["kind"] == "noise"]["status"] == "refused").all()
    assert "digital films from the side" in words
    assert (tmp_path / "out" / "reliability.png").is_file()
