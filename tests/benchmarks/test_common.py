"""Races, ratios and the table of results."""

import csv
import multiprocessing
import os
import time

import numpy as np
import pytest

from benchmarks.common import Row, against, append, compare, race


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def worker(pipe):
    while pipe.recv():
        spin(0.05)
        pipe.send(True)


class Hired:
    """A contender whose work is done by a process that its first call starts."""

    def __init__(self):
        self.process = None

    def __call__(self):
        if self.process is None:
            self.pipe, there = multiprocessing.Pipe()
            self.process = multiprocessing.get_context("fork").Process(target=worker, args=(there,), daemon=True)
            self.process.start()
        self.pipe.send(True)
        self.pipe.recv()

    def close(self):
        self.pipe.send(False)
        self.process.join(5)


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_the_ratio_is_the_median_over_the_rounds_with_its_quartiles():
    times = {"us": np.array([[1, 1], [1, 1], [1, 2]], float), "them": np.array([[2, 3], [4, 3], [3, 3]], float)}
    row = against("what", times, "us", "them", per=2)
    assert (row.ratio, row.low, row.high, row.core_ratio) == (3, 2.5, 3.5, 3)
    assert (row.ours, row.peer) == (500, 1500)


def test_contenders_take_turns_after_the_warm_up():
    said = []
    race({"a": lambda: said.append("a"), "b": lambda: said.append("b")}, repeats=2, warm_ups=2)
    assert "".join(said) == "aabb" + "abab"


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="reads /proc")
def test_workers_count_in_core_time_and_sleep_during_the_others_turns():
    hired, seen = Hired(), []
    times = race({"hired": hired, "alone": lambda: seen.append(state(hired.process.pid))}, repeats=3)
    hired.close()
    assert set(seen[1:]) == {"T"}
    assert np.median(times["hired"][:, 1]) > 0.03
    assert hired.process.exitcode == 0


def test_an_older_table_gets_the_new_columns_and_keeps_its_rows(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text('name,ours,peer,ratio,unit,where\n"a, b",1,2,2.0,ms,here\n')
    append([Row("c", 1.0, 3.0, 3.0, "ms", "here", 2.5, 3.5, float("nan"))], path)
    with path.open() as file:
        old, new = csv.DictReader(file)
    assert (old["name"], old["ratio"], old["low"], old["core_ratio"]) == ("a, b", "2.0", "", "")
    assert (new["low"], new["high"], new["core_ratio"]) == ("2.5", "3.5", "")


def test_a_comparison_fills_every_column(tmp_path):
    row = compare("naps", lambda: spin(0.002), lambda: spin(0.01), repeats=3)
    assert row.low <= row.ratio <= row.high
    assert row.core_ratio == pytest.approx(5, rel=0.3)
