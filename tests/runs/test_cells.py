"""The cells of a notebook count, whatever stands around them in its file."""

import json

import pytest

from spinelib.runs.cells import cells_digest, cells_of

CELL = {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {"tags": ["parameters"]}, "outputs": []}


def notebook(**changed):
    return json.dumps({"cells": [CELL | changed], "metadata": {}, "nbformat": 4})


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"outputs": [{"output_type": "stream"}], "execution_count": 3}, True),
        ({"source": "a = 1\nb = 2"}, True),
        ({"metadata": {"tags": ["parameters"], "papermill": {"duration": 1}}}, True),
        ({"source": "a = 1\nb = 3"}, False),
        ({"cell_type": "markdown"}, False),
        ({"metadata": {}}, False),
    ],
)
def test_outputs_counts_and_times_are_no_change(tmp_path, changed, same):
    one, other = tmp_path / "one.ipynb", tmp_path / "other.ipynb"
    one.write_text(notebook())
    other.write_text(notebook(**changed))
    assert (cells_digest(one) == cells_digest(other)) is same


@pytest.mark.parametrize("text", ["[]", "{", '{"cells": [{}]}', '{"cells": 3}'])
def test_what_is_no_notebook_counts_by_its_bytes(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011
        cells_of(text)
    before = cells_digest(path)
    path.write_text(text + " ")
    assert cells_digest(path) != before
