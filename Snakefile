"""A study as a file DAG: data -> runs -> questions. `make study` calls this twice (see spinelib/study/driver.py).

A run's only declared output is run.json, which its notebook writes last: Snakemake deletes the declared outputs of a
job that fails, and the executed notebook, its page and its checkpoint are worth most just then.
"""

from pathlib import Path

from spinelib.core.layout import CONSOLE, DATA, MANIFEST, NOTEBOOK, QUESTIONS, RECORD, RUNS
from spinelib.runs import gpu
from spinelib.runs.cells import cells_digest
from spinelib.study import read_study
from spinelib.study.folders import unpacked
from spinelib.study.jobs import REPORTS
from spinelib.study.warm import client

FILE, SOURCE, SCALE = (unpacked(str(config.get(name) or "")) for name in ("study", "data", "scale"))
STUDY = read_study(FILE, SOURCE, SCALE)
ROOT = STUDY.folder.as_posix()
CARD = int(config["gpu"]) if "gpu" in config else int(bool(gpu.cards()))
EARLY = [job for job in STUDY.questions.values() if not job.needs_runs]
LATE = [job for job in STUDY.questions.values() if job.needs_runs]

# `python -m`, by a fork of the study's server where there is one.
CLIENT = client.__file__
STEP = "python -I -S {CLIENT:q}"
# The notebook's words go to console.txt; its page is written whether it finished or not.
EXECUTE = (
    "folder=$(dirname {output}); mkdir -p $folder; status=0; "
    f"OMP_NUM_THREADS={{threads}} {STEP} papermill {{input.notebook:q}} {{log}} --engine spinelib -k spinelib "
    f"--cwd {REPORTS} --no-progress-bar -y {{params.parameters:q}} > $folder/{CONSOLE} 2>&1 || status=$?; "
    f"{STEP} spinelib.report page $folder > /dev/null 2>> $folder/{CONSOLE} || true; exit $status"
)


def record(job):
    return job.files.record.as_posix()


def manifests(job):
    return [STUDY.files.data(name).manifest.as_posix() for name in job.data]


def earlier(job):
    return [record(STUDY.runs[job.earlier])] if job.earlier else []


def asked_of(job):
    """The runs that have finished, and the questions that must be answered first."""
    runs = [record(run) for run in STUDY.runs.values()] if job.needs_runs else []
    return [path for path in runs if Path(path).exists()] + [record(STUDY.questions[name]) for name in job.after]


wildcard_constraints:
    job="[a-z0-9_-]+",
    name="[a-z0-9_]+",


localrules:
    runs,
    questions,


rule runs:
    input:
        [record(job) for job in [*STUDY.runs.values(), *EARLY]],


rule questions:
    input:
        [record(job) for job in LATE],


rule data:
    output:
        f"{ROOT}/{DATA}/{{name}}/{MANIFEST}",
    log:
        f"{ROOT}/{DATA}/{{name}}/{CONSOLE}",
    params:
        options=lambda wildcards: STUDY.data[wildcards.name],
    resources:
        mem_mb=lambda wildcards, attempt: STUDY.memory_mb * attempt,
        runtime=STUDY.minutes,
    shell:
        "python -m spinelib.study prepare {FILE:q} {wildcards.name} --data={SOURCE:q} --scale={SCALE:q} > {log} 2>&1"


rule run:
    input:
        # A newer repository must not train everything again; the index flags what other code has made.
        notebook=lambda wildcards: ancient(STUDY.runs[wildcards.job].notebook.as_posix()),
        manifests=lambda wildcards: manifests(STUDY.runs[wildcards.job]),
        earlier=lambda wildcards: earlier(STUDY.runs[wildcards.job]),
    output:
        f"{ROOT}/{RUNS}/{{job}}/{RECORD}",
    log:
        f"{ROOT}/{RUNS}/{{job}}/{NOTEBOOK}",
    params:
        parameters=lambda wildcards: STUDY.runs[wildcards.job].arguments,
    threads: STUDY.threads
    resources:
        gpu=lambda wildcards: CARD * STUDY.runs[wildcards.job].needs_gpu,
        mem_mb=lambda wildcards, attempt: STUDY.memory_mb * attempt,
        runtime=STUDY.minutes,
    shell:
        EXECUTE


rule question:
    input:
        # Its time says nothing: JupyterLab saves by itself. What counts are its cells, below.
        notebook=lambda wildcards: ancient(STUDY.questions[wildcards.job].notebook.as_posix()),
        manifests=lambda wildcards: manifests(STUDY.questions[wildcards.job]),
        finished=lambda wildcards: asked_of(STUDY.questions[wildcards.job]),
    output:
        f"{ROOT}/{QUESTIONS}/{{job}}/{RECORD}",
    log:
        f"{ROOT}/{QUESTIONS}/{{job}}/{NOTEBOOK}",
    params:
        parameters=lambda wildcards: STUDY.questions[wildcards.job].arguments,
        cells=lambda wildcards: cells_digest(STUDY.questions[wildcards.job].notebook),
    threads: STUDY.threads
    resources:
        gpu=lambda wildcards: CARD * STUDY.questions[wildcards.job].needs_gpu,
        mem_mb=lambda wildcards, attempt: STUDY.memory_mb * attempt,
        runtime=STUDY.minutes,
    shell:
        EXECUTE
