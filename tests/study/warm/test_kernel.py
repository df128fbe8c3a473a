"""A kernel that was forked makes what a kernel that was started makes, and is ended as one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

from spinelib.runs.state import read_state
from spinelib.study.warm import client, start
from spinelib.study.warm.kernel import SpareProcess, SpareProvisioner, kernel_words
from spinelib.study.warm.step import ForkedStep
from tests.tiny import PARAMETERS, write_notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")

LOAD = "from spinelib import protocol, runs\nimport numpy as np\nimport pandas as pd\nimport torch"
BEGIN = f"{LOAD}\nrun = runs.begin(globals())"
DRAW = """import random
import matplotlib
import matplotlib.pyplot as plt
print(random.random(), np.random.random(), torch.rand(1).item(), torch.get_num_threads(), matplotlib.get_backend())
axes = plt.figure().add_subplot()
axes.plot(np.random.random(9))
run.figure(axes.figure, "line", "A line.")"""
STATE = """import decimal, gc, locale, logging, signal, sys, warnings
import tqdm.auto
shown = [name for name in pd._config.config._registered_options if name.startswith("display.")]
print(*sorted(f"{name} {pd.get_option(name)}" for name in shown), sep="\\n")
print(dict(matplotlib.rcParams), np.get_printoptions(), np.geterr(), locale.getlocale(), sys.path, gc.get_threshold())
print(sys.getrecursionlimit(), logging.getLogger().level, decimal.getcontext(), tqdm.auto.tqdm.__mro__)
print([signal.getsignal(number) for number in (2, 15, 1, 13, 17)], torch.get_default_dtype(), torch.is_grad_enabled())
print(torch.get_num_interop_threads(), torch.backends.mkldnn.enabled, torch.are_deterministic_algorithms_enabled())
ours = [one for one in warnings.filters if not one[2].__module__.startswith(("urllib3", "requests"))]
print(*sorted({str(one) for one in ours}), sep="\\n")"""
TABLE = "pd.DataFrame(np.arange(90.0).reshape(3, 30) * 1e6)"
FIGURE = "figure = plt.figure(figsize=(1, 1))\nfigure.add_subplot().plot([1, 2])\nplt.show()"
# Of a record: when it was made, in which time and memory, and the seals of this.
OF_THE_MOMENT = ("started", "seconds", "peak_memory_mb", "files", "seal", "parameters", "run")


def papermill(root, variables, out, *words):
    command = [sys.executable, "-I", "-S", client.__file__, "papermill", "notebooks/tiny.ipynb", f"{out}.ipynb"]
    command += ["-k", "spinelib", "--engine", "spinelib", "--cwd", "notebooks", "--no-progress-bar", "-p", "out"]
    environment = {**os.environ, **variables}
    return subprocess.run([*command, f"../{out}", *words], cwd=root, env=environment, capture_output=True, text=True)


def outputs(path):
    notebook = nbformat.read(path, as_version=4)
    return [
        [{key: value for key, value in output.items() if key != "metadata"} for output in cell.get("outputs", [])]
        for cell in notebook.cells
    ]


@pytest.mark.slow
def test_a_notebook_gives_the_same_record_either_way(tmp_path, monkeypatch):
    monkeypatch.setattr(start, "SERVER", "spinelib.study.warm.server")
    path = tmp_path / "notebooks" / "tiny.ipynb"
    write_notebook(
        path,
        "# What?",
        PARAMETERS,
        BEGIN,
        DRAW,
        STATE,
        TABLE,
        FIGURE,
        "print(__import__('os').getppid())",
        "run.finish()",
    )
    said = {}
    with start.warm_server([path], tmp_path / "server.log", "local") as found:
        said["forked"] = papermill(tmp_path, found, "forked", "-p", "seed", "4")
        said["started"] = papermill(tmp_path, {}, "started", "-p", "seed", "4")
        broken = papermill(tmp_path, found, "broken", "-p", "sed", "4")
        killed = write_notebook(path, PARAMETERS, BEGIN, "import os\nos.kill(os.getpid(), 9)")
        assert killed.exists()
        killed = papermill(tmp_path, found, "killed")
    assert [one.returncode for one in (*said.values(), broken, killed)] == [0, 0, 1, 138], said
    assert read_state(tmp_path / "killed").status == "killed"
    assert "unknown parameter 'sed'" in broken.stderr
    one, other = (outputs(tmp_path / f"{name}.ipynb") for name in said)
    assert one[-2] != other[-2], "either has its own papermill"
    assert one[:-2] == other[:-2]
    records = [json.loads((tmp_path / name / "run.json").read_text()) for name in said]
    one, other = ({key: record[key] for key in record if key not in OF_THE_MOMENT} for record in records)
    assert one == other
    for figure in (tmp_path / "forked" / "figures").iterdir():
        assert figure.read_bytes() == (tmp_path / "started" / "figures" / figure.name).read_bytes()
    assert (tmp_path / "server.log").read_text() == ""


def test_a_command_is_a_kernel_s_of_this_python_or_none():
    here = Path(sys.executable)
    module = ["-m", "ipykernel_launcher", "-f", "k.json"]
    assert kernel_words([str(here), *start.OPTIONS, *module]) == module[1:]
    for other in (
        [str(here), *module],
        [str(here), *start.OPTIONS, "-f", "k"],
        ["/usr/bin/env", *start.OPTIONS, *module],
    ):
        assert kernel_words(other) == []
    assert kernel_words(["/nowhere/python", *start.OPTIONS, *module]) == []


def launched(tmp_path, source):
    (tmp_path / "program.py").write_text(source)
    spare = SpareProcess()
    spare.launch(ForkedStep(["program"], str(tmp_path), {**os.environ, "PYTHONPATH": str(tmp_path)}))
    return spare


@pytest.mark.parametrize(("source", "status"), [("raise SystemExit(3)", 3), ("import os\nos.kill(os.getpid(), 9)", -9)])
def test_a_spare_process_tells_how_it_ended(tmp_path, source, status):
    spare = launched(tmp_path, source)
    assert spare.wait() == status == spare.poll()
    spare.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_spare_process_is_its_own_group_and_is_ended(tmp_path, number):
    spare = launched(tmp_path, "import os, time\nopen('ready', 'w').close()\ntime.sleep(3600)")
    while not (tmp_path / "ready").exists():
        assert spare.poll() is None
    assert os.getpgid(spare.pid) == spare.pid != os.getpgrp()
    (spare.kill if number == signal.SIGKILL else spare.terminate)()
    assert spare.wait() == -number


def test_a_spare_process_that_is_not_needed_ends():
    spare = SpareProcess()
    assert spare.poll() is None
    spare.drop()
    assert spare.returncode == 0
    assert not psutil.pid_exists(spare.pid)


def test_a_spare_process_that_became_no_kernel_ends_with_its_papermill(monkeypatch):
    spare = SpareProcess()
    monkeypatch.setattr(SpareProvisioner, "spare", spare)
    SpareProvisioner.drop_spare()
    assert spare.returncode == 0
    assert SpareProvisioner.spare is None
    SpareProvisioner.drop_spare()
