"""What a study will cost, said before it starts: operations, hours of a card or of cores, disk, memory.

(C, our choice) Counts are exact for what they count (`spinelib.study.operations`); how fast a machine works them off
is not known before it has. A card is taken to do CARD_RATE, which nobody has measured here; a core does CORE_RATES,
those of the trainings of study quick (a test compares them with their record), CORE_RATE for what quick does not train.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import isnan, prod
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.runs.gpu import card_bytes
from spinelib.runs.machine import hardware
from spinelib.study.jobs import Job, Study
from spinelib.study.operations import Counted, count_run, known_cases

CARD_RATE, CORE_RATE = 20e12, 20e9
# Operations a second of a core. Wide convolutions come near to what the processor can; many of few channels do not.
CORE_RATES = {
    "r2mfnet": 11e9,
    "mdwcnet": 12e9,
    "spinefm": 25e9,
    "seg4regplus": 25e9,
    "unet": 130e9,
    "resunet": 70e9,
    "attention_unet": 80e9,
    "transunet": 55e9,
    "plunet": 80e9,
    "fcn8s": 65e9,
    "deeplabv3plus": 22e9,
    "pspnet": 70e9,
    "safnet": 25e9,
    "unet3d": 20e9,
    "unet3d/mid": 70e9,
    "resunet3d": 25e9,
    "deeplabv3_3d": 12e9,
    "cfnet3d": 11e9,
}
# Seconds of a core for a run with its page, beside what its network computes, and for a question; bytes either leaves.
JOB_SECONDS, QUESTION_SECONDS, JOB_BYTES = 9, 24, 4e6
# Bytes: a weight; a pixel of a film and of the arrays made of it; a predicted one, packed.
WEIGHT, FILM_PIXEL, PREDICTED_PIXEL = 4, 3, 0.1
# Of `counted_runs`: by id, and how many runs were not counted, by the reason.
CountedRuns = tuple[dict[str, Counted], Counter[str]]
# A study must start whatever its forecast meets: a notebook of one's own, a data set that nobody knows.
UNCOUNTABLE = (BadInput, LookupError, TypeError, ValueError, AttributeError, RuntimeError, OSError)
# In-plane pixels and slices of volumes whose size is drawn.
DRAWN_VOLUME = (16, 320, 320)


def waiting(study: Study) -> list[Job]:
    """Runs of the study that have not finished."""
    return [job for job in study.runs.values() if not job.files.record.exists()]


def forecast(study: Study, jobs: Sequence[Job] | None = None, known: CountedRuns | None = None) -> list[str]:
    """Sentences on what the runs `jobs` (None: all) of a study will cost; [] without runs. known: of `counted_runs`."""
    jobs = list(study.runs.values()) if jobs is None else list(jobs)
    if not jobs:
        return []
    found, left = known or counted_runs(study, jobs)
    counted = [one for one in found.values() if not isnan(one.operations)]
    total, seconds = sum(one.operations for one in counted), expected_seconds(study, jobs, found)
    cores = sum(each for each in seconds.values() if not isnan(each))
    lines = [
        f"{len(jobs)} runs, {total:.2g} operations, three forward passes for each image seen: "
        f"{_hours(total / CARD_RATE)} of a card at {CARD_RATE / 1e12:g} TFLOP/s (assumed), or "
        f"{_hours(cores)} of one core (each network as fast as in study quick, "
        f"{JOB_SECONDS} s for a run, {QUESTION_SECONDS} s for a question)",
        f"disk: about {_bytes(_disk(study, jobs, counted))}; {_memory(counted)}",
    ]
    return [*lines, *(f"not counted, {reason}: {number} runs" for reason, number in left.items())]


def expected_seconds(study: Study, jobs: Iterable[Job], counted: Mapping[str, Counted]) -> dict[str, float]:
    """Seconds of one core of each of the runs `jobs` and of each question, by its id; NaN: its data are not prepared.

    counted: of `counted_runs`. A run that nobody can count takes as long as the mean of the others.
    """
    found = {name: one.operations / _rate(one.name) + JOB_SECONDS for name, one in counted.items()}
    known = [seconds for seconds in found.values() if not isnan(seconds)]
    usual = sum(known) / len(known) if known else JOB_SECONDS
    asked = dict.fromkeys(study.questions, float(QUESTION_SECONDS))
    return {**asked, **{job.id: found.get(job.id, usual) for job in jobs}}


def _rate(entry: str) -> float:
    return CORE_RATES.get(entry) or CORE_RATES.get(entry.partition("/")[0], CORE_RATE)


def counted_runs(study: Study, jobs: Iterable[Job]) -> CountedRuns:
    """What of `jobs` can be counted, by id (NaN: the data are not prepared), and why the others cannot."""
    found, left = dict[str, Counted](), Counter[str]()
    for job in jobs:
        try:
            found[job.id] = count_run(study, job)
        except UNCOUNTABLE as error:
            left[f"{job.parameters.get('method')}/{job.parameters.get('variant')} ({_reason(error)})"] += 1
            continue
        if isnan(found[job.id].operations):
            left[f"{job.parameters['trained_on']} is not prepared yet"] += 1
    return found, left


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, BadInput) else "its notebook does not say enough"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.3g} hours" if seconds >= 3600 else f"{seconds / 60:.3g} minutes"


def _bytes(number: float) -> str:
    return f"{number / 1e9:.3g} GB" if number >= 1e9 else f"{number / 1e6:.3g} MB"


def _disk(study: Study, jobs: Sequence[Job], counted: Sequence[Counted]) -> float:
    """Bytes of data, weights, predictions and pages; data that nobody has counted yet are left out."""
    data = 0.0
    for name, options in study.data.items():
        count = _cases(study, name)
        grid = tuple(options.get("size") or DRAWN_VOLUME)
        data += FILM_PIXEL * prod(grid) * count if not isnan(count) else 0.0
    runs = sum(WEIGHT * one.params + PREDICTED_PIXEL * prod(one.shape[1:]) * one.predicted for one in counted)
    return data + runs + JOB_BYTES * (len(jobs) + len(study.questions))


def _cases(study: Study, name: str) -> float:
    try:
        return known_cases(study, name)[0]
    except UNCOUNTABLE:
        return float("nan")


@cache
def _step_bytes(batch: int, *built: Any) -> float:
    from spinelib.models.size import empty_network
    from spinelib.questions.complexity.memory import peak_bytes

    return peak_bytes(empty_network(*built), built[3], batch).training


def _memory(counted: Sequence[Counted]) -> str:
    """Peak of a training step: of the network and the pipeline that compute most, the one that holds more."""
    peaks = list(_peaks(counted))
    if not peaks:
        return "memory is not counted where nothing is trained"
    peak, words = max(peaks)
    return f"memory of a step: {_bytes(peak)} ({words}, float32; some half in bfloat16){_fit(peak)}"


def _fit(peak: float) -> str:
    """Whether a step of `peak` bytes fits into the memory that is here; empty where it does, or nobody can tell."""
    card = card_bytes()
    there = card or hardware()["memory_gib"] * 2**30
    if not there or peak <= there:
        return ""
    where = f"the smallest card here has {_bytes(card)}" if card else f"this machine has {_bytes(there)}, and no card"
    if peak / 2 <= there:
        return f"; {where}: it fits in bfloat16 at most"
    return f"; {where}: IT DOES NOT FIT, and such a run fails here for want of memory"


def _peaks(counted: Sequence[Counted]) -> Iterator[tuple[float, str]]:
    """Bytes of a step and whose it is; of a detector its backbone alone."""
    from spinelib.questions.complexity.memory import module_bytes

    most = sorted(counted, key=lambda one: one.operations)
    for one in [one for one in most if one.built][-1:]:
        yield _step_bytes(one.batch, *one.built), f"{one.name}, batch {one.batch}"
    for one in [one for one in most if one.stages][-1:]:
        for stage in one.stages:
            words = f"{one.name}, {stage.name}, batch {stage.batch}"
            yield module_bytes(stage.network, stage.shape, max(1, stage.batch)), words
