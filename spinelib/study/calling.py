"""Snakemake, called for some of a study's steps: its words, what it says in a file, and how far it is meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from spinelib.core.shipped import shipped
from spinelib.runs import gpu, lock
from spinelib.study.done import profile_folder
from spinelib.study.folders import packed
from spinelib.study.home import home_or_else
from spinelib.study.jobs import Study
from spinelib.study.pages import show_index
from spinelib.study.stopping import Stopper
from spinelib.study.telling import Teller

# Not of Snakemake itself, whose errors end so, too: "WildcardError in rule".
BLAME = re.compile(r"RuleException|\bError in rule")
# What a full disk makes of a word that Snakemake writes down: Python's call stack at that word, cut off or whole.
LOST_WORDS = re.compile(r"^--- Logging error ---\n.*?(?:^Arguments: .*?(?:\n|\Z)|\Z)", re.MULTILINE | re.DOTALL)
# Where Snakemake keeps its own files; a home for those who have none.
TOOLS = Path(".snakemake") / "home"


class Snakemake:
    """Calls Snakemake for its targets; the lock of the study stands in for Snakemake's, which outlives a crash.

    warm: variables by which the steps find the server that they are forked from; {}: there is none.
    """

    def __init__(
        self, study: Study, cores: int, data: str, profile: str, more: Sequence[str], stopper: Stopper, teller: Teller
    ) -> None:
        given = {"study": str(study.file), "data": data, "scale": study.scale}
        settings = [f"{name}={packed(text)}" for name, text in given.items()]
        settings += [] if profile == "local" else ["gpu=1"]
        chosen = ["--profile", str(profile_folder(profile)), "--config", *settings]
        here = ["--cores", str(cores), "--resources", f"gpu={len(gpu.cards())}"] if profile == "local" else []
        self.words = ["--snakefile", str(shipped("Snakefile")), "--nolock", *here, *chosen]
        self.more, self.stopper, self.teller = more, stopper, teller
        self.study = study
        self.warm: dict[str, str] = {}
        self.lock = lock.descriptor(study.files.lock)
        self.log = study.files.log
        self.log.unlink(missing_ok=True)

    def __call__(self, *targets: str) -> int:
        """Snakemake's exit status; all it says goes to a file, which also lets it live on if this process dies."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        command = [sys.executable, "-m", "snakemake", *targets, *self.words, *self._order(targets), *self.more]
        with self.log.open("a", encoding="utf-8") as log, self.log.open(encoding="utf-8", errors="replace") as text:
            text.seek(0, os.SEEK_END)
            environment = {**os.environ, **home_or_else(TOOLS), **self.warm, "PATH": path}
            self.stopper.begin()
            process = subprocess.Popen(command, env=environment, stderr=log, pass_fds=[self.lock])
            _follow(process, text, self.stopper, self.teller)
            self.stopper.end()
        return process.returncode

    def _order(self, targets: Sequence[str]) -> list[str]:
        """Words that let the jobs which the study wants first start first."""
        first = [record for target in targets for record in prioritised(self.study, target)]
        return ["--prioritize", *first] if first else []


def prioritised(study: Study, target: str) -> list[str]:
    """Records of the jobs that begin first: runs that say so or have the first seed, or questions that others wait for.

    target: runs or questions; no other has any. A study that is stopped has whole boards of one seed, and the other
    seeds find their learning rates searched. A question that others wait for would else end alone.
    """
    awaited = {name for job in study.questions.values() for name in job.after}
    late = [job for name, job in study.questions.items() if name in awaited and job.needs_runs]
    seeds = {job.parameters["seed"] for job in study.runs.values()}
    early = {min(seeds)} if len(seeds) > 1 else set()
    runs = [job for job in study.runs.values() if job.first or job.parameters["seed"] in early]
    jobs = {"runs": runs, "questions": late}
    return [job.files.record.as_posix() for job in jobs.get(target, [])]


def _follow(process: subprocess.Popen[bytes], text: TextIO, stopper: Stopper, teller: Teller) -> None:
    """Say how far the study is until Snakemake ends, and all it said if it failed and no job was to blame."""
    said, ended = "", False
    while not ended:
        ended = process.poll() is not None
        said += text.read()
        if stopper.asked:
            teller.screen.leave()
        elif teller.tick(ended):
            show_index(teller.study)
        stopper.hand_on(process, said)
        time.sleep(0.0 if ended else 0.2)
    if process.returncode and not stopper.asked and not BLAME.search(said):
        print(LOST_WORDS.sub("", said), file=sys.stderr)
