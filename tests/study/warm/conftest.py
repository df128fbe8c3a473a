"""A server that loads nothing, and steps that are small programs; none of them is left running."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from spinelib.study.warm import client, start
from tests.study.warm.waiting import LAST_RESORT, wait_for_end

REPOSITORY = Path(__file__).parents[3]
HEEDED = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("EDITED", str(tmp_path / "edited"))
    monkeypatch.setattr(start, "SERVER", "tests.study.warm.light_server")
    # What runs the tests may ignore them, which processes hand down
    former = {number: signal.signal(number, handler) for number, handler in HEEDED.items()}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.fixture
def running():
    """Processes to be ended, with all they have started, when the test ends; servers that outlive them end so, too."""
    found = []
    yield found
    running = [psutil.Process(process.pid) for process in found if process.poll() is None]
    below = [one for process in running for one in process.children(recursive=True)]
    for process in found:
        process.kill()
    for process in found:
        with process:
            pass
    for one in below:
        wait_for_end(one)


@pytest.fixture
def server(tmp_path):
    """Variables by which clients find a server."""
    with start.warm_server([], tmp_path / "server.log", "local") as found:
        yield found


@pytest.fixture
def begin(tmp_path, running):
    """Start a step that is a program in the temporary folder, by its source; `how`: as Popen has it."""

    def call(variables, source, *words, how=None, **changes):
        (tmp_path / "program.py").write_text(source)
        command = [sys.executable, "-I", "-S", client.__file__, "program", *words]
        given = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | (how or {})
        environment = {**os.environ, **variables, **changes}
        running.append(subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **given))
        return running[-1]

    return call


@pytest.fixture
def take(begin):
    """Take such a step to its end: what it printed, what it complained of, and its exit status."""

    def call(*given, **changes):
        process = begin(*given, **changes)
        said = process.communicate("asked\n", timeout=LAST_RESORT)
        return *said, process.returncode

    return call
