"""A kernel that is a fork, too: a spare process, forked before papermill has any thread, that becomes the kernel."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
from dataclasses import asdict
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from spinelib.study.warm.start import OPTIONS
from spinelib.study.warm.step import ForkedStep, become, begin_own_life

NAME = "spinelib-warm"
BACKEND = "MPLBACKEND"
# ipykernel puts it into the environment, which matplotlib reads when it is loaded: in the server, earlier than that.
INLINE = "module://matplotlib_inline.backend_inline"
# Of a table, shown by pandas in a kernel; elsewhere, columns are as many as a terminal is wide
TABLES = {"display.max_columns": 20, "display.encoding": "UTF-8"}
# They show progress by widgets where they are loaded in a kernel; to be loaded there again
LOADED_AGAIN = ("tqdm.autonotebook", "tqdm.auto")


class SpareProcess:
    """A forked process that waits for a step and becomes it, or ends with this one; to be treated as a Popen."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        parent = os.getpid()
        reading, self._writing = os.pipe()
        self.pid = os.fork()
        self.returncode: int | None = None
        if not self.pid:
            os.close(self._writing)
            _wait_and_become(reading, parent)
        os.close(reading)

    def launch(self, step: ForkedStep) -> None:
        """Let it become this step."""
        with os.fdopen(self._writing, "w", encoding="utf-8") as pipe:
            json.dump(asdict(step), pipe)

    def drop(self) -> None:
        """Let it end: it is not needed."""
        os.close(self._writing)
        self.wait()

    def poll(self) -> int | None:
        """Its exit status, or minus the signal that ended it; None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int | None:
        """As `poll`, once it has ended. `timeout` is Popen's, which jupyter_client does not give."""
        return self._reap(0)

    def _reap(self, how: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _wait_and_become(reading: int, parent: int) -> None:
    """What the spare process does, from its first line to its end."""
    # As kernels have, so that Ctrl-C reaches papermill alone
    os.setsid()
    begin_own_life(parent)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        asked = pipe.read()
    if not asked:
        os._exit(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    step = ForkedStep(**json.loads(asked))
    _choose_as_in_a_kernel(step.environment)
    become(step)


def _choose_as_in_a_kernel(environment: dict[str, str]) -> None:
    """Settle what libraries decide when they are loaded by whether they are in a kernel; they were loaded in none."""
    if "matplotlib" in sys.modules and not environment.get(BACKEND):
        sys.modules["matplotlib"].rcParams["backend"] = INLINE
    if "pandas" in sys.modules:
        for name, value in TABLES.items():
            sys.modules["pandas"].set_option(name, value)
    for name in LOADED_AGAIN:
        sys.modules.pop(name, None)


class SpareProvisioner(LocalProvisioner):
    """Launches the first kernel in the spare process, and every other as always."""

    spare: ClassVar[SpareProcess | None] = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch the kernel's command; `kwargs` are Popen's, among them cwd and env."""
        words = kernel_words(cmd)
        if not words:
            self.drop_spare()
        spare, SpareProvisioner.spare = SpareProvisioner.spare, None
        if spare is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.cwd = kwargs.get("cwd") or os.getcwd()
        # By which a kernel sees that its papermill has ended; ipykernel reads it when it is loaded
        parent = str(os.getpid())
        environment = {**kwargs.get("env", os.environ), "JPY_PARENT_PID": parent}
        words.append(f"--IPKernelApp.parent_handle={parent}")
        spare.launch(ForkedStep(words, os.path.abspath(self.cwd), environment))
        self.process, self.pid, self.pgid = spare, spare.pid, spare.pid  # type: ignore[assignment]
        return self.connection_info

    @classmethod
    def drop_spare(cls) -> None:
        """Let the spare process end where none has become a kernel."""
        spare, cls.spare = cls.spare, None
        if spare is not None:
            spare.drop()


def kernel_words(command: list[str]) -> list[str]:
    """Module and words of a command that starts a kernel in this environment of Python; nothing for any other."""
    if "-m" not in command:
        return []
    where = command.index("-m")
    folders = [os.path.dirname(os.path.abspath(program)) for program in (command[0], sys.executable)]
    ours = command[1:where] == OPTIONS and all(map(os.path.isdir, folders)) and os.path.samefile(*folders)
    return command[where + 1 :] if ours else []


def provide_spare() -> None:
    """Fork the spare process, and have jupyter_client use it in this process."""
    SpareProvisioner.spare = SpareProcess()
    atexit.register(SpareProvisioner.drop_spare)
    factory = KernelProvisionerFactory.instance()
    value = f"{SpareProvisioner.__module__}:{SpareProvisioner.__qualname__}"
    factory.provisioners[NAME] = EntryPoint(NAME, value, KernelProvisionerFactory.GROUP_NAME)
    factory.default_provisioner_name = NAME
