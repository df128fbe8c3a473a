"""A server that loads nothing, and steps that are small programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spinelib.study.warm import client, start

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setattr(start, "SERVER", "tests.study.warm.light_server")


@pytest.fixture
def server(tmp_path):
    """Variables by which clients find a server."""
    with start.warm_server([], tmp_path / "server.log", "local") as found:
        yield found


@pytest.fixture
def begin(tmp_path):
    """Start a step that is a program in the temporary folder, by its source."""

    def call(variables, source, *words, **changes):
        (tmp_path / "program.py").write_text(source)
        command = [sys.executable, "-I", "-S", client.__file__, "program", *words]
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **variables, **changes}, text=True, **streams)

    return call


@pytest.fixture
def take(begin):
    """Take such a step to its end: what it printed, what it complained of, and its exit status."""

    def call(*given, **changes):
        process = begin(*given, **changes)
        said = process.communicate("asked\n", timeout=120)
        return *said, process.returncode

    return call
