"""A step by a fork is what it is by a process of its own: words, streams, ends, signals; and ends with its client."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from spinelib.study.warm import client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")

LOOK = """import gc, json, os, random, signal, sys, threading
seen = dict(os.environ)
[seen.pop(name, None) for name in ("PWD", "OLDPWD", "SHLVL", "_")]
handlers = [repr(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
main = sys.modules["__main__"].__file__
kept = sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))
print(json.dumps([sys.argv, sys.path[0], os.getcwd(), seen, sys.stdin.readline(), __name__, gc.isenabled(), handlers,
                  threading.active_count(), kept, os.getpriority(os.PRIO_PROCESS, 0), main]))
"""
PARENT = "import os\nprint(os.getppid())"
SLEEP = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)"
CAREFUL = """import os, time
print(os.getpid(), flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    raise SystemExit(7)
"""


def pid_of(process):
    return psutil.Process(int(process.stdout.readline()))


def servers():
    return [one.pid for one in psutil.Process().children() if "tests.study.warm.light_server" in one.cmdline()]


def test_a_step_finds_what_a_process_of_its_own_finds(server, take):
    forked, alone = take(server, LOOK, "one", "two words"), take({}, LOOK, "one", "two words")
    assert forked == alone
    assert json.loads(forked[0])[0][1:] == ["one", "two words"]
    assert take(server, PARENT)[0].split() == [str(pid) for pid in servers()]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit(-1)", 255),
        ("import sys\nsys.exit('not today')", 1),
        ("1 / 0", 1),
        ("import os\nos.kill(os.getpid(), 9)", -9),
        ("import os\nos.kill(os.getpid(), 15)", -15),
        ("raise KeyboardInterrupt", -2),
        ("import atexit\natexit.register(print, 'left')\nraise SystemExit(4)", 4),
        ("import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()", 0),
    ],
)
def test_a_step_ends_as_it_would_alone(server, take, source, status):
    forked, alone = take(server, source), take({}, source)
    assert (forked[0], forked[2]) == (alone[0], status)
    assert forked[1].splitlines()[-1:] == alone[1].splitlines()[-1:]
    assert alone[2] == status


def test_without_a_server_a_step_is_taken_as_always(take):
    assert take({}, "raise SystemExit(3)")[2] == 3
    gone = {client.ADDRESS: "no-server-has-this-name"}
    assert take(gone, PARENT)[0].split() == [str(os.getpid())]
    assert client.ADDRESS not in json.loads(take(gone, LOOK)[0])[3]


def test_a_server_of_somebody_else_is_told_nothing(monkeypatch):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        assert client.peer_is_ours(mine)
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        assert not client.peer_is_ours(mine)


@pytest.mark.parametrize("variables", ["server", "none"])
@pytest.mark.parametrize(("number", "source", "status"), [(2, CAREFUL, 7), (2, SLEEP, -2), (15, SLEEP, -15)])
def test_a_signal_to_the_client_is_the_step_s(server, begin, variables, number, source, status):
    process = begin(server if variables == "server" else {}, source)
    step = pid_of(process)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == status
    assert not step.is_running()


def test_a_step_ends_with_its_client(server, begin):
    process = begin(server, SLEEP)
    step = pid_of(process)
    assert step.pid != process.pid
    process.kill()
    step.wait(60)
    assert process.wait() == -signal.SIGKILL


def test_a_step_ends_with_its_server_and_the_next_is_taken_as_always(server, begin, take):
    process = begin(server, SLEEP)
    step = pid_of(process)
    psutil.Process(*servers()).kill()
    assert process.wait(60) == -signal.SIGKILL
    step.wait(60)
    assert take(server, PARENT)[0].split() == [str(os.getpid())]


def test_an_interrupt_while_the_server_is_busy_ends_the_step(server, begin):
    psutil.Process(*servers()).suspend()
    process = begin(server, SLEEP)
    waiting = psutil.Process(process.pid)
    while not any(one.type == socket.SOCK_STREAM for one in waiting.net_connections("unix")):
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    psutil.Process(*servers()).resume()
    assert process.wait(60) == -signal.SIGTERM


def test_it_starts_with_the_standard_library_alone():
    look = f"import runpy, sys\nrunpy.run_path({client.__file__!r})\nprint([n for n in sys.modules if 'site' in n])"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
