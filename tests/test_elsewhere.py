"""Reading needs nothing that Windows lacks: the modules and functions of Unix are taken away, and a film is read."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from .apply.made import finished
from .cases.films import film

# Libraries take what their own system has; only this project's code is to find it gone.
WITHOUT_UNIX = """
import os, pathlib, signal, sys
import filelock, numpy, pandas, pydicom, safetensors.torch, scipy.ndimage, torch, yaml, PIL.Image, matplotlib.pyplot
import nibabel, jinja2, segmentation_models_pytorch, monai.inferers.utils, multiprocessing, getpass, shutil
assert not any(name.split(".")[0] == "spinelib" for name in sys.modules)
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("getuid", "geteuid", "sysconf", "sched_getaffinity", "killpg", "fork", "mkfifo", "getpgid"):
    delattr(os, name)
del signal.SIGKILL

def refused(*words, **options):
    raise OSError(1314, "A required privilege is not held by the client")

pathlib.Path.symlink_to = os.symlink = refused
from spinelib.command.line import main
"""
READ = "from spinelib.apply.loop import apply_run; print(apply_run({!r}, 'films', 'out', device='cpu', progress=False))"


def python(folder, code):
    words = [sys.executable, "-c", WITHOUT_UNIX + code]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_film_is_read_and_not_read_again(tmp_path):
    run = finished(tmp_path / "study")
    (tmp_path / "films").mkdir()
    Image.fromarray(film(200, 90, 1)).save(tmp_path / "films" / "a.png")
    assert "1 read, 0 read before, 0 not usable" in python(tmp_path, READ.format(str(run)))
    assert "0 read, 1 read before, 0 not usable" in python(tmp_path, READ.format(str(run)))
    assert (Path(tmp_path) / "out" / "results.csv").is_file()


@pytest.mark.slow
def test_studies_and_weights_are_listed_and_runs_described(tmp_path):
    code = "from spinelib.runs import machine; main(['study', 'list']); main(['weights', 'list'])\n"
    said = python(tmp_path, code + "print(machine.hardware()['memory_gib'])")
    assert "Smoke test" in said
    assert said.splitlines()[-1] == "0.0"
