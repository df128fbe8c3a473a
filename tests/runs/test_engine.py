"""Notebooks executed for real, by the papermill command that studies use."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillExecutionError

from spinelib.core.errors import BadInput
from spinelib.core.layout import ENGINE_LOCK
from spinelib.runs import lock
from spinelib.runs.state import read_state
from tests.tiny import PARAMETERS, write_notebook

BEGIN = "from spinelib import runs\nrun = runs.begin(globals())"


def notebook(root, *cells):
    return write_notebook(root / "notebooks" / "tiny.ipynb", "# What?", PARAMETERS, BEGIN, *cells)


def execute(root, *cells, engine="spinelib", **parameters):
    """Run a notebook in this process, as the command does."""
    source, target = str(notebook(root, *cells)), str(root / "done.ipynb")
    given = {"out": "../out", **parameters}
    papermill.execute_notebook(
        source, target, given, engine, kernel_name="spinelib", progress_bar=False, cwd=str(root / "notebooks")
    )


def command(root, *words):
    """Run the notebook by the papermill command, as the rules of the Snakefile do."""
    call = [str(Path(sys.executable).parent / "papermill"), "notebooks/tiny.ipynb", "done.ipynb", "-k", "spinelib"]
    call += ["--engine", "spinelib", "--cwd", "notebooks", "--no-progress-bar", "-p", "out", "../out", *words]
    return subprocess.run(call, cwd=root, capture_output=True, text=True, check=False)


def printed(root):
    notebook = nbformat.read(root / "done.ipynb", as_version=4)
    return "".join(output.text for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output)


def test_a_kernel_talks_over_local_sockets_that_are_removed(tmp_path):
    look = "import json\nfrom ipykernel import get_connection_file\nfacts = json.load(open(get_connection_file()))"
    execute(tmp_path, look, "print(facts['transport'], facts['ip'])", "run.finish()")
    transport, address = printed(tmp_path).split()
    assert transport == "ipc"
    assert address.startswith(tempfile.gettempdir())
    assert not Path(address).parent.exists()
    assert read_state(tmp_path / "out").status == "finished"


def test_no_time_goes_into_the_garbage_of_imports_or_into_taking_the_kernel_apart(tmp_path):
    left = "import atexit\n_ = atexit.register(lambda: open('../left', 'w'))"
    look = "print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    before = "import gc\nprint(gc.isenabled())"
    path = tmp_path / "notebooks" / "tiny.ipynb"
    write_notebook(path, PARAMETERS, before, BEGIN, look, left, "run.finish()")
    assert command(tmp_path).returncode == 0
    assert printed(tmp_path).split() == ["False", "True", "True"]
    assert not (tmp_path / "left").exists()
    assert read_state(tmp_path / "out").status == "finished"


@pytest.mark.parametrize(("engine", "error"), [("spinelib", BadInput), (None, PapermillExecutionError)])
def test_a_misspelt_parameter_is_an_error_with_either_engine(tmp_path, engine, error):
    with pytest.raises(error, match=r"unknown parameter 'sed'\. Did you mean 'seed'"):
        execute(tmp_path, "open('../ran', 'w')", engine=engine, sed=1)
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "done.ipynb").exists() == (engine is None)


@pytest.mark.parametrize(("engine", "error"), [("spinelib", BadInput), (None, PapermillExecutionError)])
def test_a_number_that_is_not_finite_is_refused_in_true_words(tmp_path, engine, error):
    given = PARAMETERS + "hours: float = 0.0\n"
    source = write_notebook(tmp_path / "notebooks" / "tiny.ipynb", given, BEGIN, "open('../ran', 'w')")
    with pytest.raises(error, match=r"parameter 'hours': inf is no finite number\. It is declared as float"):
        papermill.execute_notebook(
            source,
            tmp_path / "done.ipynb",
            {"out": "../out", "hours": float("inf")},
            engine,
            kernel_name="spinelib",
            progress_bar=False,
            cwd=tmp_path / "notebooks",
        )
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "done.ipynb").exists() == (engine is None), "no kernel was started"


def test_a_long_temporary_folder_and_no_home_stop_no_notebook(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 110)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/proc/none")
    monkeypatch.setenv("HOME", "/proc/none")
    notebook(tmp_path, "import matplotlib.pyplot", "run.finish()")
    done = command(tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_state(tmp_path / "out").status == "finished"
    assert printed(tmp_path) == "", "no library complains on the page"


def test_a_kernel_that_is_missing_or_never_starts_is_named(tmp_path, monkeypatch):
    def start(cls, manager, kernel_name, **options):
        raise RuntimeError("Kernel died before replying to kernel_info")

    source = str(notebook(tmp_path, "run.finish()"))
    how = {"engine_name": "spinelib", "progress_bar": False, "cwd": str(tmp_path / "notebooks")}
    with pytest.raises(BadInput, match=r"kernel 'none': is not installed\. Install it"):
        papermill.execute_notebook(source, None, {"out": "../out"}, kernel_name="none", language="python", **how)
    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", classmethod(start))
    with pytest.raises(BadInput, match=r"kernel 'spinelib': does not start \(Kernel died before"):
        papermill.execute_notebook(source, None, {"out": "../out"}, kernel_name="spinelib", **how)


def test_a_failing_cell_is_recorded_with_its_last_line(tmp_path):
    with pytest.raises(PapermillExecutionError):
        execute(tmp_path, "raise ValueError('first line\\nno films left')", "run.finish()")
    state = read_state(tmp_path / "out")
    assert (state.status, state.error) == ("failed", "ValueError: no films left")
    assert state.record["parameters"]["method"] == "unet"
    assert state.record["code"]


def test_a_killed_kernel_is_told_from_an_error(tmp_path):
    notebook(tmp_path, "import os\nos.kill(os.getpid(), 9)")
    done = command(tmp_path)
    state = read_state(tmp_path / "out")
    assert done.returncode == 138
    assert state.status == "killed"
    assert "out of memory?" in state.error
    assert (tmp_path / "done.ipynb").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_kernel_whose_engine_was_killed_ends_even_if_nothing_in_it_can_notice(tmp_path):
    blind = "import os, time\nparent = os.getppid()\nos.getppid = lambda: parent"
    told = "open('../pid', 'w').write(str(os.getpid()))\nwhile True:\n    time.sleep(0.1)"
    notebook(tmp_path, blind, told)
    call = [sys.executable, "-m", "papermill", "notebooks/tiny.ipynb", "done.ipynb", "-k", "spinelib"]
    call += ["--engine", "spinelib", "--cwd", "notebooks", "--no-progress-bar", "-p", "out", "../out"]
    engine = subprocess.Popen(call, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    while engine.poll() is None and not (pid.exists() and pid.read_text()):
        time.sleep(0.1)
    kernel = psutil.Process(int(pid.read_text()))
    engine.kill()
    engine.wait()
    try:
        kernel.wait(60)
    finally:
        if kernel.is_running():
            kernel.kill()


def test_a_notebook_that_never_finishes_its_record_has_failed(tmp_path):
    execute(tmp_path, "1 + 1")
    assert read_state(tmp_path / "out").error == "The notebook ended without run.finish()"


def test_a_run_that_another_process_writes_is_left_alone(tmp_path):
    (tmp_path / "done.ipynb").write_text("the other's notebook")
    notebook(tmp_path, "run.finish()")
    lock.take(tmp_path / "out" / ENGINE_LOCK)
    try:
        assert read_state(tmp_path / "out").status == "running"
        done = command(tmp_path)
    finally:
        lock.release(tmp_path / "out" / ENGINE_LOCK)
    assert done.returncode != 0
    assert f"is being written by process {os.getpid()}" in done.stderr
    assert (tmp_path / "done.ipynb").read_text() == "the other's notebook"
    assert not (tmp_path / "out" / "failure.json").exists()


def test_the_record_holds_defaults_and_given_values(tmp_path):
    notebook(tmp_path, "run.finish()")
    done = command(tmp_path, "-y", "{seed: 4, tested_on: [a, b]}")
    parameters = json.loads((tmp_path / "out" / "run.json").read_text())["parameters"]
    assert done.returncode == 0
    assert (parameters["seed"], parameters["variant"], parameters["tested_on"]) == (4, "full", ["a", "b"])


def test_a_kernel_that_dies_at_its_start_is_started_once_more(tmp_path, monkeypatch):
    tries = []

    def start(cls, manager, kernel_name, **options):
        tries.append(kernel_name)
        if len(tries) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return once(manager, kernel_name, **options)

    once = NBClientEngine.execute_managed_notebook
    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", classmethod(start))
    execute(tmp_path, "run.finish()")
    assert tries == ["spinelib", "spinelib"]
    assert read_state(tmp_path / "out").status == "finished"


def test_a_folder_of_somebody_else_is_refused_before_a_kernel_starts(tmp_path):
    theirs = tmp_path / "out" / "figures" / "mine.png"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    with pytest.raises(BadInput, match=r"out: is not empty \(figures\), and no run of ours made it"):
        execute(tmp_path, "open('../ran', 'w')")
    assert theirs.read_text() == "mine"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["figures"]
    assert not (tmp_path / "ran").exists()
