"""What a paper leaves open stands in the table of its notebook, with what switches it."""

import inspect
import json
import re
from dataclasses import fields

import pytest

from spinelib.models import METHODS, NETWORKS
from spinelib.models.method import resolve
from spinelib.questions.inside_spinefm import program_table
from spinelib.runs.parameters import read_parameters
from spinelib.spinefm import SpineConfig
from spinelib.spinefm.program import Program

from .test_sources import FOLDER

BOOKS = {"r2mfnet": "10_r2mfnet", "mdwcnet": "11_mdwcnet", "safnet": "12_safnet", "seg4regplus": "14_seg4regplus"}
PIPELINE = "13_spinefm"  # its table is made where it is shown


def sources(book, kind):
    """The texts of the cells of one kind."""
    cells = json.loads((FOLDER / f"{book}.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def rows(book):
    """The lines of the table of choices, cut into their cells."""
    (table,) = [text for text in sources(book, "markdown") if "| part | stated (A) | our choice (C) | switch |" in text]
    return [[part.strip() for part in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"][2:]


def switches(book):
    return {word.partition("=")[0] for row in rows(book) for word in re.findall("`([^`]+)`", row[-1])}


@pytest.mark.parametrize(("method", "book"), BOOKS.items())
def test_every_option_is_named_or_switched_by_a_variant_that_is(method, book):
    named, variants = switches(book), NETWORKS[method].variants
    switched = {option for name in named & set(variants) for option in variants[name]}
    parameters = inspect.signature(resolve(NETWORKS[method].constructor)).parameters.values()
    options = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
    assert options - named - switched == set()
    # Nothing is named that is not there.
    assert named - options - set(variants) <= {"recipe", "two_channels"}


@pytest.mark.parametrize(("method", "book"), BOOKS.items())
def test_every_variant_is_named_by_the_table(method, book):
    assert set(NETWORKS[method].variants) - {"full"} <= switches(book)


def test_every_method_of_a_paper_has_its_table():
    inside = {path.stem for path in FOLDER.glob("1?_*.ipynb")}
    assert inside == {*BOOKS.values(), PIPELINE}


def test_every_choice_of_spinefm_is_switched_by_what_there_is_and_every_variant_named():
    known = read_parameters(FOLDER / f"{PIPELINE}.ipynb")
    parameters = {name: parameter.default for name, parameter in known.items()}
    table = program_table(SpineConfig.of(parameters))
    switched = set(re.findall(r"(\w+)(?==)", " ".join(table["switched by"])))
    assert switched == {one.name for one in fields(Program)}
    named = {word for words in table["switched by"] for word in re.findall(r"\w+(?!\w|=)", words)}
    assert named - switched <= {*parameters, "fixed"}
    assert any("program_table" in source and "choices.style" in source for source in sources(PIPELINE, "code"))
    text = " ".join(sources(PIPELINE, "markdown"))
    assert all(f"`{variant}`" in text for variant in set(METHODS["spinefm"].variants) - {"full"})


def test_the_abstract_of_r2mf_net_says_that_r2_jump_aligns_and_not_how():
    (row,) = [row for row in rows("10_r2mfnet") if "`aligned`" in row[-1]]
    assert row[1] == "that it aligns encoder and decoder, not how"
