"""Counts of instructions: read from what callgrind writes, the least of several calls, and the guard over them."""

import shutil

import pytest

from benchmarks import bench_instructions as instructions
from benchmarks import counted
from benchmarks.common import Row, append


def write_sections(folder, numbers, trigger="--dump-before=getppid"):
    for place, number in enumerate(numbers, 1):
        (folder / f"count.{place}").write_text(f"part: {place}\ndesc: Trigger: {trigger}\nsummary: {number}\n")
    (folder / "count").write_text("desc: Trigger: Program termination\nsummary: 5\n")


def test_sections_are_read_in_order_and_the_programs_end_is_none(tmp_path):
    write_sections(tmp_path, range(1, 13))
    assert instructions.sections(tmp_path) == list(range(1, 13))


def test_the_least_section_between_two_marks_counts():
    # What came before the first mark, then for each call: it, and what lies before the next one.
    first, second = [900, 12, 1, 10, 1, 11], [800, 21, 1, 25, 1, 22]
    assert instructions.least([777, *first, *second], 2) == [10, 21]
    with pytest.raises(RuntimeError, match="wrote 3 sections, not 6"):
        instructions.least([1, 2, 3], 1)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table with a count of ten millions for the first function, measured now by what is given."""
    names = list(counted.functions())
    path, place = tmp_path / "results.csv", "callgrind"
    title = f"instructions of {names[0]}, against the last published"
    append([Row(title, 10.0, 10.0, 1.0, "million", place)], path)
    monkeypatch.setattr(instructions, "RESULTS", path)
    monkeypatch.setattr(instructions, "where_counted", lambda: place)
    monkeypatch.setattr(instructions.shutil, "which", lambda name: name)
    published = instructions.published
    monkeypatch.setattr(instructions, "published", lambda title, place: published(title, place, path))
    return lambda now: monkeypatch.setattr(instructions, "counts", lambda found: dict.fromkeys(found, now))


def test_a_count_that_grew_is_an_error_and_no_row_unless_it_is_accepted(table, monkeypatch, capsys):
    table(10_600_000)
    found = []
    with pytest.raises(RuntimeError, match=r"10\.6 million instructions, not 10\.0"):
        found.extend(instructions.rows())
    assert len(found) == 2, "those that were never published have rows"
    monkeypatch.setenv("SPINE_BENCH_ACCEPT", "1")
    assert [row.ours for row in instructions.rows()] == pytest.approx([10.6] * 3)


def test_a_count_that_did_not_grow_has_its_row_beside_the_published_one(table, capsys):
    table(8_000_000)
    first = next(instructions.rows())
    assert (first.ours, first.peer, first.ratio) == pytest.approx((8.0, 10.0, 1.25))
    assert first.where == "callgrind"


def test_without_valgrind_the_reason_is_told(monkeypatch, capsys):
    monkeypatch.setattr(instructions.shutil, "which", lambda name: None)
    assert list(instructions.rows()) == []
    assert "valgrind is not installed" in capsys.readouterr().out


def test_every_function_that_is_counted_gives_something():
    assert len(counted.functions()) == 3
    for call in counted.functions().values():
        assert call()


@pytest.mark.skipif(not shutil.which("valgrind"), reason="needs valgrind")
@pytest.mark.slow
def test_callgrind_counts_what_lies_between_the_marks(tmp_path, monkeypatch):
    loop = "    os.getppid()\n    sum(range(n))\n    os.getppid()\n"
    (tmp_path / "told.py").write_text(f"import os\nfor n in (2000,) * 3 + (20000,) * 3:\n{loop}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = instructions.counts(["short", "long"], "told")
    assert 5 < found["long"] / found["short"] < 15
