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
# Page, the module that holds the table, the table's name there, and the package that takes the new file.
TABLES = [
    ("add-a-method", "spinelib.models.catalogue", "METHODS", "spinelib.models"),
    ("add-a-data-set", "spinelib.sources", "DATASETS", "spinelib.sources"),
    ("add-a-corruption", "spinelib.corruptions.table", "CORRUPTIONS", "spinelib.corruptions"),
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


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize(("page", "module", "table", "package"), TABLES, ids=[row[0] for row in TABLES])
def test_the_code_of_the_page_runs(page, module, table, package, tmp_path, monkeypatch):
    (new, source), (where, line), (test, check) = blocks(page)
    assert import_module(module).__file__.endswith(where)
    assert Path(new).parent == Path(*package.split("."))
    # The new file lies in a folder of its own that Python searches as a part of the package.
    (tmp_path / Path(new).name).write_text(source, encoding="utf-8")
    monkeypatch.setattr(import_module(package), "__path__", [*import_module(package).__path__, str(tmp_path)])
    registry = import_module(module)
    entry = eval(line, dict(vars(registry)))
    assert entry.name not in getattr(registry, table)
    monkeypatch.setitem(getattr(registry, table), entry.name, entry)
    names = {}
    exec(compile(check, test, "exec"), names)
    ran = [value for name, value in names.items() if name.startswith("test_")]
    for function in ran:
        function(*([tmp_path / "test"] if "tmp_path" in inspect.signature(function).parameters else []))
    assert ran
