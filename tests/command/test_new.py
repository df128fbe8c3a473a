"""`spinelib new`: the study goes into the current folder; what was found is printed."""

import sys
from pathlib import Path
from types import ModuleType

from spinelib.command.line import main


def test_the_study_is_written_here_and_what_was_found_is_printed(monkeypatch, capsys):
    module, taken = ModuleType("spinelib.study.new"), []
    module.write_study = lambda *given: taken.append(given) or ["40 films", "40 masks"]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert main(["new", "mine", "my films/"]) == 0
    assert taken == [("mine", Path("my films"), Path("studies/mine.yaml"))]
    assert capsys.readouterr().out == "40 films\n40 masks\n"
