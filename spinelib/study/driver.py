"""`make study`: check, run what is missing, gather the tables, ask the questions, write the pages.

Snakemake decides what runs, where and in which order. It is called twice so that a failed run costs only itself:
first for the runs, then for the questions about those that finished.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from spinelib.files import write_text
from spinelib.runs import gpu, lock
from spinelib.runs.state import RECORD, read_state
from spinelib.study.jobs import Job, Study
from spinelib.study.plan import read_study
from spinelib.study.tables import write_tables

HOME = Path(__file__).parents[2]
STEP = re.compile(r"^\d+ of \d+ steps")
PLAN = ("method", "variant", "trained_on", "seed", "fold")


def run_study(file: Path, cores: int, data: str = "", profile: str = "local", more: Sequence[str] = ()) -> int:
    """Bring the study up to date from the current folder; gives 0 when every run and question finished.

    `more` are further words for Snakemake. Raises BadInput for a faulty study, or one that is already running.
    """
    study = read_study(file, data)
    lock.take(study.folder / ".lock")
    try:
        write_facts(study)
        call = _Call(study, cores, data, profile, more)
        wanted = [*study.runs.values(), *study.questions.values()]
        print(f"{study.title}: {len(study.runs)} runs, {len(study.questions)} questions, {cores} cores", flush=True)
        code = call("runs")
        tables(study)
        if code != -signal.SIGINT:
            code = call("questions") or code
        tables(study)
        pages(study)
        return _tell(study, wanted, code)
    finally:
        lock.release(study.folder / ".lock")


class _Call:
    """Calls Snakemake for one target; the lock of the study stands in for Snakemake's, which outlives a crash."""

    def __init__(self, study: Study, cores: int, data: str, profile: str, more: Sequence[str]) -> None:
        settings = [f"study={study.file}", f"data={data}", *([] if profile == "local" else ["gpu=1"])]
        chosen = ["--profile", str(HOME / "profiles" / profile), "--config", *settings]
        cards = ["--resources", f"gpu={len(gpu.cards())}"] if profile == "local" else []
        self.words = ["--snakefile", str(HOME / "Snakefile"), "--nolock", "--cores", str(cores), *cards, *chosen]
        self.more = more
        self.log = study.folder / "snakemake.log"
        self.log.unlink(missing_ok=True)

    def __call__(self, target: str) -> int:
        folder = str(Path(sys.executable).parent)
        environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
        command = [sys.executable, "-m", "snakemake", target, *self.words, *self.more]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                self._follow(process)
                return process.wait()
            except KeyboardInterrupt:
                # Snakemake has been interrupted too; it ends its jobs and tidies up
                process.wait()
                return -signal.SIGINT

    def _follow(self, process: subprocess.Popen[str]) -> None:
        """Keep all that Snakemake says in a file; print only how far it is, and the whole if no job was to blame."""
        lines = []
        with self.log.open("a", encoding="utf-8") as log:
            for line in process.stderr or ():
                lines.append(line)
                log.write(line)
                log.flush()
                if STEP.search(line):
                    print(f"  {line.strip()}", flush=True)
        if process.wait() and not any("error" in line.lower() and "rule" in line.lower() for line in lines):
            print("".join(lines), file=sys.stderr)


def write_facts(study: Study) -> None:
    """Write ``study.json``, from which the pages know the study's words and its plan."""
    facts = {
        "name": study.name,
        "title": study.title,
        "question": study.question,
        "banner": study.banner,
        "linked": True,
        "data": {name: ", ".join(f"{k} {v}" for k, v in options.items()) for name, options in study.data.items()},
        "runs": [{"id": job.id, **{key: job.parameters[key] for key in PLAN}} for job in study.runs.values()],
        "questions": [{"id": job.id} for job in study.questions.values()],
    }
    write_text(study.folder / "study.json", json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


def tables(study: Study) -> None:
    """Write the study's cases.csv and summary.csv from what has finished."""
    write_tables([job.folder for job in (*study.runs.values(), *study.questions.values())], study.folder)


def pages(study: Study) -> None:
    """Write the pages that are missing or older than their run, then the index."""
    from spinelib.report.index import write_index
    from spinelib.report.page import write_page

    for job in (*study.runs.values(), *study.questions.values()):
        if _stale(job):
            write_page(job.folder)
    write_index(study.folder)


def _stale(job: Job) -> bool:
    page = job.folder / "report.html"
    sources = [job.folder / name for name in ("notebook.ipynb", RECORD, "failure.json")]
    made = page.stat().st_mtime if page.exists() else 0.0
    return any(source.exists() and source.stat().st_mtime > made for source in sources)


def _tell(study: Study, wanted: Sequence[Job], code: int) -> int:
    """Print what did not finish, and where the index lies."""
    states = {job: read_state(job.folder) for job in wanted}
    missing = {job: state for job, state in states.items() if state.status != "finished"}
    for job, state in missing.items():
        print(f"  {state.status}: {job.id}  {state.error}")
    print(f"{len(states) - len(missing)} of {len(states)} finished. Open {study.folder / 'index.html'}")
    return 1 if missing or code else 0
