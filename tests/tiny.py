"""Tiny notebooks that the tests of runs, studies and pages execute."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = """# parameters
study = "by_hand"  # name of the study
out = "../reports/by_hand/tiny"  # folder of this run
data = ""  # folder of prepared data
trained_on = "tiny"
tested_on = ["tiny"]
method = "unet"
variant = "full"
seed = 0
fold = 0
"""


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook of `cells`: Markdown where one begins with '#' and a space but not with '# parameters'."""
    made = []
    for cell in cells:
        if cell.startswith("# parameters"):
            made.append(new_code_cell(cell, metadata={"tags": ["parameters"]}))
        else:
            made.append(new_markdown_cell(cell) if cell.startswith("# ") else new_code_cell(cell))
    notebook = new_notebook(cells=made)
    notebook.metadata = {
        "kernelspec": {"name": "spinelib", "display_name": "spinelib", "language": "python"},
        "language_info": {"name": "python"},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
