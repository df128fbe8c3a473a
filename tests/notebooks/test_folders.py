"""Where a notebook's figures and tables come from: the folder of its own name, and names that there are."""

import ast
import importlib
import json
from inspect import ismodule
from pathlib import Path

import pytest

from spinelib import questions

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
FOLDERS = {path.name for path in Path(questions.__file__).parent.iterdir() if (path / "__init__.py").exists()}
# Training any rival or nnU-Net, taking a released network or masks and reading any film are no questions of their own.
WITHOUT_FOLDER = {"20_baseline", "21_nnunet", "22_released", "23_masks", "80_apply"}
# What asks the very same of the very same rows as another question does.
STUDY = {"study_cases", "study_summary", "first_structure", "recipes", "holds_volumes", "board_metrics"}
# A difference is computed once: every page shows rows of one table.
CONTRASTS = {"study_family", "pair_contrasts", "compared", "SHOWN"}
SHARED = {
    "11_mdwcnet": {"generalisation": {"miou_check"}},  # whether its printed MIoU follows from its Dice and accuracy
    "12_safnet": {"compare": {"shift_table"}},  # how many levels a volume is off
    # One of the released networks reads vertebra by vertebra.
    "22_released": {"inside_spinefm": {"instance_board", "worst_films", "reading_size", "example_film"}},
    "31_complexity": {"compare": STUDY},
    "32_learning": {"compare": STUDY},
    "35_ablation": {"compare": STUDY},
    "40_cobb": {"compare": {"leader"}, "learning": {"training_amounts", "amount_lines"}},  # who leads; films needed
    "62_confidence": {"robustness": {"subjects"}},  # the runs whose network can be asked again
    "60_significance": {"compare": STUDY | CONTRASTS},
}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def tree_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ast.parse("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))


def imported(tree):
    """Modules and objects of the library by their names in a notebook."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("spinelib"):
            for alias in node.names:
                module = importlib.import_module(node.module)
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")
                found[alias.asname or alias.name] = getattr(module, alias.name)
    return found


def used(tree):
    """Every `name.attribute` of a notebook."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {(node.value.id, node.attr) for node in nodes}


def own_folder(name):
    topic = name.partition("_")[2]
    return f"inside_{topic}" if name.startswith("1") else topic


def test_it_has_a_folder_of_its_name(path):
    assert (own_folder(path.stem) in FOLDERS) != (path.stem in WITHOUT_FOLDER)


def test_every_folder_is_that_of_one_notebook():
    assert {own_folder(path.stem) for path in NOTEBOOKS if path.stem not in WITHOUT_FOLDER} == FOLDERS


def test_what_it_calls_is_there_and_lies_in_its_own_folder(path):
    tree = tree_of(path)
    modules = {name: thing for name, thing in imported(tree).items() if ismodule(thing)}
    rebound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for name, attribute in sorted(used(tree)):
        if name not in modules or name in rebound:
            continue
        assert hasattr(modules[name], attribute), f"{name}.{attribute}"
        parts = modules[name].__name__.split(".")
        if parts[1] == "questions" and parts[2] != own_folder(path.stem):
            assert attribute in SHARED.get(path.stem, {}).get(parts[2], ()), f"{name}.{attribute}"
