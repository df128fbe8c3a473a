import json
import subprocess
import sys

import pytest

import spinelib
from spinelib.runs import machine


def test_the_code_is_known_by_commit_and_by_hash():
    found = machine.code()
    assert found["spinelib"] == spinelib.__version__
    assert len(found["code"]) == 16
    assert isinstance(found["dirty"], bool)


def test_the_hash_follows_the_sources(tmp_path, monkeypatch):
    package = tmp_path / "copy"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    monkeypatch.setattr(spinelib, "__file__", str(package / "__init__.py"))
    hashes = []
    for text in ("x = 1\n", "x = 2\n", "x = 1\n"):
        (package / "__init__.py").write_text(text)
        machine.code.cache_clear()
        hashes.append(machine.code()["code"])
    machine.code.cache_clear()
    assert hashes[0] == hashes[2] != hashes[1]
    assert machine._git(tmp_path, "rev-parse", "HEAD") == ""


def notebook(source, outputs=(), kind="code", **metadata):
    cell = {"cell_type": kind, "source": source, "outputs": list(outputs), "metadata": metadata}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4})


@pytest.fixture
def repository(tmp_path, monkeypatch):
    package = tmp_path / "spinelib"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    (tmp_path / "one.ipynb").write_text(notebook(["a = 1\n", "b"]))
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setattr(spinelib, "__file__", str(package / "__init__.py"))
    machine.code.cache_clear()
    yield tmp_path
    machine.code.cache_clear()


@pytest.mark.parametrize(
    ("name", "text", "dirty"),
    [
        ("one.ipynb", notebook("a = 1\nb", [{"output_type": "stream"}]), False),
        ("one.ipynb", notebook("a = 1\nb", jupyter={"source_hidden": True}, trusted=True), False),
        ("one.ipynb", notebook("a = 2\nb"), True),
        ("one.ipynb", notebook("a = 1\nb", kind="markdown"), True),
        ("one.ipynb", "{", True),
        ("one.ipynb", None, True),
        ("spinelib/__init__.py", "x = 2\n", True),
        ("spinelib/__init__.py", "x = 1\n", False),
        ("new.txt", "not of the repository", False),
    ],
)
def test_what_jupyterlab_saves_by_itself_is_no_change_of_the_code(repository, name, text, dirty):
    (repository / name).unlink(missing_ok=True)
    if text is not None:
        (repository / name).write_text(text)
    assert machine.code()["dirty"] is dirty


def test_copies_that_jupyterlab_keeps_are_no_code(repository):
    before = machine.code()["code"]
    copy = repository / "spinelib" / machine.CHECKPOINTS / "__init__-checkpoint.py"
    copy.parent.mkdir()
    copy.write_text("x = 0\n")
    machine.code.cache_clear()
    assert machine.code()["code"] == before


def test_memory_and_hardware_are_told_without_torch():
    code = (
        "import sys; from spinelib.runs import machine; few = machine.peak_memory()['peak_memory_mb']\n"
        "much = bytearray(200_000_000); print(machine.peak_memory()['peak_memory_mb'] - few)\n"
        "facts = machine.hardware(); assert facts['cores'] >= 1 and facts['memory_gib'] > 0 and facts['gpu'] == ''\n"
        "assert 'torch' not in sys.modules and machine.versions()['torch']"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 150
