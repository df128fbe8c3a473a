"""What `make study` says while it works: which step of how many, what runs, its score so far, and the time left."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from spinelib.report.words import duration
from spinelib.runs.state import read_state
from spinelib.study.jobs import Study
from spinelib.study.screen import Screen
from spinelib.study.watch import Glance, StudyStep, Watch

# Seconds between two lines on a terminal and in a log; between two looks at the files, and the part of the time that
# they may take, which counts in a study of a thousand runs.
DRAWN, LOGGED, LOOKED, SHARE_OF_TIME = 3.0, 60.0, 1.0, 0.02
# The variable in which `make study` leaves when it began, its set-up included: seconds since 1970.
BEGAN = "SPINE_BEGAN"
LONGEST = 7 * 86400  # seconds: a variable that says more is a left-over
WORTH_SAYING = 10.0  # seconds of a set-up
# What `make study` is told, in its variables, and what it takes them to be.
TOLD = {"STUDY": "quick", "DATA": "", "SCALE": "", "CORES": str(os.cpu_count()), "PROFILE": "local", "MORE": ""}
# Seconds of a core for which the forecast is believed before the pace of this machine is known.
TRUSTED = 60.0
MOST = 4  # steps that are named


def began_at() -> float:
    """When the command began, in seconds since 1970: of `make study` before its set-up, else now."""
    now = time.time()
    try:
        began = float(os.environ.get(BEGAN, ""))
    except ValueError:
        return now
    return began if 0 <= now - began <= LONGEST else now


def total_words(began: float, entered: float) -> str:
    """How long the command took until now, and of that its set-up; both times in seconds since 1970."""
    of_it = f", {duration(entered - began)} of it for the set-up" if entered - began >= WORTH_SAYING else ""
    return f"{duration(time.time() - began)} from start to end{of_it}"


def same_command() -> str:
    """The command that was given, as it can be typed again."""
    if BEGAN not in os.environ:
        return shlex.join(["spinelib", *sys.argv[1:]])
    given = {name: os.environ.get(name, usual) for name, usual in TOLD.items()}
    words = [f"{name}={shlex.quote(value)}" for name, value in given.items() if value != TOLD[name]]
    return " ".join(["make study", *words])


def seconds_left(glance: Glance, spent: float, cores: int) -> float:
    """Seconds to the end after `spent` seconds of work on `cores` cores; NaN where nobody can tell yet."""
    pace = (spent + TRUSTED / cores) / (glance.done + TRUSTED)
    return (glance.work - glance.done) * pace


def best_words(facts: Mapping[str, Any]) -> str:
    """The best score on validation of a finished training, from the facts of its record; '' where there is none."""
    trained = facts.get("training") or {}
    known = {name.removeprefix("best_"): value for name, value in trained.items() if name.startswith("best_")}
    named = {name: value for name, value in known.items() if name not in ("epoch", "loss", "score")}
    shown = named or {name: value for name, value in known.items() if name == "score"}
    words = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in shown.items())
    return f"best validation {words[:1].upper()}{words[1:]}" if words else ""


class Teller:
    """Tells how far a study is; `tick` is to be called often while it is brought up to date.

    began: when the command began, in seconds since 1970. weights: see `Watch`.
    """

    def __init__(
        self, study: Study, cores: int, began: float, weights: Mapping[str, float], screen: Screen | None = None
    ) -> None:
        self.study, self.cores, self.began = study, cores, began
        self.screen, self.watch = screen or Screen(), Watch(study, weights)
        self._start = self._said = self._next = time.monotonic()
        self.glance = self.watch.look()

    def tick(self, last: bool = False) -> bool:
        """Say which steps have ended since the last call, and where it is due how far the study is; whether any has.

        last: look now, and leave only what stays.
        """
        now = time.monotonic()
        if now < self._next and not last:
            return False
        before, self.glance = self.glance, self.watch.look()
        took = time.monotonic() - now
        self._next = now + max(LOOKED, took / SHARE_OF_TIME)
        ended = [step for name, step in self.watch.steps.items() if name in self.glance.ended - before.ended]
        if ended:
            self._weigh_anew(ended)
            self.screen.keep(*(f"  {self._outcome(step)}" for step in ended))
        self._draw(now, bool(ended), last)
        return bool(ended)

    def _draw(self, now: float, changed: bool, last: bool) -> None:
        pause = DRAWN if self.screen.is_terminal else LOGGED
        if last and self.screen.is_terminal:
            self.screen.draw()
        elif now - self._said >= pause or (changed and self.screen.is_terminal):
            self._said = now
            self.screen.draw(*self.lines())

    def lines(self) -> list[str]:
        """How far the study is, and a line for each step that runs."""
        glance = self.glance
        left = seconds_left(glance, time.monotonic() - self._start, self.cores)
        words = [f"{len(glance.ended)} of {glance.total} steps done"]
        words += [f"{len(glance.failed)} failed"] if glance.failed else []
        words += [f"{duration(time.time() - self.began)} so far"]
        # At the end tables and pages are still to be written.
        words += [f"about {duration(left)} left"] if left > 0 else []
        running = [f"    {name}{f': {live.words()}' if live else ''}" for name, live in glance.running.items()]
        more = [f"    and {len(running) - MOST} more"] if len(running) > MOST else []
        return [f"  {', '.join(words)}", *running[:MOST], *more]

    def _outcome(self, step: StudyStep) -> str:
        """How a step has ended, in one line."""
        record = read_state(step.folder).record if step.kind != "data" else {}
        if step.name in self.glance.failed:
            return f"failed: {step.name}  {record.get('error', '')}"
        parts = [step.name, duration(record.get("seconds")), best_words(record.get("facts") or {})]
        return f"finished: {', '.join(part for part in parts if part)}"

    def _weigh_anew(self, ended: Sequence[StudyStep]) -> None:
        """Count the runs on data that nobody could count before they were prepared."""
        if isnan(self.glance.work) and any(step.kind == "data" for step in ended):
            from spinelib.study.forecast import counted_runs, expected_seconds, waiting

            missing = waiting(self.study)
            self.watch.weights |= expected_seconds(self.study, missing, counted_runs(self.study, missing)[0])
