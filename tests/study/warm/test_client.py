"""A step by a fork is what it is by a process of its own: words, streams, ends, signals; and ends with its client."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from spinelib.study.warm import client
from tests.study.warm.waiting import LAST_RESORT, is_alive, wait_for_end, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")

LOOK = """OURS = ("SigB", "SigI", "SigC", "Cap", "Cpus")
import gc, json, os, random, signal, sys, threading
seen = dict(os.environ)
[seen.pop(name, None) for name in ("PWD", "OLDPWD", "SHLVL", "_")]
handlers = [repr(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
main = sys.modules["__main__"].__file__
kept = sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name))
print(json.dumps([sys.argv, sys.path[0], os.getcwd(), seen, sys.stdin.readline(), __name__, gc.isenabled(), handlers,
                  threading.active_count(), kept, os.getpriority(os.PRIO_PROCESS, 0), main, os.umask(0),
                  [line for line in open("/proc/self/status") if line.startswith(OURS)]]))
"""
PARENT = "import os\nprint(os.getppid())"
SLEEP = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(3600)"
CAREFUL = """import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(8))
try:
    print(os.getpid(), flush=True)
    time.sleep(3600)
except KeyboardInterrupt:
    raise SystemExit(7)
"""


def pid_of(process):
    return psutil.Process(int(process.stdout.readline()))


def servers():
    """The servers that this process has started, by their numbers."""
    return [one.pid for one in psutil.Process().children() if is_server(one)]


def is_server(process):
    with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
        # For a moment after its start, a process has no words yet
        wait_until(lambda: process.cmdline() or not is_alive(process))
        return "tests.study.warm.light_server" in process.cmdline()
    return False


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
        ("import os\nos._exit(5)", 5),
        ("import os\nos.abort()", -6),
        ("import ctypes\nctypes.string_at(0)", -11),
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


def test_a_step_that_cannot_write_its_last_words_says_so_by_its_status(server, take):
    source = "import os\nprint('lost')\nos.close(1)"
    assert take(server, source)[2] == take({}, source)[2] == 120


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


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_step_that_lacks_a_standard_stream_is_taken_as_always(server, begin, tmp_path, number):
    file = "import os\nopen('parent', 'w').write(str(os.getppid()))"
    begin(server, file, how={"preexec_fn": lambda: os.close(number)}).wait(LAST_RESORT)
    assert (tmp_path / "parent").read_text() == str(os.getpid())


def test_a_step_that_writes_to_a_terminal_is_taken_as_always(server, begin):
    ours, theirs = pty.openpty()
    process = begin(server, PARENT, how={"stdout": theirs})
    os.close(theirs)
    with os.fdopen(ours) as terminal:
        assert terminal.readline().split() == [str(os.getpid())]
        assert process.wait(LAST_RESORT) == 0


@pytest.mark.parametrize("variables", ["server", "none"])
@pytest.mark.parametrize(("number", "source", "status"), [(2, CAREFUL, 7), (2, SLEEP, -2), (15, SLEEP, -15)])
def test_a_signal_to_the_client_is_the_step_s(server, begin, variables, number, source, status):
    process = begin(server if variables == "server" else {}, source)
    step = pid_of(process)
    process.send_signal(number)
    process.communicate(timeout=LAST_RESORT)
    assert process.returncode == status
    assert not is_alive(step)


def test_a_step_ends_with_its_client(server, begin):
    process = begin(server, SLEEP)
    step = pid_of(process)
    assert step.pid != process.pid
    process.kill()
    wait_for_end(step)
    assert process.wait() == -signal.SIGKILL


def test_a_step_ends_with_its_server_and_the_next_is_taken_as_always(server, begin, take):
    process = begin(server, SLEEP)
    step = pid_of(process)
    os.kill(*servers(), signal.SIGKILL)
    assert process.wait(LAST_RESORT) == -signal.SIGKILL
    wait_for_end(step)
    assert take(server, PARENT)[0].split() == [str(os.getpid())]


def test_a_signal_while_the_server_is_busy_is_the_step_s(server, begin, take):
    (pid,) = servers()
    psutil.Process(pid).suspend()
    process = begin(server, SLEEP)
    waiting = psutil.Process(process.pid)
    wait_until(lambda: any(one.type == socket.SOCK_STREAM for one in waiting.net_connections("unix")))
    process.send_signal(signal.SIGTERM)
    psutil.Process(pid).resume()
    assert process.wait(LAST_RESORT) == -signal.SIGTERM
    assert take(server, PARENT)[0].split() == [str(pid)]


def test_a_signal_before_a_server_refuses_is_the_client_s(server, begin):
    (pid,) = servers()
    psutil.Process(pid).suspend()
    process = begin(server, SLEEP, OMP_NUM_THREADS="7", PYTHONHASHSEED="7")
    waiting = psutil.Process(process.pid)
    wait_until(lambda: any(one.type == socket.SOCK_STREAM for one in waiting.net_connections("unix")))
    process.send_signal(signal.SIGTERM)
    psutil.Process(pid).resume()
    assert process.wait(LAST_RESORT) == -signal.SIGTERM


def test_it_starts_with_the_standard_library_alone():
    look = f"import runpy, sys\nrunpy.run_path({client.__file__!r})\nprint([n for n in sys.modules if 'site' in n])"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
