"""`spinelib export`: results and kinds as they were given, a misspelt kind before anything is written."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from spinelib.command.export import check_kinds
from spinelib.command.line import main
from spinelib.core.errors import BadInput
from spinelib.core.layout import LEFT_OUT


@pytest.fixture
def written(monkeypatch):
    module = ModuleType("spinelib.apply.export")
    module.EXPORTS, taken = {"labelme": None, "coco": None}, []
    module.export_results = lambda *given: taken.append(given) or [given[2] / "one.json"]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return taken


def test_exports_go_beside_the_results_unless_a_folder_is_named(written, capsys):
    assert main(["export", "results", "--to", "labelme"]) == 0
    assert main(["export", "results", "--to", "labelme", "--to", "coco", "--into", "other"]) == 0
    assert written == [
        (Path("results"), ["labelme"], Path("results/export"), None),
        (Path("results"), ["labelme", "coco"], Path("other"), None),
    ]
    assert f"exported: {Path('other/one.json')}\n" in capsys.readouterr().out


def test_what_is_left_out_is_told_and_ends_with_1(written, monkeypatch, capsys):
    module = sys.modules["spinelib.apply.export"]
    monkeypatch.setattr(module, "export_results", lambda *given: [given[2] / "labelme", given[2] / LEFT_OUT])
    assert main(["export", "results", "--to", "labelme"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"exported: {Path('results/export/labelme')}"
    assert said[1] == f"left out, each with its reason: {Path('results/export') / LEFT_OUT}"


def test_the_split_of_a_study_is_handed_on(written):
    assert main(["export", "results", "--to", "coco", "--study", "reports/mine"]) == 0
    assert written == [(Path("results"), ["coco"], Path("results/export"), Path("reports/mine"))]


def test_a_kind_that_there_is_not_is_told_with_the_nearest(written, capsys):
    assert main(["export", "results", "--to", "cocoa"]) == 2
    assert capsys.readouterr().err == "error: cocoa: is no kind of export. Did you mean 'coco'?\n"
    with pytest.raises(BadInput, match="Known: coco, labelme"):
        check_kinds(["labelme", "xyz"])
    assert not written


def test_without_a_kind_nothing_is_done(written, capsys):
    with pytest.raises(SystemExit):
        main(["export", "results"])
    assert "--to" in capsys.readouterr().err
