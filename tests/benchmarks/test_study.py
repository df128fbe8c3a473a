"""What counts as work of a study's notebooks is what they call today."""

import json
from pathlib import Path

import pytest

from benchmarks.bench_study import WORK, WORKING, notebook_times

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def code(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_every_word_of_work_is_called_in_some_notebook():
    text = "\n".join(cell for path in NOTEBOOKS for cell in code(path))
    assert [word for word in WORK if f"{word}(" not in text] == []


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.name[0] in "12"], ids=lambda path: path.stem)
def test_every_notebook_of_a_method_works(path):
    assert any(WORKING.search(cell) for cell in code(path))


def test_seconds_at_work_are_those_of_the_cells_that_work():
    cells = [
        {
            "cell_type": "code",
            "source": ["history = protocol.train(run)"],
            "metadata": {"papermill": {"duration": 3.0}},
        },
        {"cell_type": "code", "source": ["constrain(run)"], "metadata": {"papermill": {"duration": 2.0}}},
        {"cell_type": "markdown", "source": ["train(run)"], "metadata": {}},
    ]
    assert notebook_times({"cells": cells, "metadata": {"papermill": {"duration": 6.5}}}) == (3.0, 6.5)
