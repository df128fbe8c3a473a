"""The code of the how-to pages runs as a reader would use it: new files beside the old ones, one line in a table."""

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "how-to"
BLOCK = re.compile(r"^```python\n# (\S+\.py)(?:, an entry of [^\n]*)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Page, the package that takes the new file, and the table that takes the new line, where there is one.
PAGES_WITH_CODE = [
    ("add-a-method", "spinelib.models", "spinelib.models.catalogue:METHODS"),
    ("add-a-data-set", "spinelib.sources", "spinelib.sources:DATASETS"),
    ("add-a-corruption", "spinelib.corruptions", "spinelib.corruptions.table:CORRUPTIONS"),
    ("add-a-question", "spinelib.questions", ""),
]


def blocks(page):
    """Path and code of each block of the page that names a file."""
    return BLOCK.findall((PAGES / f"{page}.md").read_text(encoding="utf-8"))


@pytest.fixture
def forgotten():
    """Modules that a page wrote are forgotten afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("spinelib.") and not Path(sys.modules[name].__file__ or "").is_relative_to(ROOT):
            del sys.modules[name]


def register(where, line, table, monkeypatch):
    """The entry joins the table that the page names."""
    module, _, name = table.partition(":")
    holder = import_module(module)
    assert Path(holder.__file__) == ROOT / where
    entry = eval(line, dict(vars(holder)))
    assert entry.name not in getattr(holder, name)
    monkeypatch.setitem(getattr(holder, name), entry.name, entry)


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(("page", "package", "table"), PAGES_WITH_CODE, ids=[row[0] for row in PAGES_WITH_CODE])
def test_the_code_of_the_page_runs(page, package, table, tmp_path, monkeypatch):
    (new, source), *line, (test, check) = blocks(page)
    # The new file lies in a folder of its own that Python searches as a part of the package.
    path = tmp_path / Path(new).relative_to(Path(*package.split(".")))
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    monkeypatch.setattr(import_module(package), "__path__", [*import_module(package).__path__, str(tmp_path)])
    for where, code in line:
        register(where, code, table, monkeypatch)
    assert len(line) == bool(table)
    names = {}
    exec(compile(check, test, "exec"), names)
    ran = [value for name, value in names.items() if name.startswith("test_")]
    for function in ran:
        function(*([tmp_path / "test"] if "tmp_path" in inspect.signature(function).parameters else []))
    assert ran
