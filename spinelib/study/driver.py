"""`make study`: check, run what is missing, gather the tables, ask the questions, write the pages.

Snakemake decides what runs, where and in which order. It is called twice so that a failed run does not stop the others:
first for the runs, then for the questions about those that finished. It is not called at all for a study that is
certain to have nothing to do (`spinelib.study.done`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from spinelib.core.files import write_text
from spinelib.core.layout import RunFolder
from spinelib.core.shipped import shipped
from spinelib.runs import gpu, lock
from spinelib.runs.frozen import freeze
from spinelib.runs.own import check_own_study
from spinelib.runs.state import last_line, read_state
from spinelib.study import changes, damage, done
from spinelib.study.agreed import agreed_on
from spinelib.study.folders import packed, settle_path
from spinelib.study.home import home_or_else
from spinelib.study.jobs import Job, Study
from spinelib.study.plan import read_study
from spinelib.study.stopping import Stopper
from spinelib.study.warm.start import warm_server

STEP = re.compile(r"^\d+ of \d+ steps \(.*\) done$", re.MULTILINE)
# Not of Snakemake itself, whose errors end so, too: "WildcardError in rule".
BLAME = re.compile(r"RuleException|\bError in rule")
# What a scheduler said of a job that it ended, and the file that is missing for it. The job itself cannot tell.
ENDED = re.compile(
    r"^Error in rule \w+:\n +message: (?!None$)(.+?)(?:\. Detailed failure reason.*|\.?For further error.*|)$"
    r"(?:\n.*){1,20}?\n +output: (\S+)",
    re.MULTILINE,
)
# Where Snakemake keeps its own files; a home for those who have none.
TOOLS = Path(".snakemake") / "home"
PLAN = ("method", "variant", "trained_on", "seed", "fold")


def run_study(
    file: Path, cores: int, data: str = "", profile: str = "local", more: Sequence[str] = (), scale: str = ""
) -> int:
    """Bring the study up to date from the current folder; gives 0 when every run and question finished.

    `more` are further words for Snakemake; `scale` is one of the study's own. Gives 130 or 143 when it was asked to
    stop. Raises BadInput for a faulty study, a source that is not there, a folder of somebody else in its place, and a
    study that is already running.
    """
    data = settle_path(data)
    study = read_study(file, data, scale)
    check_own_study(study.folder)
    lost = changes.lost_sources(study)
    with Stopper() as stopper:
        lock.take(study.files.lock)
        try:
            print(f"{study.title}: {len(study.runs)} runs, {len(study.questions)} questions, {cores} cores", flush=True)
            _complete_cards(study)
            if lost:
                return _show_what_there_is(study, lost)
            return _update(study, profile, not more, lambda: _Call(study, cores, data, profile, more, stopper))
        except KeyboardInterrupt:
            print(f"stopped: the same command goes on. What has finished stays in {study.folder}", flush=True)
            return stopper.status
        finally:
            lock.release(study.files.lock)


def _update(study: Study, profile: str, usual: bool, caller: Callable[[], _Call]) -> int:
    """Call Snakemake where something is to be done; not `usual`: with words for it, which may ask for anything."""
    damage.renew(study)
    again = changes.find_changes(study)
    before = done.basis(study, profile)
    if usual and not again and done.is_done(study, before):
        return _tell(study, 0)
    done.forget(study)
    _say_costs(study)
    call = caller()
    notebooks = (job.notebook for job in (*study.runs.values(), *study.questions.values()))
    with warm_server(notebooks, study.files.log, profile) as call.warm:
        status = _bring(study, call, again)
    if usual and not status:
        done.keep(study, before)
    return status


def _say_costs(study: Study) -> None:
    # A study that has nothing to do loads no torch for it.
    from spinelib.study.forecast import forecast, waiting

    for line in forecast(study, waiting(study)):
        print(f"  {line}", flush=True)


def _complete_cards(study: Study) -> None:
    """Write the cards that finished runs of an earlier version lack; a study that has them all loads nothing for it."""
    runs = [RunFolder(folder) for folder in study.files.all_runs.glob("*")]
    if any(files.weights.exists() and not files.card.exists() for files in runs):
        from spinelib.study.cards import complete_cards

        made = complete_cards(study.files)
        if made:
            print(f"model cards written for runs of an earlier version: {', '.join(made)}", flush=True)


def _show_what_there_is(study: Study, lost: Sequence[str]) -> int:
    """Tables and pages of a study that cannot go on, since the sources of the data `lost` are not there."""
    for name in lost:
        where = repr(str(study.data[name]["source"]))
        print(f"  {name}: its source {where} is not there: not compared, and nothing is started", flush=True)
    write_facts(study)
    tables(study)
    pages(study)
    return _tell(study, 0)


def _bring(study: Study, call: _Call, again: dict[str, changes.Before]) -> int:
    """Data `again`, runs, tables, questions, tables again, pages; the exit status."""
    write_facts(study)
    if again:
        call(*(study.files.data(name).manifest.as_posix() for name in again))
        changes.keep_equal(study, again)
    changes.drop_stale(study, again)
    _freeze(study)
    code = call("runs")
    if changes.changed_meanwhile(study):
        pages(study)
        return _tell(study, 1)
    # Questions read these tables: they cannot be asked in the same call as the runs.
    tables(study)
    if any(job.needs_runs for job in study.questions.values()):
        code = call("questions") or code
    tables(study)
    pages(study)
    return _tell(study, code)


def _freeze(study: Study) -> None:
    """Keep what the study agrees on, before any run of this call starts, and say what is other than it was."""
    jobs = study.runs.values()
    finished = sum(job.files.record.exists() for job in jobs)
    begun = study.files.scorings.exists() or any(job.folder.exists() for job in jobs)
    for sentence in freeze(study.folder, agreed_on(study), finished, begun):
        print(f"  {sentence}", flush=True)


class _Call:
    """Calls Snakemake for its targets; the lock of the study stands in for Snakemake's, which outlives a crash."""

    def __init__(
        self, study: Study, cores: int, data: str, profile: str, more: Sequence[str], stopper: Stopper
    ) -> None:
        given = {"study": str(study.file), "data": data, "scale": study.scale}
        settings = [f"{name}={packed(text)}" for name, text in given.items()]
        settings += [] if profile == "local" else ["gpu=1"]
        chosen = ["--profile", str(done.profile_folder(profile)), "--config", *settings]
        here = ["--cores", str(cores), "--resources", f"gpu={len(gpu.cards())}"] if profile == "local" else []
        self.words = ["--snakefile", str(shipped("Snakefile")), "--nolock", *here, *chosen]
        self.more, self.stopper = more, stopper
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
            _follow(process, text, self.stopper)
            self.stopper.end()
        return process.returncode

    def _order(self, targets: Sequence[str]) -> list[str]:
        """Words that let the jobs which the study wants first start first."""
        first = [record for target in targets for record in prioritised(self.study, target)]
        return ["--prioritize", *first] if first else []


def prioritised(study: Study, target: str) -> list[str]:
    """Records of the jobs that begin first: the runs that say so, or the questions that others wait for.

    target: runs or questions; no other has any. A question that others wait for would else end alone.
    """
    awaited = {name for job in study.questions.values() for name in job.after}
    late = [job for name, job in study.questions.items() if name in awaited and job.needs_runs]
    jobs = {"runs": [job for job in study.runs.values() if job.first], "questions": late}
    return [job.files.record.as_posix() for job in jobs.get(target, [])]


def _follow(process: subprocess.Popen[bytes], text: TextIO, stopper: Stopper) -> None:
    """Print how far Snakemake is until it ends, and all it said if it failed and no job was to blame."""
    said = ""
    while True:
        ended = process.poll() is not None
        new = text.read()
        said += new
        for line in STEP.findall(new):
            print(f"  {line}", flush=True)
        stopper.hand_on(process, said)
        if ended:
            break
        time.sleep(0.2)
    if process.returncode and not stopper.asked and not BLAME.search(said):
        print(said, file=sys.stderr)


def write_facts(study: Study) -> None:
    """Write ``study.json``, from which the pages know the study's words and its plan."""
    facts = {
        "name": study.name,
        "file": study.file.stem,
        "scale": study.scale,
        "title": study.title,
        "question": study.question,
        "banner": study.banner,
        "precision": study.precision,
        "linked": True,
        "data": {name: ", ".join(f"{k} {v}" for k, v in options.items()) for name, options in study.data.items()},
        "runs": [{"id": job.id, **{key: job.parameters[key] for key in PLAN}} for job in study.runs.values()],
        "questions": [{"id": job.id} for job in study.questions.values()],
    }
    write_text(study.files.facts, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


def tables(study: Study) -> None:
    """Write the study's cases.csv and summary.csv from what has finished."""
    from spinelib.study.tables import write_tables

    write_tables([job.folder for job in (*study.runs.values(), *study.questions.values())], study.folder)


def pages(study: Study) -> None:
    """Write the pages that are missing or older than their run, then the index."""
    from spinelib.report.index import write_index
    from spinelib.report.page import write_page

    for job in (*study.runs.values(), *study.questions.values()):
        if _stale(job, study.files.protocol):
            write_page(job.folder)
    write_index(study.folder)


def _stale(job: Job, protocol: Path) -> bool:
    page = job.files.page
    sources = [job.files.notebook, job.files.record, job.files.failure, *([protocol] if page.exists() else [])]
    made = page.stat().st_mtime if page.exists() else 0.0
    return any(source.exists() and source.stat().st_mtime > made for source in sources)


def _tell(study: Study, code: int) -> int:
    """Print what did not finish and why, as far as it or the scheduler could tell, and where the index lies."""
    ended = _ended(study.files.log)
    for name in study.data:
        data = study.files.data(name)
        if not data.manifest.exists():
            print(f"  failed: data '{name}'  {last_line(data.console)}  {ended.get(data.root, '')}")
    wanted = [*study.runs.values(), *study.questions.values()]
    states = [(job, read_state(job.folder)) for job in wanted]
    missing = [(job, state) for job, state in states if state.status != "finished"]
    for job, state in missing:
        print(f"  {state.status}: {job.id}  {state.error or ended.get(job.folder, '')}")
    print(f"{len(states) - len(missing)} of {len(states)} finished. Open {study.files.index}")
    return 1 if missing or code else 0


def _ended(log: Path) -> dict[Path, str]:
    """Why a cluster's scheduler ended or refused jobs, by their folder; nothing for jobs of this machine."""
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return {Path(output).parent: reason for reason, output in ENDED.findall(said)}
