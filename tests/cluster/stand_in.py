"""The stand-in for kubectl, put first on the path."""

import os
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("kubectl.py")


def put(folder, monkeypatch):
    """Put the stand-in on the path; gives the folder, within `folder`, where it keeps the Jobs."""
    jobs = folder / "jobs"
    (folder / "bin").mkdir()
    jobs.mkdir()
    program = folder / "bin" / "kubectl"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {PROGRAM} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_JOBS", str(jobs))
    return jobs
