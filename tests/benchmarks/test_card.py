"""The script for a graphics card: parts that fail or take too long, no card, wheels, what is kept of it."""

import csv
import json
import time
from importlib import metadata
from pathlib import Path

import pytest
import torch

from benchmarks.bench_card_tests import passed_of
from benchmarks.bench_recipe import told_of
from benchmarks.card import __main__ as command
from benchmarks.card import needs, parts, publish, shapes
from benchmarks.card.parts import Part, run_part, write_outcomes
from benchmarks.common import DRY_CARD, Row, append
from spinelib.core.errors import BadInput


def test_a_part_that_fails_or_never_ends_costs_no_other(tmp_path, monkeypatch, capsys):
    (tmp_path / "fine.py").write_text("print('done')")
    (tmp_path / "wrong.py").write_text("raise SystemExit(3)")
    (tmp_path / "endless.py").write_text("import time; print('begun', flush=True); time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    given = [Part("wrong", 60, ("wrong",)), Part("endless", 1.5, ("endless",)), Part("fine", 60, ("fine",))]
    monkeypatch.setattr(command, "PARTS", given)
    found = command.run_parts(tmp_path, False, 300)
    assert [outcome.status for outcome in found] == ["failed with exit code 3", "ended after its 2 s", "finished"]
    with (tmp_path / "parts.csv").open() as file:
        assert [row["part"] for row in csv.DictReader(file)] == ["wrong", "endless", "fine"]
    assert (tmp_path / "fine.txt").read_text().strip() == "done"


def test_what_a_part_started_ends_with_it(tmp_path):
    (tmp_path / "told.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
    )
    variables = {**parts.environment(tmp_path, True), "PYTHONPATH": str(tmp_path)}
    assert run_part(Part("told", 60, ("told",)), tmp_path, variables, 60).good
    child = Path("/proc") / (tmp_path / "told.txt").read_text().strip() / "stat"
    # It ends when it next comes to run, which on a busy machine is not now; a hundred seconds are for a broken program.
    for _ in range(1000):
        if not child.exists() or child.read_text().rpartition(")")[2].split()[0] in ("Z", "X"):
            return
        time.sleep(0.1)
    pytest.fail("still runs")


def test_a_part_for_which_no_time_is_left_is_not_started(tmp_path):
    outcome = run_part(Part("late", 60, ("nothing",)), tmp_path, {}, 0.0)
    assert (outcome.status, list(tmp_path.iterdir())) == ("no time was left for it", [])


def test_all_parts_together_fit_into_ten_minutes():
    assert sum(part.seconds for part in parts.PARTS) <= 60 * command.MINUTES < 600


@pytest.mark.skipif(torch.cuda.is_available(), reason="a machine without a card is asked")
def test_without_a_card_one_line_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(needs, "check_packages", lambda: None)
    assert command.main(["--to", str(tmp_path / "gpu")]) == 2
    said = "error: graphics card: there is none on this machine. 'make gpu MORE=--dry' rehearses every part on a "
    assert capsys.readouterr().err.splitlines() == [f"{said}processor."]
    assert not (tmp_path / "gpu").exists()


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(needs, "wheels", lambda: ["numpy", "no-such-package"])
    with pytest.raises(BadInput, match=r"^packages: no-such-package not installed\. .*gpu-wheels"):
        needs.check_packages()


def test_wheels_have_the_versions_of_the_lock(monkeypatch):
    assert [word.split("==")[0] for word in needs.pinned()] == needs.wheels()
    assert f"papermill=={metadata.version('papermill')}" in needs.pinned()
    monkeypatch.setattr(needs, "wheels", lambda: ["papermill", "no-such-package"])
    with pytest.raises(BadInput, match=r"requirements\.lock has not: no-such-package"):
        needs.pinned()


def test_the_sizes_of_a_card_fit_together():
    for load in shapes.LOADS["cuda"]:
        small = shapes.needed(load.method, load.width, load.grid, 1, False)
        assert small.operations > 1e9
        assert small.kept == 0
    trained = shapes.needed("unet", 0.125, (64, 32), 2, True)
    assert trained.kept > 0
    # Two products backward for one forward, but for the first layer's.
    forward = shapes.needed("unet", 0.125, (64, 32), 2, False).operations
    assert 2.9 < trained.operations / forward <= 3


def row(name="a row", where="A card", **more):
    return Row(name, 1.0, 2.0, 2.0, "ms", where, **more)


def found(folder, machine="A card", dry=False, *rows):
    folder.mkdir(exist_ok=True)
    needs.write_machine({"dry": dry, "card": {"name": machine}}, folder)
    append(rows or [row()], folder / parts.RESULTS)
    write_outcomes([parts.Outcome("training", "finished", 3.0)], folder)
    return folder


def test_rows_join_the_table_once_with_their_machine(tmp_path):
    there = found(tmp_path / "gpu")
    append([row("earlier", "a processor")], tmp_path / "results.csv")
    for expected in (1, 0):
        count, path = publish.merge(there, tmp_path / "results.csv", tmp_path / "cards")
        assert count == expected
    with (tmp_path / "results.csv").open() as file:
        assert [line["name"] for line in csv.DictReader(file)] == ["earlier", "a row"]
    kept = json.loads(path.read_text())
    assert (path.name, kept["parts"][0]["status"]) == ("a-card.json", "finished")


@pytest.mark.parametrize(
    ("machine", "dry", "words"),
    [(DRY_CARD, True, "is a dry run"), ("Another card", False, "holds rows of A card, not of Another card")],
)
def test_what_no_card_measured_is_not_published(tmp_path, machine, dry, words):
    found(tmp_path, machine, dry)
    with pytest.raises(BadInput, match=words):
        publish.merge(tmp_path, tmp_path / "all.csv", tmp_path)
    assert not (tmp_path / "all.csv").exists()


def test_a_folder_without_a_machine_is_refused(tmp_path, monkeypatch, capsys):
    assert publish.main([str(tmp_path)]) == 2
    assert "is missing or damaged" in capsys.readouterr().err


def test_tests_that_were_skipped_did_not_run(tmp_path):
    (tmp_path / "tests.xml").write_text(
        '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"/></testsuites>'
    )
    assert passed_of(tmp_path / "tests.xml") == (3, 6)


def test_the_rows_of_a_record_say_time_memory_and_dice(capsys):
    facts = {"training": {"epochs": 100.0, "seconds": 20.0}, "data": {"phantom": {"films": 80}}}
    facts |= {"signs": {"phantom": {"dice": 0.9, "dice_guess": 0.3}}}
    record = {"facts": facts, "seconds": 50.0, "peak_memory_mb": 900.0, "peak_gpu_memory_mb": 300.0}
    rows = list(told_of(record))
    assert [(row.ours, row.peer, row.unit) for row in rows] == [(20, 50, "s"), (300, 900, "MB"), (0.9, 0.3, "Dice")]
    assert all("100 epochs of 80 films" in row.name for row in rows)
    assert [row.unit for row in told_of(record | {"peak_gpu_memory_mb": 0.0})] == ["s", "Dice"]
