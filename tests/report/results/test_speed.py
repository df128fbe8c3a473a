"""Speed by subject: the newest row of every benchmark on every machine."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.speed import SUBJECTS, missed, newest, on_a_card, speed_tables, where
from tests.report.results.made import ROOT


@pytest.fixture
def root(tmp_path):
    columns = list(pd.read_csv(ROOT / "benchmarks" / "results.csv", nrows=0).columns)
    usual = {"unit": "s", "low": 0.4, "high": 0.6, "where": "a box", "commit": "abc", "date": "2026-01-01"}
    rows = [
        {"name": "prediction, x", "ours": 9.0, "peer": 9.0, "ratio": 1.0},
        {"name": "prediction, x", "ours": 1.0, "peer": 2.0, "ratio": 0.5, "date": "2026-01-02"},
        {"name": "prediction, x", "ours": 3.0, "peer": 2.0, "ratio": 1.5, "where": "a card"},
        {"name": "something else", "ours": 12345.678, "peer": 1.0, "ratio": 2.0, "low": None, "high": None},
    ]
    (tmp_path / "benchmarks").mkdir()
    table = pd.DataFrame([usual | row for row in rows]).reindex(columns=columns)
    table.to_csv(tmp_path / "benchmarks" / "results.csv", index=False)
    return tmp_path


def test_the_last_row_of_a_benchmark_and_machine_counts(root):
    rows = newest(root)
    found = set(zip(rows["name"], rows["where"], rows["ratio"], strict=True))
    assert found == {
        ("prediction, x", "a box", 0.5),
        ("prediction, x", "a card", 1.5),
        ("something else", "a box", 2.0),
    }


def test_every_row_stands_under_one_subject(root):
    text = speed_tables(root)
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert heads == ["Prediction", "More"]
    assert "| prediction, x | 1 s | 2 s | 0.50 (0.40 to 0.60) |" in text
    assert "| something else | 1.235e+04 s | 1 s | 2.00 |" in text
    assert text.count("| prediction, x |") == 2
    assert list(SUBJECTS)[-1] == "More"


def test_machines_are_named_with_commits_and_days(root):
    assert where(root) == "a box (commit abc; 2026-01-02, 2026-01-01); a card (commit abc; 2026-01-01)"


def test_a_card_is_told_from_processors_and_callgrind(root):
    path = root / "benchmarks" / "results.csv"
    rows = pd.read_csv(path)
    assert on_a_card(root)
    rows.assign(where=["A box, 1 thread", "A box, 1 thread", "valgrind 3, Python 3", "A box, 1 thread"]).to_csv(path)
    assert not on_a_card(root)


def test_an_exponent_has_its_value_at_one_beside_it(root):
    path = root / "benchmarks" / "results.csv"
    pd.read_csv(path).assign(intercept=[None, "2.5 ms", None, None]).to_csv(path, index=False)
    assert "| prediction, x | 1 s, 2.5 ms at one | 2 s |" in speed_tables(root)


def test_the_parts_of_a_step_are_one_line_for_each_network(root):
    path = root / "benchmarks" / "results.csv"
    rows = pd.read_csv(path)
    names = [f"time of a step {network}: {kind}" for network in ("a, cpu", "b, cpu") for kind in ("loss", "rest")]
    found = {"name": names, "ours": [3, 9, 5, 5], "peer": [12, 12, 10, 10], "ratio": [0.25, 0.75, 0.5, 0.5]}
    rows.assign(**found, where="a box").to_csv(path, index=False)
    text = speed_tables(root)
    assert "| what | whole | loss (%) | rest (%) |" in text
    assert "| a, cpu | 12 ms | 25.0 | 75.0 |" in text
    assert "| b, cpu | 10 ms | 50.0 | 50.0 |" in text


def test_parts_of_films_whose_kinds_differ_are_tables_of_their_own(root):
    path = root / "benchmarks" / "results.csv"
    names = [f"time of a film, {which}" for which in ("front: file", "front: angles", "side: file", "side: walk")]
    rows = pd.read_csv(path).assign(name=names, ours=1.0, peer=4.0, ratio=0.25, where="a box")
    rows.to_csv(path, index=False)
    text = speed_tables(root)
    assert "| what | whole | file (%) | angles (%) |" in text
    assert "| what | whole | file (%) | walk (%) |" in text


def test_aims_of_the_repositorys_own_rows_are_counted():
    few, of, all_ = missed(ROOT).split()
    assert of == "of"
    assert 0 <= int(few) <= int(all_) <= len(newest(ROOT))
    assert speed_tables(ROOT).count("**missed**") == int(few)


def test_a_folder_without_benchmarks_is_named(tmp_path):
    with pytest.raises(BadInput, match="is not there"):
        newest(tmp_path)
