"""What reads films: a run for a study's own test cases, the released networks for the user's films."""

from dataclasses import replace

import pytest

from spinelib.apply import sample
from spinelib.apply.desk import reader
from spinelib.apply.desk.reader import FilmReader, pick_reader, released_like
from spinelib.core.errors import BadInput
from spinelib.prediction.card import Card
from spinelib.prediction.released import Released

from ..made import finished
from .made import save_film


@pytest.fixture
def study(tmp_path):
    return finished(tmp_path / "study").parents[1]


@pytest.fixture
def released(monkeypatch, network_folder):
    monkeypatch.setattr(Released, "folder", property(lambda self: network_folder))
    return network_folder


def pick(network="auto", trained="", results="nowhere", own=True):
    return pick_reader(network, str(trained), results, "cpu", own=own)


def test_the_users_films_go_to_the_released_networks_and_test_cases_to_the_run(study, released):
    run = study / "runs" / "own-run"
    assert pick(results=study).network == "auto"
    assert pick("film", results=study).folder == released
    assert pick(results=study, own=False).folder == run
    assert pick("", results=study).folder == run
    assert pick(trained=run, own=True).folder == run
    assert pick(own=False).network == "auto"


def test_beside_a_run_stands_the_released_network_of_the_same_structures(study, released):
    run = pick(results=study, own=False)
    beside = released_like(run, "cpu")
    assert beside.network == "film"  # the first of those whose weights stand in for all three here
    assert released_like(pick("film"), "cpu") is None
    assert released_like(pick(), "cpu") is None
    replace(Card.read(run.folder), classes=("lung",)).write(run.folder)
    assert released_like(run, "cpu") is None


def test_where_no_network_is_released_the_run_reads_all(study, monkeypatch, tmp_path):
    monkeypatch.setattr(Released, "folder", property(lambda self: tmp_path / self.name))
    assert pick(results=study).folder == study / "runs" / "own-run"
    with pytest.raises(BadInput, match="no weights of the released network"):
        pick("film", results=study)
    with pytest.raises(BadInput, match="make study"):
        pick()


def test_films_are_read_and_come_to_the_desk(network_folder, tmp_path):
    found = FilmReader(network_folder, "cpu")
    assert "outlines spine" in str(found)
    save_film(tmp_path / "in" / "one.png", bend=20.0)
    save_film(tmp_path / "in" / "two.png", bend=-35.0, seed=3)
    (tmp_path / "in" / "three.png").write_text("no film")
    applied = found.read(tmp_path / "in", tmp_path / "out", progress=False)
    assert (applied.made, applied.failed) == (2, 1)
    first, second = found.corrections(tmp_path / "in", applied.results, 5)
    rows = applied.results.set_index("file")
    for film in (first, second):
        assert film.reading.angles[0] == pytest.approx(rows.loc[film.seen.path.name, "an1"], abs=0.01)
    assert found.corrections(tmp_path / "in", applied.results[:0], 5) == []


def test_films_of_the_digital_patient_stand_in_for_those_of_a_run(released, study, tmp_path):
    folder = FilmReader("film", "cpu").sample(tmp_path / "sample", 2)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{sample.BROKEN}_digital_patient_1.png",
        "digital_patient_1.png",
        "digital_patient_2.png",
    ]
    own = FilmReader(study / "runs" / "own-run", "cpu").sample(tmp_path / "cases", 2)
    assert len(list(own.iterdir())) == 3
    assert reader.AUTO == "auto"
