import subprocess
import sys

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


def test_memory_and_hardware_are_told_without_torch():
    code = (
        "import sys; from spinelib.runs import machine; few = machine.peak_memory()['peak_memory_mb']\n"
        "much = bytearray(200_000_000); print(machine.peak_memory()['peak_memory_mb'] - few)\n"
        "facts = machine.hardware(); assert facts['cores'] >= 1 and facts['memory_gib'] > 0 and facts['gpu'] == ''\n"
        "assert 'torch' not in sys.modules and machine.versions()['torch']"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 150
