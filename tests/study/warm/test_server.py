"""A server ends when it is asked to, is loaded anew when the library was edited, and refuses who says too little."""

import json
import os
import signal
import socket
import sys
from dataclasses import asdict

import psutil
import pytest

from spinelib.study.warm import held
from spinelib.study.warm import server as module
from spinelib.study.warm.client import ENDING, REFUSED, STARTED
from spinelib.study.warm.server import WarmServer
from spinelib.study.warm.step import ForkedStep
from tests.study.warm.test_client import CAREFUL, PARENT, SLEEP, pid_of, servers
from tests.study.warm.waiting import LAST_RESORT, is_alive, wait_for_end, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")


@pytest.mark.parametrize(("source", "status"), [(CAREFUL, 8), (SLEEP, -15)])
def test_a_server_that_is_asked_to_end_asks_its_steps_and_takes_no_more(server, begin, take, source, status):
    (pid,) = servers()
    process = begin(server, source)
    step = pid_of(process)
    os.kill(pid, signal.SIGTERM)
    assert process.wait(LAST_RESORT) == status
    wait_for_end(step)
    wait_for_end(psutil.Process(pid))
    assert take(server, PARENT)[0].split() == [str(os.getpid())]


def test_a_server_whose_library_was_edited_is_loaded_anew_once_its_steps_have_ended(server, take, begin, tmp_path):
    pids, alone = [str(pid) for pid in servers()], [str(os.getpid())]
    process = begin(server, SLEEP)
    step = pid_of(process)
    (tmp_path / "edited").touch()
    assert take(server, PARENT)[0].split() == alone
    assert take(server, PARENT)[0].split() == alone
    assert is_alive(step)
    process.kill()
    wait_until(lambda: take(server, PARENT)[0].split() == pids)
    said = (tmp_path / "server.log").read_text().splitlines()
    assert said == ["a step loads what it needs itself: a file of the library was edited, or a package installed"]


@pytest.fixture
def warm(monkeypatch):
    """A server in this process, which has loaded nothing; for the tests that fork none. It has no thread but one."""
    listed = os.listdir
    monkeypatch.setattr(held, "FOR_ALL", ())
    monkeypatch.setattr(held.gc, "disable", lambda: None)
    monkeypatch.setattr(held.gc, "freeze", lambda: None)
    monkeypatch.setattr(held.threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "listdir", lambda path: ["1"] if path == "/proc/self/task" else listed(path))
    before = dict(os.environ)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")
        listener.listen()
        yield WarmServer(listener, [])
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def ask(warm):
    """Say something to the server, with streams or without; gives what it answers."""

    def call(said, streams=(0, 1, 2)):
        with socket.socket(socket.AF_UNIX) as ours:
            ours.connect(warm.listener.getsockname())
            socket.send_fds(ours, [said[:4]], streams) if said and streams else ours.sendall(said[:4])
            ours.sendall(said[4:])
            ours.shutdown(socket.SHUT_WR)
            assert warm._answer() is None
            assert not warm.steps
            return ours.recv(1)

    return call


def request():
    step = ForkedStep(["x"], ".", dict(os.environ), held.inherited())
    text = json.dumps(asdict(step)).encode()
    return ENDING.pack(len(text)) + text


@pytest.mark.parametrize("missing", ["memory", "descriptors"])
def test_where_nothing_can_be_forked_the_client_is_told(ask, monkeypatch, missing):
    def full(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    asked, forks, fork = [], [], os.fork
    monkeypatch.setattr(os, "pidfd_open", full)

    def forked():
        asked.append(1)
        if missing == "memory":
            full()
        forks.append(fork())
        if not forks[-1]:
            signal.pause()
        return forks[-1]

    monkeypatch.setattr(os, "fork", forked)
    assert ask(request()) == REFUSED != STARTED
    assert asked
    with pytest.raises(ChildProcessError):
        os.waitpid(forks[0] if forks else os.getpid(), 0)


@pytest.mark.parametrize(
    "said",
    [b"", b"\0\0", ENDING.pack(3) + b"{]}", ENDING.pack(2) + b"{}", ENDING.pack(9) + b"{", ENDING.pack(-1) + b"{}"],
)
def test_who_says_too_little_is_refused(ask, said):
    assert ask(said) == REFUSED


def test_who_gives_no_streams_is_refused(ask):
    assert ask(request(), ()) == REFUSED
    assert ask(request(), (0, 1)) == REFUSED


def test_a_connection_that_cannot_be_accepted_now_waits(warm, monkeypatch):
    monkeypatch.setattr(module, "LOOKED", 0.0)
    warm.listener.setblocking(False)
    assert warm._answer() is None


def test_a_step_begins_only_when_its_client_knows_of_it(warm):
    with socket.socket(socket.AF_UNIX) as gone:
        gone.connect(warm.listener.getsockname())
        socket.send_fds(gone, [request()], (0, 1, 2))
    here = os.getpid()
    assert warm._answer() is None or os.getpid() != here
    if os.getpid() != here:
        os._exit(99)
    (process,) = warm.steps
    assert os.waitid(os.P_PIDFD, process, os.WEXITED).si_status == 1
    warm.steps[process].close()
    os.close(process)
