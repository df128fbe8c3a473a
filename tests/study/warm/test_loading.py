"""Which modules a notebook loads before its run begins, told from what was noted while they were loaded."""

import builtins
import subprocess
import sys

import pytest

from spinelib.study.warm.loading import imported, leads_to, load_those_of_ours, noting_imports
from tests.tiny import PARAMETERS, write_notebook

LATER = "def call():\n    from pack import heavy\n"
BEGIN = "from spinelib import plots, runs\nimport numpy as np\nrun = runs.begin(globals())"


def test_only_what_is_imported_until_the_run_begins_counts(tmp_path):
    path = write_notebook(tmp_path / "one.ipynb", "# What?", PARAMETERS, "%matplotlib inline", BEGIN, "import torch")
    assert imported(path) == ["spinelib", "spinelib.plots", "spinelib.runs", "numpy"]
    write_notebook(path, PARAMETERS, "import torch", "if True:\n    import seaborn", BEGIN)
    assert imported(path) == ["torch", "spinelib", "spinelib.plots", "spinelib.runs", "numpy"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [{"cell_type": "code"}]}', '{"cells": 3}'])
def test_what_is_no_notebook_imports_nothing(tmp_path, text):
    (tmp_path / "none.ipynb").write_text(text)
    assert imported(tmp_path / "none.ipynb") == []
    assert imported(tmp_path / "missing.ipynb") == []


@pytest.fixture
def package(tmp_path, monkeypatch):
    texts = {"__init__": "", "heavy": "", "user": "from .middle import name", "apart": "import json"}
    texts |= {"middle": "from . import heavy\nname = 1", "early": "from pack import middle", "later": LATER}
    (tmp_path / "pack").mkdir()
    for name, text in texts.items():
        (tmp_path / "pack" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "pack"]:
        del sys.modules[name]


@pytest.mark.usefixtures("package")
def test_what_leads_to_a_module_is_known_whatever_was_loaded_before():
    usual = builtins.__import__
    with noting_imports() as found:
        import pack.apart
        import pack.early
        import pack.later
        import pack.user  # noqa: F401
    for names in (["pack.user"], ["pack.middle.name"], ["json", "pack.early"], ["pack.heavy"]):
        assert leads_to(names, "pack.heavy", found)
    for names in ([], ["pack"], ["pack.apart"], ["pack.later"], ["none.such"]):
        assert not leads_to(names, "pack.heavy", found)
    assert builtins.__import__ is usual


def test_only_modules_of_ours_are_loaded_and_what_is_none_is_left_out():
    names = ["spinelib.core.names", "spinelib.core.names.FORMER", "spinelib.nothing", "this", "spinelib"]
    load_those_of_ours(names)
    assert "spinelib.core.names" in sys.modules
    assert "this" not in sys.modules


# A notebook that loads torch late, or never, begins its run without it: its record would say something else.
def test_notebooks_of_the_project_that_load_no_torch_are_told():
    words = [sys.executable, "-c", REACH, "61_calibration", "20_baseline"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "True"], done.stderr


REACH = """import sys
from spinelib.core.shipped import shipped
from spinelib.study.warm.loading import imported, leads_to, load_those_of_ours, noting_imports
paths = [shipped("notebooks", f"{name}.ipynb") for name in sys.argv[1:]]
with noting_imports() as found:
    load_those_of_ours(name for path in reversed(paths) for name in imported(path))
print(*(leads_to(imported(path), "torch", found) for path in paths))
"""
