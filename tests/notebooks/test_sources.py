"""Every notebook: a question, parameters, setup, short cells, nothing defined, no outputs."""

import ast
import json
from pathlib import Path

import nbformat
import pytest
from nbstripout import strip_output

from spinelib.runs.parameters import FIRST_LINE, declared, read_parameters

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code_cells(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 4


def test_it_opens_with_a_question(notebook):
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    title = "".join(first["source"]).splitlines()[0]
    assert title.startswith("# ")
    assert title.endswith("?")


def test_the_second_cell_holds_the_parameters(notebook, path):
    cell = notebook["cells"][1]
    assert cell["metadata"]["tags"] == ["parameters"]
    found = declared("".join(cell["source"]), path)
    assert {"out", "study"} <= set(found)
    assert read_parameters(path) == found


def test_the_parameters_fold_behind_their_first_line_and_stay_folded(path):
    """JupyterLab shows the first line of a folded cell; what strips outputs and what runs studies leave it folded."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = nbformat.read(path, as_version=4)
    ran = parameterize_notebook(load_notebook_node(str(path)), {"out": "x"})
    for kept in (notebook, ran, strip_output(notebook, False, False, False)):
        cell = kept.cells[1]
        assert cell.metadata.jupyter.source_hidden
        assert cell.source.startswith(f"{FIRST_LINE}: ")
    # What a study gives comes after it, in a cell of its own.
    assert ran.cells[2].metadata.tags == ["injected-parameters"]


def test_papermill_sees_every_parameter(path):
    from papermill import inspect_notebook

    assert set(inspect_notebook(str(path))) == set(read_parameters(path))


def test_it_holds_no_outputs(notebook):
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_it_defines_nothing_and_stays_short(notebook):
    cells = code_cells(notebook)
    for source in cells:
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}
    assert sum(bool(line.strip()) for source in cells for line in source.splitlines()) <= 150


def test_it_begins_and_finishes_its_run(notebook):
    cells = code_cells(notebook)
    assert "runs.begin(globals())" in cells[1]
    assert "run.finish(" in cells[-1]


def test_it_names_the_kernel_of_the_project(notebook):
    assert notebook["metadata"]["kernelspec"]["name"] == "spinelib"
