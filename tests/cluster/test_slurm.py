"""Studies sent to a real SLURM on loopback by the profile as it is, undisturbed and with a job killed in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from spinelib.core.layout import KERNEL_LOCK
from spinelib.runs import lock
from tests.cluster.slurm import missing
from tests.study.test_driver import make, wait_for, write_study

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]

HOME = Path(__file__).parents[2]
# The profile's pause before the first look is for real clusters; these jobs end in seconds.
SOON = ("--slurm-init-seconds-before-status-checks", "1")
FIRST, SECOND = "films-unet-full-s0-f0", "films-unet-full-s1-f0"
VALUES = [0.5, 0.51, 0.52, 0.53, 0.6, 0.61, 0.62, 0.63]


@pytest.fixture
def begin(slurm):
    """A function that starts a study in a folder on the cluster; whatever it started ends with the test."""
    started = []

    def start(folder, name, *more):
        words = [sys.executable, "-m", "spinelib", "study", "run", name, "--data", "films", "--profile", "slurm"]
        given = {"cwd": folder, "env": slurm.environment, "start_new_session": True}
        with (folder / "said.txt").open("w") as out:
            started.append(subprocess.Popen([*words, "--", *SOON, *more], stdout=out, stderr=out, **given))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def end(process, folder):
    """Its exit status and all it said."""
    code = process.wait(timeout=900)
    return code, (folder / "said.txt").read_text()


def jobs(slurm, folder):
    """State and rule of each job that ran in `folder`, in the order they were submitted."""
    return [(job.state, job.rule) for job in slurm.jobs() if job.facts["WorkDir"] == str(folder)]


def of_smoke(folder):
    """The smoke study's data of films with one of its trainings and the question who is best."""
    for name in ("notebooks", "studies"):
        shutil.copytree(HOME / name, folder / name)
    file = folder / "studies" / "smoke.yaml"
    study = yaml.safe_load(file.read_text())
    study["data"] = {"phantom": study["data"]["phantom"]}
    study["runs"] = [run for run in study["runs"] if run["method"] == "unet"]
    study["questions"] = ["90_compare"]
    del study["comparisons"]
    file.write_text(yaml.safe_dump(study))
    return folder


def test_every_step_of_a_study_is_a_job_of_the_cluster(slurm, begin, tmp_path):
    process = begin(of_smoke(tmp_path), "smoke")
    code, said = end(process, tmp_path)
    assert code == 0, said + slurm.logs()
    assert "2 of 2 finished" in said
    run = "phantom-unet-full-w0p0625-s0-f0"
    done = ["rule_data_wildcards_phantom", f"rule_run_wildcards_{run}", "rule_question_wildcards_90_compare"]
    assert jobs(slurm, tmp_path) == [("COMPLETED", rule) for rule in done]
    # a training asks the scheduler for one card, data and questions for none
    cards = [job.facts.get("TresPerJob") for job in slurm.jobs() if job.facts["WorkDir"] == str(tmp_path)]
    assert cards == [None, "gres:gpu:1", None]
    record = json.loads((tmp_path / "reports" / "smoke" / "runs" / run / "run.json").read_text())
    assert record["status"] == "finished"
    assert "unet" in (tmp_path / "reports" / "smoke" / "summary.csv").read_text()


@pytest.fixture
def two_runs(tmp_path):
    """A study of two runs, the second of which waits in its middle for as long as there is a file ``wait``."""
    root = make(tmp_path)
    write_study(root, seeds=(0, 1), methods=["unet"], questions=["90_compare"])
    (root / "wait").touch()
    return root


def middle(slurm, root, process):
    """Wait until the first run has finished and the second stands in its middle; gives the second's job."""
    runs = root / "reports" / "tiny" / "runs"
    wait_for(lambda: (runs / FIRST / "run.json").exists() and lock.is_held(runs / SECOND / KERNEL_LOCK), process)
    here = [job for job in slurm.jobs() if job.facts["WorkDir"] == str(root)]
    (job,) = [job for job in here if job.rule.endswith(SECOND)]
    assert job.state == "RUNNING"
    return job


def values(root):
    return list(pd.read_csv(root / "reports" / "tiny" / "cases.csv")["value"].round(6))


def test_a_job_killed_in_the_middle_is_tried_again(slurm, begin, two_runs):
    process = begin(two_runs, "tiny")
    job = middle(slurm, two_runs, process)
    os.kill(kernel(job), signal.SIGKILL)
    (two_runs / "wait").unlink()
    code, said = end(process, two_runs)
    assert code == 0, said + slurm.logs()
    assert "3 of 3 finished" in said
    told = [state for state, rule in jobs(slurm, two_runs) if rule.endswith(SECOND)]
    assert told == ["FAILED", "COMPLETED"]
    assert values(two_runs) == VALUES


def kernel(job):
    """The process of the notebook that runs inside a job."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts, words = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"SLURM_JOB_ID={job.id}".encode() in facts.split(b"\0") and b"ipykernel_launcher" in words:
            return int(folder.name)
    raise AssertionError(f"job {job.id} runs no notebook")


def test_a_cancelled_job_costs_only_its_run_and_the_next_call_ends_it(slurm, begin, two_runs):
    process = begin(two_runs, "tiny", "--retries", "0")
    job = middle(slurm, two_runs, process)
    subprocess.run(["scancel", job.id], env=slurm.environment, check=True)
    code, said = end(process, two_runs)
    assert code == 1, said + slurm.logs()
    assert f"{SECOND}  SLURM-job '{job.id}' failed, SLURM status is: 'CANCELLED'" in said
    assert "2 of 3 finished" in said
    assert values(two_runs) == VALUES[:4]
    first = (two_runs / "reports" / "tiny" / "runs" / FIRST / "run.json").stat().st_mtime_ns

    (two_runs / "wait").unlink()
    code, said = end(begin(two_runs, "tiny"), two_runs)
    assert code == 0, said + slurm.logs()
    assert "3 of 3 finished" in said
    assert values(two_runs) == VALUES
    assert (two_runs / "reports" / "tiny" / "runs" / FIRST / "run.json").stat().st_mtime_ns == first


def test_a_job_that_the_cluster_refuses_is_told_with_its_words(slurm, begin, two_runs):
    code, said = end(begin(two_runs, "tiny", "--default-resources", "slurm_partition=nowhere"), two_runs)
    assert code == 1
    assert "failed: data 'films'  not prepared yet  SLURM sbatch failed." in said
    assert "invalid partition specified: nowhere" in said
    assert jobs(slurm, two_runs) == []
