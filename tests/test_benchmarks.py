"""The table of benchmark results."""

import csv
import datetime
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.common import append, compare

ROOT = Path(__file__).parents[1]


def test_a_slower_peer_gives_a_ratio_above_one(capsys):
    row = compare("naps", lambda: time.sleep(0.002), lambda: time.sleep(0.02), repeats=3)
    assert row.ratio > 1
    assert row.ours < row.peer
    assert "naps" in capsys.readouterr().out


def test_rows_are_appended_below_one_header(tmp_path):
    row = compare("nothing", lambda: None, lambda: None, repeats=3)
    for _ in range(2):
        append([row], tmp_path / "results.csv")
    with (tmp_path / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [list(r) for r in rows] == [
        ["name", "ours", "peer", "ratio", "unit", "where", "low", "high", "core_ratio", "commit", "date", "intercept"]
    ] * 2
    assert rows[0] == rows[1]
    assert rows[0]["date"] == str(datetime.date.today())


def test_an_unknown_benchmark_is_refused():
    call = [sys.executable, "-m", "benchmarks", "nonsense"]
    result = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "metrics" in result.stderr
