"""The papermill engine of the studies: ``papermill IN OUT --engine spinelib``.

It differs from papermill's own in six ways: parameters are checked before a kernel starts; the kernel talks
over local sockets instead of TCP ports (ports collide when many start at once) and is given a second chance
to start; one graphics card is leased per run; a run that fails leaves ``failure.json`` beside its
notebook, telling a kernel that was killed from an error of the notebook; a kernel ends with the process that
started it, however that ends; and no time goes into collecting the garbage of a kernel's imports, or into taking a
kernel apart that has done its work.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets.config import Config
from zmq import ZMQError

from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.runs import gpu, lock, own, state
from spinelib.runs.kernel_place import kernel_place
from spinelib.runs.parameters import check_parameters, declared

KILLED = "The kernel was killed (out of memory?)"
UNFINISHED = "The notebook ended without run.finish()"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# `runs.begin` switches it on again, the imports left out of it.
NO_COLLECTION = "import gc; gc.disable(); del gc"
# Linux ends a kernel with its engine (PR_SET_PDEATHSIG, SIGKILL). The thread of ipykernel that looks after that is no
# help where memory is so short that threads fail.
NO_ORPHAN = ["if __import__('ctypes').CDLL(None).prctl(1, 9): pass"] if sys.platform == "linux" else []
FIRST_LINES = f"--IPKernelApp.exec_lines={json.dumps([NO_COLLECTION, *NO_ORPHAN])}"


class StudyEngine(NBClientEngine):
    """Runs one notebook strictly, and records how it failed if it fails."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, *words: Any, **options: Any) -> NotebookNode:
        """Check, lock, lease a card, run; raises BadInput for bad parameters, a folder in use or of somebody else."""
        started = datetime.now(UTC)
        parameters, folder, device = _resolve(nb, options.get("input_path") or "notebook")
        files = RunFolder(folder)
        own.check_own(folder)
        lock.take(files.engine_lock)
        files.record.unlink(missing_ok=True)
        files.failure.unlink(missing_ok=True)
        error, killed = state.INTERRUPTED, False
        try:
            with gpu.lease(device):
                nb = super().execute_notebook(nb, kernel_name, *words, **options)
            unfinished = "" if files.record.exists() else UNFINISHED
            error = _last_error(nb) or unfinished
        except DeadKernelError:
            error, killed = KILLED, True
            raise
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
            raise
        finally:
            if error:
                state.write_failure(folder, started, error, killed, parameters)
            lock.release(files.engine_lock)
        return nb

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        """Run over local sockets; start once more, over ports, if the first kernel dies before its first cell."""
        for last in (False, True):
            try:
                with kernel_place(local=not last) as manager:
                    config = Config({"KernelManager": manager, "AsyncKernelManager": manager})
                    how = {"config": config, "extra_arguments": [FIRST_LINES], "shutdown_kernel": "immediate"}
                    super().execute_managed_notebook(nb_man, kernel_name, **how, **options)
                return
            except NoSuchKernel as error:
                remedy = "Install it: python -m ipykernel install --sys-prefix --name spinelib"
                raise BadInput(f"kernel '{kernel_name}'", "is not installed", remedy) from error
            except (RuntimeError, ZMQError, OSError) as error:
                if any(cell.metadata.papermill["status"] != nb_man.PENDING for cell in nb_man.nb.cells):
                    raise
                if last:
                    remedy = "Look for its own message above; 'python -m ipykernel' tries it by hand."
                    raise BadInput(f"kernel '{kernel_name}'", f"does not start ({error})", remedy) from error


def _resolve(nb: NotebookNode, file: str) -> tuple[dict[str, Any], Path, bool]:
    """Checked parameters of a notebook about to run, the run's folder, and whether it may use a card."""
    tagged = [cell.source for cell in nb.cells if "parameters" in cell.metadata.get("tags", [])]
    known = declared(tagged[0], file) if tagged else {}
    given = check_parameters(known, nb.metadata.papermill.get("parameters", {}), file)
    parameters = {name: item.default for name, item in known.items()} | given
    if "out" not in parameters:
        raise BadInput(
            file, "declares no parameter 'out'", "Add 'out = \"../reports/by_hand/NAME\"' to its parameters."
        )
    return parameters, Path(parameters["out"]), parameters.get("device", "cpu") != "cpu"


def _last_error(nb: NotebookNode) -> str:
    """Last line of the error that stopped the notebook; '' if none did."""
    for cell in reversed(nb.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                line = f"{output.ename}: {output.evalue}".strip().splitlines()[-1]
                return COLOUR.sub("", line if line.startswith(output.ename) else f"{output.ename}: {line}")
    return ""
