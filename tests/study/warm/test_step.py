"""A forked process that becomes a program."""

import subprocess
import sys

import pytest

from spinelib.study.warm.step import ForkedStep

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")

FORK = """import atexit, gc, os, random, sys
import numpy as np
import torch
from spinelib.study.warm.step import ForkedStep, become, begin_own_life
atexit.register(print, "the parent's")
gc.disable()
random.seed(0)
np.random.seed(0)
parent = os.getpid()
if not os.fork():
    begin_own_life(parent)
    become(ForkedStep(["program", "word"], sys.argv[1], {"PATH": "there", "ONLY": "this"}))
print(os.waitstatus_to_exitcode(os.wait()[1]), random.random(), np.random.random(), torch.initial_seed(), flush=True)
"""
PROGRAM = """import atexit, gc, os, random, sys
import numpy as np
import torch
atexit.register(print, "its own")
print(sys.argv[1:], os.getcwd(), dict(os.environ), gc.isenabled(), random.random(), np.random.random(),
      torch.initial_seed(), sep="\\n")
sys.exit(5)
"""


def test_it_has_its_own_words_place_numbers_and_end(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "-c", FORK, tmp_path], capture_output=True, text=True, check=True)
    words, folder, environment, collects, *drawn, left, parent, by_parent = done.stdout.splitlines()
    assert (words, folder, collects, left) == ("['word']", str(tmp_path), "True", "its own")
    assert environment == "{'PATH': 'there', 'ONLY': 'this'}"
    status, *kept = parent.split()
    assert (status, by_parent) == ("5", "the parent's")
    assert not set(drawn) & set(kept)


def test_its_module_is_its_first_word():
    assert ForkedStep(["papermill", "in.ipynb"], ".", {}).module == "papermill"
