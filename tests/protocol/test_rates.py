import pandas as pd
import pytest

from spinelib import protocol
from spinelib.training import fitting, rate_search
from tests.protocol.made import a_run, arrays

WITHOUT = {"learning_rate": 0.0, "epochs": 1}


def trained(folder, data, **parameters):
    folder.mkdir()
    run = a_run(folder, **WITHOUT, **parameters)
    protocol.train(run, protocol.model(run, data), data, protocol.divide(data, 0, 3))
    return run


def test_the_seeds_of_an_entry_share_one_search_and_each_holds_its_table(tmp_path, monkeypatch, capsys):
    data = arrays()
    first = trained(tmp_path / "first", data)
    assert "rate_from" not in first.facts
    made = pd.read_csv(tmp_path / "first" / "learning_rates.csv")
    assert first.facts["pilots"] == made[list(first.facts["pilots"][0])].to_dict("records")

    def fail(*_, **__):
        pytest.fail("searched again")

    monkeypatch.setattr(rate_search, "fit", fail)
    second = trained(tmp_path / "second", data, seed=1)
    assert second.seed == 1
    assert second.facts["rate_from"] == "first"
    assert "pilots" not in second.facts
    assert second.facts["recipe"]["learning_rate"] == first.facts["recipe"]["learning_rate"]
    assert "learning-rate search, made by first:" in capsys.readouterr().out
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "second" / "learning_rates.csv"), made)


def test_another_network_searches_for_itself(tmp_path):
    data = arrays()
    trained(tmp_path / "first", data)
    other = trained(tmp_path / "second", data, width=0.25)
    assert "rate_from" not in other.facts
    assert other.facts["pilots"]


def test_a_search_begins_from_weights_of_its_own_seeds_and_leaves_the_random_numbers(tmp_path, monkeypatch):
    begun, fit = {}, fitting.fit

    def watched(task, out, **options):
        begun.setdefault(task.seed, []).append(float(next(task.model.parameters()).sum()))
        return fit(task, out, **options)

    monkeypatch.setattr(rate_search, "fit", watched)
    trained(tmp_path / "first", arrays(), seed=5)
    assert begun.keys() == {0, 1}
    assert all(len(set(values)) == 1 for values in begun.values())
    assert begun[0][0] != begun[1][0]
