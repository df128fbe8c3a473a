"""`make study`: check, run what is missing, gather the tables, ask the questions, write the pages.

Snakemake decides what runs, where and in which order. It is called twice so that a failed run does not stop the others:
first for the runs, then for the questions about those that finished. It is not called at all for a study that is
certain to have nothing to do (`spinelib.study.done`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spinelib.core.layout import RunFolder
from spinelib.runs import lock
from spinelib.runs.frozen import freeze
from spinelib.runs.own import check_own_study
from spinelib.runs.state import last_line, read_state
from spinelib.study import changes, damage, done
from spinelib.study.agreed import agreed_on
from spinelib.study.calling import Snakemake
from spinelib.study.folders import settle_path
from spinelib.study.jobs import Study
from spinelib.study.pages import pages, show_index, tables, write_facts
from spinelib.study.plan import read_study
from spinelib.study.stopping import Stopper
from spinelib.study.telling import Teller, began_at, same_command, total_words
from spinelib.study.warm.start import warm_server

# What a scheduler said of a job that it ended, and the file that is missing for it. The job itself cannot tell.
ENDED = re.compile(
    r"^Error in rule \w+:\n +message: (?!None$)(.+?)(?:\. Detailed failure reason.*|\.?For further error.*|)$"
    r"(?:\n.*){1,20}?\n +output: (\S+)",
    re.MULTILINE,
)


def run_study(
    file: Path, cores: int, data: str = "", profile: str = "local", more: Sequence[str] = (), scale: str = ""
) -> int:
    """Bring the study up to date from the current folder; gives 0 when every run and question finished.

    `more` are further words for Snakemake; `scale` is one of the study's own. Gives 130 or 143 when it was asked to
    stop. Raises BadInput for a faulty study, a source that is not there, a folder of somebody else in its place, and a
    study that is already running.
    """
    began, entered, data = began_at(), time.time(), settle_path(data)
    study = read_study(file, data, scale)
    check_own_study(study.folder)
    lost = changes.lost_sources(study)
    with Stopper() as stopper:
        lock.take(study.files.lock)
        try:
            print(f"{study.title}: {len(study.runs)} runs, {len(study.questions)} questions, {cores} cores", flush=True)
            _complete_cards(study)

            def caller(weights: Mapping[str, float]) -> Snakemake:
                return Snakemake(study, cores, data, profile, more, stopper, Teller(study, cores, began, weights))

            status = _show_what_there_is(study, lost) if lost else _update(study, profile, not more, caller)
        except KeyboardInterrupt:
            if study.files.facts.exists():
                show_index(study)
            print(f"stopped: the same command goes on: {same_command()}\nWhat has finished stays in {study.folder}")
            status = stopper.status
        finally:
            lock.release(study.files.lock)
    print(total_words(began, entered), flush=True)
    return status


def _update(study: Study, profile: str, usual: bool, caller: Callable[[Mapping[str, float]], Snakemake]) -> int:
    """Call Snakemake where something is to be done; not `usual`: with words for it, which may ask for anything."""
    damage.renew(study)
    again = changes.find_changes(study)
    before = done.basis(study, profile)
    if usual and not again and done.is_done(study, before):
        return _tell(study, 0)
    done.forget(study)
    write_facts(study)
    show_index(study)
    call = caller(_say_costs(study))
    notebooks = (job.notebook for job in (*study.runs.values(), *study.questions.values()))
    with warm_server(notebooks, study.files.log, profile) as call.warm:
        status = _bring(study, call, again)
    if usual and not status:
        done.keep(study, before)
    return status


def _say_costs(study: Study) -> dict[str, float]:
    """Say what the runs that are missing will cost; gives the seconds that each, and each question, should take."""
    # A study that has nothing to do loads no torch for it.
    from spinelib.study.forecast import counted_runs, expected_seconds, forecast, waiting

    missing = waiting(study)
    counted = counted_runs(study, missing)
    for line in forecast(study, missing, counted):
        print(f"  {line}", flush=True)
    return expected_seconds(study, missing, counted[0])


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


def _bring(study: Study, call: Snakemake, again: dict[str, changes.Before]) -> int:
    """Data `again`, runs, tables, questions, tables again, pages; the exit status."""
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
