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

from tests.cluster.stand_in import put
from tests.study.test_driver import make, write_study

pytestmark = pytest.mark.cluster

HOME = Path(__file__).parents[2]
PLUGIN = "snakemake-executor-plugin-cluster-generic"


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
    """The folder where the stand-in keeps the Jobs."""
    return put(tmp_path, monkeypatch)


def test_every_rule_asks_for_more_memory_when_it_is_tried_again():
    rules = (HOME / "Snakefile").read_text().split("\nrule ")[1:]
    asked = {rule.partition(":")[0]: rule.partition("mem_mb=")[2].partition("\n")[0] for rule in rules}
    assert {"data", "run", "question"} <= asked.keys()
    assert all("STUDY.memory_mb * attempt" in words for words in asked.values() if words), asked


@pytest.mark.slow
def test_a_study_runs_as_jobs_and_a_failed_one_is_tried_again(tmp_path, kubectl, plugin):
    root = make(tmp_path)
    write_study(root, methods=["unet", "fcn8s"], questions=["90_compare"])
    profile = root / "kubernetes"
    profile.mkdir()
    given = (HOME / "profiles" / "kubernetes" / "config.yaml").read_text()
    assert "--mount /study" in given
    (profile / "config.yaml").write_text(given.replace("--mount /study", f"--mount {root}"))
    words = ["run", "tiny", "--data", "films", "--profile", str(profile), "--", "--seconds-between-status-checks", "1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(plugin)])}
    done = subprocess.run(
        [sys.executable, "-m", "spinelib", "study", *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "failed: films-fcn8s-full-s0-f0  AssertionError: this method is broken" in done.stdout, done
    assert "2 of 3 finished" in done.stdout
    assert len(pd.read_csv(root / "reports" / "tiny" / "cases.csv")) == 4
    jobs = [json.loads(path.read_text()) for path in sorted(kubectl.glob("*.json"))]
    limits = [job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] for job in jobs]
    # data, two runs, the broken one once more with twice the memory, the question
    assert [limit["memory"] for limit in limits] == ["4000M", "4000M", "4000M", "8000M", "4000M"]
