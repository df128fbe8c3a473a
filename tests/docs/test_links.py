"""Links between the documents lead somewhere, and the files and modules that they name exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

import spinelib

ROOT = Path(__file__).parents[2]
PLACES = ("*.md", "docs/**/*.md", "data/README.md", "data/cards/*.md", ".github/*.md", "reports/*/README.md")
PAGES = sorted(path for place in PLACES for path in ROOT.glob(place) if ROOT / "docs" / "api" not in path.parents)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:spinelib|tests|docs|notebooks|studies|profiles|data|benchmarks)/[\w./-]+)`")
MODULE = re.compile(r"`(spinelib(?:\.\w+)+)`")
# Files that a reader of the how-to pages makes are named at the head of the code that goes into them.
MADE = re.compile(r"^# (\S+\.\w+)$", re.MULTILINE)
# Folders and files that commands make, and studies and notebooks that readers write.
OWN = ("studies/mine", "studies/NAME", "studies/name", "docs/api/", "data/cards/clinic", "33_difficulty")


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request):
    return request.param


def anchors(path):
    """The anchors of the headings of a page, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_there_are_pages():
    assert {"README.md", "CONTRIBUTING.md"} <= {page.name for page in PAGES}
    assert len(PAGES) > 30


def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        target, _, anchor = link.partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path = (page.parent / target) if target else page
        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


def test_files_and_modules_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    made = set(MADE.findall(text))
    for name in NAMED.findall(text):
        if name not in made and not any(word in name for word in OWN):
            assert (ROOT / name).exists() or any(path.startswith(name) for path in made), name
    for name in MODULE.findall(text):
        parent, _, last = name.rpartition(".")
        assert find_spec(name) if _is_module(name) else hasattr(__import__(parent, fromlist=[last]), last), name


def _is_module(name):
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_the_readme_is_short():
    assert (ROOT / "README.md").stat().st_size <= 8000


def test_every_notebook_has_its_line_in_readme_and_architecture():
    for document in ("README.md", "docs/architecture.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert [path.stem for path in ROOT.glob("notebooks/*.ipynb") if f"`{path.stem}`" not in text] == []


def test_every_room_has_its_line_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)[: len(spinelib.ROOMS)] == list(spinelib.ROOMS)


def test_every_study_has_its_word_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.stem for path in ROOT.glob("studies/*.yaml") if f"`{path.stem}`" not in text] == []


def test_citation_and_changelog_are_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert citation["version"] == spinelib.__version__
    assert f"## [{spinelib.__version__}] - {citation['date-released']}" in changes
