"""`spinelib export`: results and kinds as they were given, a misspelt kind before anything is written."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from spinelib.command.export import check_kinds
from spinelib.command.line import main
from spinelib.core.errors import BadInput


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
