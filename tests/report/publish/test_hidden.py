"""Which outputs of a notebook speak of single films."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from spinelib.report.publish.hidden import LEFT, hide_single
from spinelib.report.publish.private import Private

PRIVATE = Private(frozenset(["Meier_1"]), frozenset(["/x/films"]), "/nowhere/")
HTML = "<table><thead><tr><th></th><th>{}</th></tr></thead><tbody><tr><th>0</th><td>{}</td></tr></tbody></table>"


def left(output, tags=()):
    told = []
    cells = [new_markdown_cell("# x"), new_code_cell("x", outputs=[output], metadata={"tags": list(tags)})]
    [words, cell] = hide_single(PRIVATE, lambda: told.append(1))(cells)
    assert words == cells[0]
    hidden = cell["outputs"] == [{"output_type": "stream", "name": "stdout", "text": LEFT + "\n"}]
    assert hidden == bool(told)
    return [] if hidden else cell["outputs"]


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text="done: Meier_1.png\n"),
        new_output("stream", name="stderr", text=["read ", "/x/films/a\n"]),
        new_output("display_data", {"text/html": HTML.format("case", "7"), "text/plain": "x"}),
        new_output("display_data", {"text/html": HTML.format("<b>patient</b>", "7")}),
        new_output("display_data", {"text/html": HTML.format("name", "Meier_1")}),
        new_output("display_data", {"text/markdown": "**Meier_1**"}),
        new_output("execute_result", {"text/plain": "'Meier_1'"}),
        new_output("error", ename="ValueError", evalue="x", traceback=["x"]),
    ],
)
def test_names_and_rows_of_films_are_left_out(output):
    assert left(output) == []


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text="3 films\n"),
        new_output("display_data", {"text/html": HTML.format("films", "7"), "text/plain": "x"}),
        new_output("display_data", {"text/markdown": "**The best: unet**"}),
    ],
)
def test_what_is_about_many_stays_unless_its_cell_is_about_single_ones(output):
    assert left(output) == [output]
    assert left(output, ["single-cases"]) == []


def test_figures_stay_to_be_chosen_elsewhere():
    figure = new_output("display_data", {"image/png": "AAAA", "text/plain": "Meier_1"})
    for tags in ([], ["single-cases"]):
        assert [output["data"] for output in left(figure, tags)] == [{"image/png": "AAAA"}]
