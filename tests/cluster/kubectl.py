"""A stand-in for kubectl: keeps each Job's manifest, runs its command on this machine and tells how it ended."""

import json
import os
import subprocess
import sys
from pathlib import Path

JOBS = Path(os.environ["STAND_IN_JOBS"])


def create():
    job = json.load(sys.stdin)
    name = f"{job['metadata']['generateName']}{len(list(JOBS.glob('*.json')))}"
    job["metadata"]["name"] = name
    (JOBS / f"{name}.json").write_text(json.dumps(job))
    (box,) = job["spec"]["template"]["spec"]["containers"]
    command = ["/bin/sh", "-c", f'"$@"; echo $? > {JOBS / name}.code', "sh", *box["command"]]
    with (JOBS / f"{name}.log").open("w") as log:
        subprocess.Popen(command, cwd=box["workingDir"], stdout=log, stderr=log, start_new_session=True)
    print(json.dumps(job))


def get(name):
    code = JOBS / f"{name}.code"
    if (JOBS / f"{name}.json").exists():
        ended = code.read_text().strip() if code.exists() else ""
        print(json.dumps({"status": {"succeeded" if ended == "0" else "failed": 1} if ended else {"active": 1}}))


if __name__ == "__main__":
    create() if sys.argv[1] == "create" else get(sys.argv[3])
