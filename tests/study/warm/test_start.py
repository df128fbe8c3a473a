"""A server where it can be, for as long as it is asked; none is left behind."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from spinelib.study.warm import start
from tests.study import test_driver as tiny
from tests.study.warm.test_client import PARENT, SLEEP, pid_of, servers
from tests.study.warm.test_kernel import outputs
from tests.study.warm.waiting import is_alive, wait_for_end, wait_until
from tests.tiny import PARAMETERS, write_notebook

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")
DRIVER = """import json, sys, time
from pathlib import Path
from spinelib.study.warm import start
start.SERVER = "tests.study.warm.light_server"
with start.warm_server([], Path("server.log"), "local") as found:
    print(json.dumps(found), flush=True)
    time.sleep(3600)
"""

STUDY = """import runpy, sys
from spinelib.study.warm import start
if sys.argv[1] == "without":
    start._ends_are_told = lambda: False
sys.argv = ["spinelib", "study", "run", "tiny", "--data", "films", "--cores", "1"]
runpy.run_module("spinelib", run_name="__main__", alter_sys=True)
"""
DRAWN = tiny.CASES.replace("0.5 + seed / 10 + i / 100", "torch.rand(1).item()")
TELL = "import sys\n_ = (run.folder / 'forked').write_text(str('spinelib.study.warm.held' in sys.modules))"


def test_there_is_none_in_other_profiles_and_on_other_systems(tmp_path, monkeypatch):
    log = tmp_path / "server.log"
    with start.warm_server([], log, "slurm") as found:
        assert found == {}
    monkeypatch.setattr(sys, "platform", "darwin")
    with start.warm_server([], log, "local") as found:
        assert found == {}
    assert not log.exists()


@LINUX
def test_there_is_none_where_the_system_does_not_tell_how_a_process_ended(tmp_path, monkeypatch):
    with monkeypatch.context() as changed:
        changed.setattr(os, "pidfd_open", lambda _: os.stat("/forbidden"))
        with start.warm_server([], tmp_path / "server.log", "local") as found:
            assert found == {}
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_IGN)
    with start.warm_server([], tmp_path / "server.log", "local") as found:
        assert found == {}


@LINUX
def test_where_none_can_be_started_there_is_none(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    with start.warm_server([], tmp_path / "server.log", "local") as found:
        assert found == {}


@LINUX
@pytest.mark.parametrize("letters", [0, 110, 200])
def test_a_long_temporary_folder_is_no_obstacle_and_nothing_is_left(tmp_path, monkeypatch, take, letters):
    long = tmp_path / ("x" * letters)
    long.mkdir(exist_ok=True)
    monkeypatch.setenv("TMPDIR", str(long))
    with start.warm_server([], tmp_path / "server.log", "local") as found:
        pids = servers()
        assert take(found, PARENT)[0].split() == [str(pid) for pid in pids]
    assert not any(map(psutil.pid_exists, pids))
    assert {path.name for path in tmp_path.rglob("*")} <= {"server.log", "program.py", long.name}
    assert (tmp_path / "server.log").read_text() == ""


@pytest.fixture
def drive(tmp_path, running):
    """Start a driver: its process, the variables by which steps find its server, and that server."""

    def call():
        how = {"cwd": tmp_path, "stdout": subprocess.PIPE, "text": True, "start_new_session": True}
        running.append(subprocess.Popen([sys.executable, "-c", DRIVER], **how))
        found = json.loads(running[-1].stdout.readline())
        return running[-1], found, psutil.Process(running[-1].pid).children()[0]

    return call


@LINUX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_after_its_driver_and_the_steps_that_go_on(drive, begin, take, number):
    driver, found, server = drive()
    process = begin(found, SLEEP)
    step = pid_of(process)
    assert step.ppid() == server.pid
    driver.send_signal(number)
    driver.wait()
    wait_until(lambda: take(found, PARENT)[0].split() == [str(os.getpid())])
    assert is_alive(step), "as Snakemake does, it outlives what called it"
    process.kill()
    wait_for_end(step)
    wait_for_end(server)


@LINUX
def test_a_server_without_steps_ends_with_its_driver(drive):
    driver, _, server = drive()
    driver.kill()
    wait_for_end(server)


@LINUX
def test_nothing_is_left_of_a_group_that_is_killed(drive, begin):
    driver, found, server = drive()
    process = begin(found, SLEEP)
    step = pid_of(process)
    process.kill()
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    wait_for_end(server)
    wait_for_end(step)


def test_a_server_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(start, "PATIENCE", 0.1)
    deaf = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3600)"], stdin=subprocess.PIPE)
    start._end(deaf)
    assert deaf.returncode == -signal.SIGKILL


@LINUX
@pytest.mark.slow
def test_a_study_is_the_same_in_every_digit_without_a_server(tmp_path):
    found = {}
    for name in ("with", "without"):
        root = tiny.make(tmp_path / name)
        tiny.write_study(root, seeds=(0, 1), methods=["unet"])
        begin = f"import torch\n{tiny.BEGIN}"
        write_notebook(root / "notebooks" / "10_train.ipynb", "# T?", PARAMETERS, begin, DRAWN, TELL, "run.finish()")
        study = [sys.executable, "-c", STUDY, name]
        done = subprocess.run(study, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        reports = root / "reports" / "tiny"
        runs = sorted((reports / "runs").iterdir())
        assert [(run / "forked").read_text() for run in runs] == [str(name == "with")] * 2
        # Others name the time, or the place of the films
        files = [reports / "cases.csv", reports / "summary.csv", *reports.glob("[qr]*/*/*.csv")]
        found[name] = {path.relative_to(reports): path.read_bytes() for path in files}
        found[name] |= {run.name: outputs(run / "notebook.ipynb") for run in runs}
    assert len(found["with"]) > 2 + len(runs)
    assert found["with"] == found["without"]
