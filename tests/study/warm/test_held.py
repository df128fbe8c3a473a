"""A step that would find anything else than a new process does is refused; what was loaded is loaded for all."""

import os
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from spinelib.study.warm import held
from spinelib.study.warm.client import inherited
from spinelib.study.warm.held import WarmLibrary, found_from_elsewhere, library_files
from spinelib.study.warm.step import ForkedStep
from tests.study.warm.test_client import PARENT, servers
from tests.tiny import PARAMETERS, write_notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")


def test_a_step_in_another_environment_is_taken_as_always(server, take, tmp_path):
    alone, pids = [str(os.getpid())], [str(pid) for pid in servers()]
    assert take(server, PARENT)[0].split() == pids
    assert take(server, PARENT, OMP_NUM_THREADS="3")[0].split() == alone
    assert take(server, PARENT, PWD="/elsewhere", SHLVL="9")[0].split() == pids
    said = (tmp_path / "server.log").read_text()
    assert said == "a step loads what it needs itself: its variable OMP_NUM_THREADS is another\n"


@pytest.mark.parametrize("how", [{"umask": 0o007}, {"preexec_fn": lambda: os.nice(1)}])
def test_a_step_with_other_rights_or_priority_is_taken_as_always(server, begin, how):
    assert begin(server, PARENT, how=how).communicate()[0].split() == [str(os.getpid())]
    assert begin(server, PARENT).communicate()[0].split() == [str(pid) for pid in servers()]


def test_what_python_reads_at_its_start_is_the_server_s(server, take):
    assert take(server, PARENT, PYTHONHASHSEED="3")[0].split() == [str(os.getpid())]
    assert take(server, PARENT)[0].split() == [str(pid) for pid in servers()]


def test_numbers_that_nobody_seeded_differ_from_step_to_step(server, take):
    draw = "import random\nprint(random.random())"
    assert take(server, draw)[0] != take(server, draw)[0]


@pytest.fixture
def one(monkeypatch):
    """What is held in this process, which loads nothing for it and is as if it had no thread but one."""
    listed, before = os.listdir, dict(os.environ)
    monkeypatch.setattr(held, "FOR_ALL", ())
    monkeypatch.setattr(held.gc, "disable", lambda: None)
    monkeypatch.setattr(held.gc, "freeze", lambda: None)
    monkeypatch.setattr(held.threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "listdir", lambda path: ["1"] if path == "/proc/self/task" else listed(path))
    yield WarmLibrary([])
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def step():
    """A step that fits."""
    return ForkedStep(["program"], ".", dict(os.environ), inherited())


def test_nothing_is_forked_from_a_process_with_threads(one, step, monkeypatch):
    assert one.unfit(step) == ""
    monkeypatch.undo()
    waiting = threading.Event()
    other = threading.Thread(target=waiting.wait)
    other.start()
    assert "threads" in one.unfit(step)
    waiting.set()
    other.join()


def test_code_that_was_edited_is_not_what_is_loaded(one, step):
    assert one.unfit(step) == ""
    assert not one.edited
    one.files[held.__file__] = (one.files[held.__file__][0] - 1, *one.files[held.__file__][1:])
    assert "edited" in one.unfit(step)
    assert one.edited


def test_each_file_of_the_library_is_looked_at_and_packages_that_come_and_go(tmp_path, monkeypatch):
    monkeypatch.setattr(held, "__file__", str(tmp_path / "library" / "study" / "warm" / "held.py"))
    monkeypatch.setattr(held.sysconfig, "get_paths", lambda: {"purelib": str(tmp_path / "packages")})
    file, cached, packages = (tmp_path / name for name in ("library/a.csv", "library/__pycache__/a", "packages/p"))
    for path in (file, cached, packages):
        path.parent.mkdir(parents=True)
        path.write_text("1")
    before = library_files()
    cached.write_text("22")
    assert library_files() == before
    os.utime(file, ns=(1, 1))
    after = library_files()
    assert after == before | {str(file): (1, 1)}
    packages.unlink()
    os.utime(packages.parent, ns=(1, 1))
    assert library_files() != after


def test_what_is_loaded_may_open_nothing_and_what_it_sets_is_the_steps(one, step, tmp_path, monkeypatch):
    (tmp_path / "opening.py").write_text("import os\nos.environ['SET'] = '1'\nkept = open(__file__)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(held, "FOR_ALL", ("opening",))
    assert "opened" in one.unfit(step)
    assert one.added == {"SET": "1"}
    sys.modules.pop("opening").kept.close()


def test_a_library_that_another_folder_does_not_find_is_not_shared(one, step, monkeypatch):
    assert os.path.samefile(found_from_elsewhere(), sys.modules["spinelib"].__file__)
    monkeypatch.setattr(held, "found_from_elsewhere", lambda: "")
    assert "another folder" in one.unfit(step)


def test_limits_and_variables_that_differ_are_named(one, step):
    assert "limits" in one.unfit(replace(step, inherited="elsewhere"))
    assert "PYTHONHASHSEED" in one.unfit(replace(step, environment=step.environment | {"PYTHONHASHSEED": "3"}))
    assert not one.environment, "for those nothing is loaded"


def test_only_a_notebook_that_begins_with_torch_has_a_kernel_ready(one, tmp_path, monkeypatch):
    begin = "from spinelib import protocol\nrun = runs.begin(globals())"
    write_notebook(tmp_path / "with.ipynb", PARAMETERS, begin)
    write_notebook(tmp_path / "late.ipynb", PARAMETERS, "run = runs.begin(globals())", "import torch")
    one.imports = {"spinelib.protocol": {"torch"}}
    monkeypatch.setitem(sys.modules, "spinelib.protocol", held)
    found = [
        one.has_kernel_for(ForkedStep(words, str(tmp_path), {}))
        for words in (
            ["papermill", "with.ipynb"],
            ["papermill", "late.ipynb"],
            ["papermill"],
            ["spinelib.report", "with.ipynb"],
        )
    ]
    assert found == [True, False, False, False]


LOADED = """import os, sys, threading
from spinelib.core.shipped import shipped
from spinelib.study.warm.client import inherited
from spinelib.study.warm.held import WarmLibrary
from spinelib.study.warm.step import ForkedStep
held = WarmLibrary(sorted(shipped("notebooks").glob("*.ipynb")))
assert held.unfit(ForkedStep(["x"], ".", dict(os.environ), inherited())) == ""
import torch
print(threading.active_count(), len(os.listdir("/proc/self/task")), torch.cuda.is_initialized())
names = ("papermill", "ipykernel", "nbclient", "matplotlib", "matplotlib_inline.backend_inline")
print(*(name in sys.modules for name in names))
"""


def test_all_that_is_loaded_starts_no_thread_and_uses_no_card():
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "1", "False", "True", "True", "True", "True", "False"], done.stderr
