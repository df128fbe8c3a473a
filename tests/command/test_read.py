"""`spinelib read`: where results go, what is printed, which status."""

import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from spinelib.apply.loop import Applied
from spinelib.command.line import main
from spinelib.core.layout import LEFT_OUT

READ = {"network": "film", "chosen_by": "picture", "reason": "", "remedy": ""}
ROWS = [
    {**READ, "file": "a.png", "status": "ok", "an1": 12.345, "count": 17, "confidence": 0.234, "remark": "8 found"},
    {
        **READ,
        "file": "b.png",
        "status": "doubtful",
        "chosen_by": "asked",
        "reason": "few bodies",
        "an1": None,
        "count": None,
    },
    {**READ, "file": "c.png", "status": "refused", "reason": "no column", "remedy": "Look."},
    {"file": "d.png", "status": "failed", "reason": "is cut off", "remedy": "Copy it anew."},
]


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """Reads nothing: keeps what it was asked, and answers with the first `rows` rows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my films.v2").mkdir()
    module = ModuleType("spinelib.apply.read")
    module.taken, module.rows = [], 1

    def read_folder(source, out, **options):
        module.taken.append((source, out, options))
        rows = ROWS[: module.rows]
        table = pd.DataFrame(rows).astype({"count": "Int64"})
        return Applied(out, table, len(rows), 0, sum(row["status"] == "failed" for row in rows))

    module.read_folder = read_folder
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_results_go_below_the_current_folder_unless_another_is_named(calls, capsys):
    assert main(["read", "my films.v2"]) == 0
    source, out, options = calls.taken[-1]
    assert (source, out) == (Path("my films.v2"), Path("reports/read/my films.v2"))
    assert options == {"network": "auto", "device": "auto", "hash_patients": False}
    said = capsys.readouterr().out
    assert (
        "  a.png: ok, by film (chosen by its picture), largest Cobb angle 12.3 degrees, confidence 0.23; 8 found\n"
        in said
    )
    assert said.endswith(f"Open {Path('reports/read/my films.v2/overlays.html')}\n")
    Path("scan.png").touch()
    assert main(["read", "scan.png"]) == 0
    assert calls.taken[-1][1] == Path("reports/read/scan")
    words = ["--network", "mr", "--device", "cpu", "--hash-patients"]
    assert main(["read", "my films.v2", "out", *words]) == 0
    assert calls.taken[-1][1:] == (Path("out"), {"network": "mr", "device": "cpu", "hash_patients": True})


def test_the_current_folder_gives_its_own_name(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "my films.v2")
    assert main(["read", "."]) == 0
    assert calls.taken[-1][1] == Path("reports/read/my films.v2")


@pytest.mark.parametrize(("rows", "status"), [(2, 0), (3, 1), (4, 1)])
def test_what_could_not_be_read_is_said_and_told_by_the_status(calls, rows, status, capsys):
    calls.rows = rows
    assert main(["read", "my films.v2"]) == status
    said = capsys.readouterr().out
    assert "  b.png: doubtful, by film; few bodies\n" in said
    assert ("  c.png: refused, by film (chosen by its picture), no column. Look\n" in said) == (rows > 2)
    assert ("  d.png: failed, is cut off. Copy it anew\n" in said) == (rows > 3)


def test_an_empty_name_is_an_error_and_not_the_current_folder(calls, capsys):
    assert main(["read", ""]) == 2
    assert capsys.readouterr().err.startswith("error: FILMS: is empty. Name a folder")
    assert not calls.taken


def exports(monkeypatch):
    module = ModuleType("spinelib.apply.export")
    module.EXPORTS, module.taken = {"labelme": None, "coco": None}, []
    module.export_results = lambda *given: module.taken.append(given) or [given[2] / kind for kind in given[1]]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_exports_follow_and_are_named(calls, monkeypatch, capsys):
    module = exports(monkeypatch)
    assert main(["read", "my films.v2", "out", "--export", "labelme", "--export", "coco"]) == 0
    assert module.taken == [(Path("out"), ["labelme", "coco"], Path("out/export"))]
    assert f"exported: {Path('out/export/coco')}\n" in capsys.readouterr().out


def test_what_an_export_leaves_out_is_told_and_ends_with_1_as_by_the_other_command(calls, monkeypatch, capsys):
    module = exports(monkeypatch)
    monkeypatch.setattr(module, "export_results", lambda *given: [given[2] / "coco", given[2] / LEFT_OUT])
    assert main(["read", "my films.v2", "out", "--export", "coco"]) == 1
    said = capsys.readouterr().out
    assert f"exported: {Path('out/export/coco')}\n" in said
    assert f"left out, each with its reason: {Path('out/export') / LEFT_OUT}\n" in said


def test_a_misspelt_export_stops_before_anything_is_read(calls, monkeypatch, capsys):
    exports(monkeypatch)
    assert main(["read", "my films.v2", "--export", "labelmee"]) == 2
    assert "Did you mean 'labelme'?" in capsys.readouterr().err
    assert not calls.taken
