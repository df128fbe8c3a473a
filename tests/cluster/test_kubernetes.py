"""The Kubernetes profile as far as it can be tried without a cluster: Snakemake, the Jobs, and a stand-in for kubectl.

Not tried: images, volumes, graphics cards, rights, and whether a real server takes the Jobs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from spinelib.study import kubernetes
from tests.study.test_driver import make, write_study

pytestmark = pytest.mark.cluster

HOME = Path(__file__).parents[2]
PLUGIN = "snakemake-executor-plugin-cluster-generic"
WORDS = ["--image", "box:1", "--claim", "films", "--threads", "2", "--memory", "4000", "--minutes", "90"]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """A folder with the executor's plugin, which the pinned versions leave out."""
    folder = tmp_path_factory.mktemp("plugin")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), PLUGIN]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"{PLUGIN} cannot be installed here")
    return folder


@pytest.fixture
def kubectl(tmp_path, monkeypatch):
    """Puts the stand-in first on the path; gives the folder where it keeps the Jobs."""
    jobs = tmp_path / "jobs"
    (tmp_path / "bin").mkdir()
    jobs.mkdir()
    program = tmp_path / "bin" / "kubectl"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {HOME}/tests/cluster/kubectl.py "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_JOBS", str(jobs))
    return jobs


@pytest.mark.slow
def test_a_study_runs_as_jobs_and_a_failed_one_is_tried_again(tmp_path, kubectl, plugin):
    root = make(tmp_path)
    write_study(root, methods=["unet", "bad"], questions=["90_compare"])
    profile = root / "kubernetes"
    profile.mkdir()
    given = (HOME / "profiles" / "kubernetes" / "config.yaml").read_text()
    assert "--mount /study" in given
    (profile / "config.yaml").write_text(given.replace("--mount /study", f"--mount {root}"))
    words = ["run", "tiny", "--data", "films", "--profile", str(profile), "--", "--seconds-between-status-checks", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(plugin)])}
    done = subprocess.run(
        [sys.executable, "-m", "spinelib.study", *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "failed: films-bad-full-s0-f0  AssertionError: this method is broken" in done.stdout, done
    assert "2 of 3 finished" in done.stdout
    assert len(pd.read_csv(root / "reports" / "tiny" / "cases.csv")) == 4
    jobs = [json.loads(path.read_text()) for path in sorted(kubectl.glob("*.json"))]
    limits = [job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] for job in jobs]
    # data, two runs, the broken one once more with twice the memory, the question
    assert [limit["memory"] for limit in limits] == ["4000M", "4000M", "4000M", "8000M", "4000M"]


def test_a_job_asks_for_what_the_rule_needs_on_the_volume_of_the_study(tmp_path, monkeypatch, kubectl, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.sh").write_text("exit 3\n")
    kubernetes.main(["submit", *WORDS, "--mount", str(tmp_path), "--gpu", "1", "job.sh"])
    name = capsys.readouterr().out.strip()
    (path,) = kubectl.glob("*.json")
    job = json.loads(path.read_text())
    assert name == f"default/{path.stem}"
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["activeDeadlineSeconds"] == 90 * 60
    pod = job["spec"]["template"]["spec"]
    (box,) = pod["containers"]
    # a card has to be a limit, and a request of the same size
    wanted = {"cpu": "2", "memory": "4000M", "nvidia.com/gpu": "1"}
    assert box["resources"] == {"limits": wanted, "requests": wanted}
    assert box["volumeMounts"] == [{"name": "study", "mountPath": str(tmp_path)}]
    assert pod["volumes"] == [{"name": "study", "persistentVolumeClaim": {"claimName": "films"}}]
    assert (box["workingDir"], box["command"]) == (str(tmp_path), ["/bin/sh", str(tmp_path / "job.sh")])
    assert pod["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    ("code", "word"), [("0", "success"), ("1", "failed"), (None, "running"), ("deleted", "failed")]
)
def test_what_became_of_a_job_is_one_word(kubectl, capsys, code, word):
    if code != "deleted":
        (kubectl / "one.json").write_text("{}")
    if code in ("0", "1"):
        (kubectl / "one.code").write_text(code)
    kubernetes.main(["status", "default/one"])
    assert capsys.readouterr().out.strip() == word


def test_what_stands_in_the_way_is_told(tmp_path, monkeypatch, kubectl):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="does not lie on the volume mounted at /elsewhere"):
        kubernetes.main(["submit", *WORDS, "--mount", "/elsewhere", "--gpu", "0", "job.sh"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="there is no kubectl here"):
        kubernetes.main(["status", "default/one"])
