"""A step that would find anything else than a new process does is refused; what was loaded is loaded for all."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from spinelib.study.warm import server as module
from spinelib.study.warm.client import ENDING, REFUSED, STARTED
from spinelib.study.warm.server import WarmServer
from spinelib.study.warm.step import ForkedStep
from tests.study.warm.test_client import PARENT, servers
from tests.tiny import PARAMETERS, write_notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")


def test_a_step_in_another_environment_is_taken_as_always(server, take):
    alone, pids = [str(os.getpid())], [str(pid) for pid in servers()]
    assert take(server, PARENT)[0].split() == pids
    assert take(server, PARENT, OMP_NUM_THREADS="3")[0].split() == alone
    assert take(server, PARENT, PWD="/elsewhere", SHLVL="9")[0].split() == pids


def test_what_python_reads_at_its_start_is_the_server_s(server, take):
    assert take(server, PARENT, PYTHONHASHSEED="3")[0].split() == [str(os.getpid())]
    assert take(server, PARENT)[0].split() == [str(pid) for pid in servers()]


def test_numbers_that_nobody_seeded_differ_from_step_to_step(server, take):
    draw = "import random\nprint(random.random())"
    assert take(server, draw)[0] != take(server, draw)[0]


@pytest.fixture
def warm(monkeypatch):
    """A server in this process, which has loaded nothing; for the tests that fork none."""
    monkeypatch.setattr(module, "FOR_ALL", ())
    monkeypatch.setattr(module.gc, "disable", lambda: None)
    monkeypatch.setattr(module.gc, "freeze", lambda: None)
    before = dict(os.environ)
    with socket.socket(socket.AF_UNIX) as listener:
        yield WarmServer(listener, [])
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def alone(monkeypatch):
    """As if this process had one thread, whatever the tests before have started."""
    listed = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: ["1"] if path == "/proc/self/task" else listed(path))


def test_nothing_is_forked_from_a_process_with_threads(warm):
    waiting = threading.Event()
    other = threading.Thread(target=waiting.wait)
    other.start()
    assert not warm._fits(dict(os.environ))
    waiting.set()
    other.join()


@pytest.mark.usefixtures("alone")
def test_code_that_was_edited_is_not_what_is_loaded(warm):
    given = dict(os.environ)
    assert warm._fits(given)
    warm.sources[module.__file__] -= 1
    assert not warm._fits(given)


@pytest.mark.usefixtures("alone")
def test_where_nothing_can_be_forked_the_client_is_told(warm, monkeypatch):
    def full():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    ours, theirs = socket.socketpair()
    text = b'{"words": ["program"], "folder": ".", "environment": {}}'
    socket.send_fds(ours, [ENDING.pack(len(text))], [0, 1, 2])
    ours.sendall(text)
    assert warm._answer(theirs) is None
    assert ours.recv(1) == REFUSED != STARTED
    assert not warm.steps


@pytest.mark.parametrize("said", [b"", b"\0\0", ENDING.pack(3) + b"{]}", ENDING.pack(2) + b"{}", ENDING.pack(9) + b"{"])
def test_who_says_too_little_is_refused(warm, said):
    ours, theirs = socket.socketpair()
    with ours:
        ours.sendall(said)
        ours.shutdown(socket.SHUT_WR)
        assert warm._answer(theirs) is None
        assert ours.recv(1) == REFUSED


def test_only_a_notebook_that_begins_with_torch_has_a_kernel_ready(warm, tmp_path, monkeypatch):
    begin = "from spinelib import protocol\nrun = runs.begin(globals())"
    write_notebook(tmp_path / "with.ipynb", PARAMETERS, begin)
    write_notebook(tmp_path / "late.ipynb", PARAMETERS, "run = runs.begin(globals())", "import torch")
    warm.imports = {"spinelib.protocol": {"torch"}}
    monkeypatch.setitem(sys.modules, "spinelib.protocol", module)
    found = [
        warm.has_kernel_for(ForkedStep(words, str(tmp_path), {}))
        for words in (
            ["papermill", "with.ipynb"],
            ["papermill", "late.ipynb"],
            ["papermill"],
            ["spinelib.report", "with.ipynb"],
        )
    ]
    assert found == [True, False, False, False]


LOADED = """import os, sys, threading
import socket
from pathlib import Path
from spinelib.core.shipped import shipped
from spinelib.study.warm.server import WarmServer
server = WarmServer(socket.socket(socket.AF_UNIX), sorted(shipped("notebooks").glob("*.ipynb")))
assert server._fits(dict(os.environ)), "it has threads"
import torch
print(threading.active_count(), len(os.listdir("/proc/self/task")), torch.cuda.is_initialized())
names = ("papermill", "ipykernel", "nbconvert", "matplotlib", "matplotlib_inline.backend_inline")
print(*(name in sys.modules for name in names))
"""


def test_all_that_is_loaded_starts_no_thread_and_uses_no_card():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "1", "False", "True", "True", "True", "True", "False"], done.stderr
