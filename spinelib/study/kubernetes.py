"""Snakemake's jobs as Kubernetes Jobs on a shared volume: ``python -m spinelib.study.kubernetes submit|status``.

The profile `kubernetes` calls this through Snakemake's executor `cluster-generic`. Snakemake's own executor for
Kubernetes assumes that nothing is shared and carries a rule's declared outputs through a storage provider; a run here
declares only its record (see the Snakefile), so that its notebook, figures and weights would be lost. Hence one volume,
mounted in every pod at the place where this process sees it, like the file system of a SLURM cluster.

Stated by Kubernetes: a card is a limit, never a request alone. Chosen here: one pod per job, never restarted by
Kubernetes (Snakemake's `retries` counts), and forgotten a day after its end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from spinelib.core.command_line import OneLineParser

DAY = 86400
LABEL = "spinelib"


def manifest(given: argparse.Namespace, script: Path) -> dict[str, Any]:
    """The Job that runs `script` in the current folder; memory in MB, time in minutes."""
    limits: dict[str, str] = {"cpu": str(given.threads), "memory": f"{given.memory}M"}
    if given.gpu:
        limits["nvidia.com/gpu"] = str(given.gpu)
    container = {
        "name": "job",
        "image": given.image,
        "command": ["/bin/sh", str(script.resolve())],
        "workingDir": str(Path.cwd()),
        "resources": {"requests": limits, "limits": limits},
        "volumeMounts": [{"name": "study", "mountPath": given.mount}],
    }
    volume = {"name": "study", "persistentVolumeClaim": {"claimName": given.claim}}
    pod = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": "spinelib-", "namespace": given.namespace, "labels": {"app": LABEL}},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": given.minutes * 60,
            "ttlSecondsAfterFinished": DAY,
            "template": {"metadata": {"labels": {"app": LABEL}}, "spec": pod},
        },
    }


def submit(given: argparse.Namespace) -> str:
    """Create the Job; gives NAMESPACE/NAME, by which Snakemake asks for it."""
    if not Path.cwd().is_relative_to(given.mount):
        sys.exit(f"error: {Path.cwd()} does not lie on the volume mounted at {given.mount}. Run make study from there.")
    made = _kubectl("create", "--filename", "-", "--output", "json", text=json.dumps(manifest(given, given.script)))
    return f"{given.namespace}/{json.loads(made)['metadata']['name']}"


def status(given: argparse.Namespace) -> str:
    """Words of Snakemake: running, success or failed; a Job that somebody deleted has failed."""
    namespace, _, name = given.job.partition("/")
    found = _kubectl("get", "job", name, "--namespace", namespace, "--ignore-not-found", "--output", "json")
    state = json.loads(found)["status"] if found.strip() else {"failed": 1}
    if state.get("succeeded"):
        return "success"
    return "failed" if state.get("failed") else "running"


def _kubectl(*words: str, text: str | None = None) -> str:
    try:
        return subprocess.run(["kubectl", *words], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    except FileNotFoundError:
        sys.exit("error: there is no kubectl here. Install it and name your cluster in its configuration.")


def main(words: list[str] | None = None) -> None:
    """Do what Snakemake asks and print the one line that it reads."""
    parser = OneLineParser(prog="python -m spinelib.study.kubernetes", description=__doc__)
    commands = parser.add_subparsers(required=True)
    new = commands.add_parser("submit", help="create the Job of a job script")
    new.set_defaults(call=submit)
    for name in ("image", "claim", "mount"):
        new.add_argument(f"--{name}", required=True)
    new.add_argument("--namespace", default="default")
    for name in ("threads", "memory", "minutes", "gpu"):
        new.add_argument(f"--{name}", type=int, required=True)
    new.add_argument("script", type=Path)
    old = commands.add_parser("status", help="what became of a Job")
    old.set_defaults(call=status)
    old.add_argument("job", help="NAMESPACE/NAME")
    given = parser.parse_args(words)
    print(given.call(given))


if __name__ == "__main__":
    main()
