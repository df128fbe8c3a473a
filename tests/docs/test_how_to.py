"""The code of the how-to pages runs as a reader would use it: new files beside the old ones, one line in a table."""

import inspect
import re
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from spinelib.literature import claims, numbers

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "how-to"
BLOCK = re.compile(r"^```python\n# (\S+\.py)(?:, an entry of [^\n]*)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Page, the package that takes the new file, and the table that takes the new line, where there is one.
PAGES_WITH_CODE = [
    ("add-a-method", "spinelib.models", "spinelib.models.catalogue:METHODS,NETWORKS"),
    ("add-a-data-set", "spinelib.sources", "spinelib.sources:DATASETS"),
    ("add-a-corruption", "spinelib.corruptions", "spinelib.corruptions.table:CORRUPTIONS"),
    ("add-a-metric", "spinelib.measures", "spinelib.measures.registry:METRICS"),
    ("add-a-question", "spinelib.questions", ""),
]


def text(page):
    return (PAGES / f"{page}.md").read_text(encoding="utf-8")


def blocks(page):
    """Path and code of each block of the page that names a file."""
    return BLOCK.findall(text(page))


@pytest.fixture
def forgotten():
    """Modules that a page wrote are forgotten afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("spinelib.") and not Path(sys.modules[name].__file__ or "").is_relative_to(ROOT):
            del sys.modules[name]


def register(where, line, table, monkeypatch):
    """The entry, written with the names of the file that the page says, joins the table and what is made from it."""
    module, _, tables = table.partition(":")
    written = import_module(".".join(Path(where).with_suffix("").parts).removesuffix(".__init__"))
    entry = eval(line, dict(vars(written)))
    for name in tables.split(","):
        known = getattr(import_module(module), name)
        assert entry.name not in known
        monkeypatch.setitem(known, entry.name, entry)


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


def test_the_lines_of_the_claims_page_are_read():
    lines = dict(re.findall(r"^```csv\n# (\S+\.csv)\n(.*?)^```", text("add-a-claim"), re.MULTILINE | re.DOTALL))
    tables = {}
    for name, more in lines.items():
        stream = StringIO((ROOT / name).read_text(encoding="utf-8") + more)
        numeric = {column: [""] for column in (*numbers.NUMERIC, *claims.NUMERIC)}
        tables[Path(name).stem] = pd.read_csv(stream, keep_default_na=False, na_values=numeric)
    _, known = numbers.worked_out(numbers.check_published_numbers(tables["numbers"], "numbers.csv"), "numbers.csv")
    line = tables["claims"].iloc[-1]
    assert known.rounded(line["published"]) == known["context-over-unet-spine-dice"].value
    usual = claims.read_claims()
    tried = tables["claims"].tail(1).assign(published=known.rounded(line["published"]))
    claims.check_claims(pd.concat([usual, tried.astype(dict.fromkeys(claims.NUMERIC, float))]), "claims.csv")
