"""A SLURM cluster of one node on loopback, for as long as a test lasts: munged, slurmctld, slurmd.

Everything it writes lies in one temporary folder and everything it starts is ended with it, so that it stands beside
any other cluster of the machine. No control groups and no accounting, which a container has not; the graphics card is
a dummy (/dev/null), so that the profile's request for one card per training is granted, one training at a time.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
# Debian keeps the daemons where only root's path leads.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
NODE = "spine"
MEMORY_MB = 64000

SETTINGS = """\
ClusterName={cluster}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
ReturnToService=2
MinJobAge=3600
KillWait=5
MailProg={mail}
NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={node_port} CPUs=2 RealMemory={memory} Gres=gpu:1
PartitionName=debug Nodes={node} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """Why no cluster can be started here, '' when one can."""
    absent = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    return f"SLURM is not installed (no {', '.join(absent)}): apt-get install slurm-wlm munge" if absent else ""


@dataclass(frozen=True)
class Job:
    """One job as `scontrol show job` tells it."""

    facts: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.facts["JobId"]

    @property
    def state(self) -> str:
        return self.facts["JobState"]

    @property
    def rule(self) -> str:
        """What Snakemake wrote about it: rule and wildcards."""
        return self.facts.get("Comment", "")


class Cluster:
    """A running cluster: `environment` leads every SLURM command to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = os.pathsep.join([str(folder / "bin"), PATH])
        self.environment = {**os.environ, "PATH": path, "SLURM_CONF": str(folder / "slurm.conf")}

    def ask(self, *words: str) -> str:
        """What a SLURM command answers; '' when it fails."""
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout if done.returncode == 0 else ""

    def jobs(self) -> list[Job]:
        """Every job the controller remembers, oldest first."""
        lines = self.ask("scontrol", "--oneliner", "show", "job").splitlines()
        pairs = [[word.partition("=") for word in line.split()] for line in lines if line.startswith("JobId=")]
        return [Job({name: value for name, _, value in line}) for line in pairs]

    def logs(self) -> str:
        """The last words of every daemon, for a test that fails."""
        paths = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in paths)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a cluster, wait until its node is idle, and end it whatever happens."""
    with ExitStack() as stack:
        # not pytest's folder: a socket's path may have 107 letters at most
        folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Cluster(folder)
        _configure(folder)
        key = folder / "munge.key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        # --force: the folder is closed to other users, and that is meant
        munged = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket", f"--key-file={key}"]
        munged += [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "log", "seed")]
        _start(stack, made, munged)
        _wait(made, "munged", lambda: (folder / "munge.socket").exists())
        _start(stack, made, ["slurmctld", "-D", "-c"])
        _start(stack, made, ["slurmd", "-D", "-N", NODE])
        stack.callback(_end_jobs, made)
        _wait(made, "the node", lambda: made.ask("sinfo", "--noheader", "-o", "%T").strip() == "idle")
        yield made


def _configure(folder: Path) -> None:
    """Write slurm.conf and gres.conf, with ports that are free now and a name of its own."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    with socket.socket() as one, socket.socket() as two:
        for probe in (one, two):
            probe.bind(("127.0.0.1", 0))
        ports = {"control_port": one.getsockname()[1], "node_port": two.getsockname()[1]}
    host = socket.gethostname().partition(".")[0]
    facts = {"folder": folder, "user": getpass.getuser(), "host": host, "node": NODE, "memory": MEMORY_MB}
    name = folder.name.replace("-", "").replace("_", "")
    (folder / "slurm.conf").write_text(SETTINGS.format(cluster=name, mail=shutil.which("true"), **ports, **facts))
    _write_srun(folder)
    (folder / "gres.conf").write_text(f"NodeName={NODE} Name=gpu File=/dev/null\n")


def _write_srun(folder: Path) -> None:
    """An `srun` that knows its cluster: Snakemake drops SLURM_CONF before it calls one inside a job.

    On a real cluster slurm.conf lies where srun looks by itself; a test has no business there.
    """
    (folder / "bin").mkdir()
    script = folder / "bin" / "srun"
    real = shutil.which("srun", path=PATH)
    script.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n')
    script.chmod(0o755)


def _start(stack: ExitStack, made: Cluster, command: list[str]) -> None:
    with (made.folder / f"{command[0]}.out.log").open("w") as out:
        process = subprocess.Popen(command, env=made.environment, stdout=out, stderr=out, start_new_session=True)
    stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_jobs(made: Cluster) -> None:
    """Jobs outlive the daemon that started them: end them first."""
    made.ask("scancel", "--full", "--signal=KILL", f"--user={getpass.getuser()}")
    made.ask("scancel", f"--user={getpass.getuser()}")
    end = time.monotonic() + 20
    while made.ask("squeue", "--noheader") and time.monotonic() < end:
        time.sleep(0.2)


def _wait(made: Cluster, what: str, ready: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} is not ready after {seconds:.0f} s\n{made.logs()}")
        time.sleep(0.2)
