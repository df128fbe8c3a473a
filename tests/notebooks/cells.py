"""``python -m tests.notebooks.cells NOTEBOOK ...``: run notebooks by hand, in this process, one after the other.

As in a kernel whose folder is ``notebooks`` of the current one; what each displays and prints is written down as JSON.
"""

import ast
import contextlib
import io
import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")


def run_cells(path):
    """What the code cells of a notebook print and display, in one text. Raises what a cell raises."""
    from IPython.display import display

    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    space, words = {"In": [], "display": display, "__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(words):
        for cell in cells:
            source = "".join(cell["source"])
            space["In"].append(source)
            tree = ast.parse(source)
            shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path.name, "exec"), space)
            if shown is not None:
                found = eval(compile(ast.Expression(shown.value), path.name, "eval"), space)
                if found is not None:
                    display(found)
    return words.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps({name: run_cells(Path(name)) for name in sys.argv[2:]}), encoding="utf-8")
