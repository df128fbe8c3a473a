"""The names of a study's files stand in one module alone."""

import ast
from pathlib import Path

import pytest

import spinelib
from spinelib.core import layout
from spinelib.core.layout import DataFolder, RunFolder, StudyFolder

PACKAGE = Path(spinelib.__file__).parent
OWN = PACKAGE / "core" / "layout.py"
# Names that only look the same: in other people's archives, of tables that people write, of what `apply` writes.
ELSEWHERE = {
    "apply/table.py": {"corners.csv"},
    "sources/aasce.py": {"landmarks.csv", "angles.csv", "data"},
    "sources/formats/table.py": {"cases.csv"},
}


def names():
    """Names of files and folders that `layout` gives, by whether they are folders."""
    words = {value for key, value in vars(layout).items() if key.isupper() and isinstance(value, str)}
    return {word for word in words if "." in word}, {word for word in words if "." not in word}


def text_of(node):
    """What a string or f-string says, its fields left open."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def spelled(source):
    """Names of `layout` that a module spells itself: file names anywhere, folders where a path is put together."""
    files, folders = names()
    tree = ast.parse(source)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        parts = text_of(node).split("/")
        if id(node) not in documents and parts[-1] in files:
            found.add(parts[-1])
        if isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "right", None), ast.Constant | ast.JoinedStr):
            right = node if isinstance(node, ast.JoinedStr) else node.right if isinstance(node.op, ast.Div) else None
            words = text_of(right).split("/")
            found |= folders & set(words if right is not node else words[:-1])
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_other_module_spells_a_path(path):
    name = path.relative_to(PACKAGE).as_posix()
    if path != OWN:
        assert spelled(path.read_text(encoding="utf-8")) <= ELSEWHERE.get(name, set())


def test_a_spelled_path_would_be_found():
    assert spelled('x = "run.json"\ny = folder / "runs" / name\nz = f"{kind}/figures/{name}.png"') == {
        "run.json",
        "runs",
        "figures",
    }
    assert not spelled('"""Writes run.json."""\narrays["images"]\nwords = "see run.json for more"\nf"{runs} runs"')


def test_two_names_are_never_the_same():
    words = [value for key, value in vars(layout).items() if key.isupper() and isinstance(value, str)]
    assert len(words) == len(set(words))


def test_paths_of_a_study(tmp_path):
    study = StudyFolder(tmp_path)
    run = study.run("phantom-unet-full-s0-f0")
    assert run.record == tmp_path / "runs" / "phantom-unet-full-s0-f0" / "run.json"
    assert run.predictions("phantom") == run.root / "predictions" / "phantom.npz"
    assert run.stage("segmenter").weights == run.root / "stages" / "segmenter" / "model.safetensors"
    assert run.state == run.root / "checkpoint" / "state.pt"
    assert study.question("90_compare").page == tmp_path / "questions" / "90_compare" / "report.html"
    assert study.data("phantom").manifest == tmp_path / "data" / "phantom" / "manifest.csv"
    assert not list(tmp_path.iterdir())


def test_a_run_by_hand_keeps_its_data_beside_itself(tmp_path):
    assert RunFolder(tmp_path / "mine").data_by_hand("phantom") == DataFolder(tmp_path / "data" / "phantom")
