"""Begin a run in the third cell of a notebook, write its results, finish its record in the last cell."""

from __future__ import annotations

import gc
import os
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.files import digest, write_text
from spinelib.core.layout import RunFolder
from spinelib.core.live import begin_live, end_live
from spinelib.core.seals import FILES, marks_of
from spinelib.runs import lock, machine, own, state
from spinelib.runs.given_files import GIVEN, held_by
from spinelib.runs.parameters import FIRST_LINE, Parameter, assigned, check_parameters, declared

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

HERE = "this notebook"
BY_HAND = "by_hand"  # stands for the study of a notebook that no study runs
IDENTITY = ("study", "run", "trained_on", "method", "variant", "recipe", "width", "seed", "fold")
ORPHAN_SECONDS = 5.0  # a kernel whose papermill was killed needs up to a second to notice


@dataclass
class Run:
    """One execution of one notebook: its checked parameters and the folder that takes all it writes.

    trained: when, where and by which code the weights were trained, which may be earlier than this execution.
    """

    folder: Path
    parameters: dict[str, Any]
    seed: int
    device: str
    threads: int
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    facts: dict[str, Any] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    trained: dict[str, Any] = field(default_factory=dict)
    _made: dict[str, Path] = field(default_factory=dict)

    @property
    def files(self) -> RunFolder:
        """Paths of the files in the run's folder."""
        return RunFolder(self.folder)

    @property
    def identity(self) -> dict[str, Any]:
        """The identity columns of the case table that the parameters give."""
        usual = {"study": BY_HAND, "run": self.folder.name, "recipe": "common", "width": 1.0, "fold": 0}
        given = {key: value for key, value in self.parameters.items() if key in IDENTITY and value != ""}
        return {**usual, "seed": self.seed, **given}

    def manifest(self, name: str, **options: Any) -> Path:
        """Manifest of the data called `name`: prepared by the study, or here with `options` when run by hand.

        By hand the data are made once, in ``data/NAME`` beside this run's folder, from the dataset called
        `name` (or ``dataset=...``); asked again without options, it names what it made. Raises BadInput when the
        study has no such data.
        """
        if name in self._made and not options:
            return self._made[name]
        from spinelib.runs.data import content_of, prepare_once, prepared_manifest

        if self.parameters.get("data", ""):
            path = prepared_manifest(Path(self.parameters["data"]), name)
        else:
            path = prepare_once(self.files.data_by_hand(name).root, {"dataset": name, **options})
        self.facts.setdefault("manifests", {})[name] = digest(path)
        self.facts.setdefault("prepared", {})[name] = content_of(path)
        self._made[name] = path
        return path

    def note(self, **facts: Any) -> None:
        """Keep facts for the record: ``params``, ``flops``, ``data_digest``, ``split_digest`` and others."""
        self.facts.update(facts)

    def cases(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write ``cases.csv`` and return it, with the run's identity and the usual defaults filled in.

        That these cases were scored is noted for good (`spinelib.runs.scorings`).

        `rows` needs dataset, split, case, patient, view, structure, metric and value. Raises BadInput for
        rows that break the contract (unknown column or status, a row given twice, NaN that is not 'absent').
        """
        from spinelib.runs.scorings import note_scoring
        from spinelib.runs.tables import complete, write_cases

        path = self.files.cases
        table = complete(rows, self.identity, path)
        read = {name: facts["digest"] for name, facts in self.facts.get("data", {}).items()}
        note_scoring(self.folder, table, read)
        write_cases(table, path)
        return table

    def figure(self, figure: Figure, name: str, caption: str, pixels: bool | None = None) -> None:
        """Show a figure and keep it, with its caption, as ``figures/NAME.png``.

        The figures of a study's questions also appear on its index. `pixels` False says of a heat map of numbers that
        it shows no image and may be published (`save_figure`).
        """
        import matplotlib.pyplot as plt

        from spinelib.runs.figures import save_figure, show

        # Names that could not be drawn stand in the figure's label (`plots.names.readable`)
        caption = f"{caption} {figure.get_label()}".strip()
        png = save_figure(figure, self.files.figures, name, caption, pixels)
        plt.close(figure)
        show(png, caption)

    def answer(self, *sentences: str) -> None:
        """Show and keep what this notebook found, in plain words with its numbers; the index begins with these."""
        from IPython.display import Markdown, display

        self.answers.extend(sentences)
        display(Markdown("\n".join(f"- **{sentence}**" for sentence in sentences)))

    def finish(self, **facts: Any) -> None:
        """Write ``run.json``, the very last file, and let go of the folder; call it in the last cell.

        It holds digests of itself and of all results, by which damage and edits are noticed later. Commit, code and
        machine are those of this execution; those of the training stand apart, in "trained", and of every scoring so
        far, in "scorings": weights that are scored again keep the commit that made them.
        """
        from spinelib.runs.scorings import scorings_of

        end_live()
        self.note(**facts)
        ended = datetime.now(UTC)
        record = {
            "status": "finished",
            **{key: self.identity[key] for key in ("study", "run")},
            "parameters": self.parameters,
            "facts": self.facts,
            "answer": self.answers,
            **({"trained": self.trained} if self.trained else {}),
            **({"scorings": scored} if (scored := scorings_of(self.folder)) else {}),
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round((ended - self.started).total_seconds(), 2),
            "seed": self.seed,
            "device": self.device,
            "threads": self.threads,
            **machine.code(),
            **machine.peak_memory(),
            "hardware": machine.hardware(),
            "versions": machine.versions(),
            FILES: marks_of(self.folder, state.results_of(self.folder)),
        }
        write_text(self.files.record, state.as_text(record))
        lock.release(self.files.kernel_lock)


def begin(namespace: dict[str, Any]) -> Run:
    """Start the run of the notebook whose ``globals()`` are given, after its parameters cell has run.

    Checks every parameter's name and type against the parameters cell, seeds Python, numpy and (if the
    notebook has imported it or declares ``device``) torch, sets the thread count and locks the folder named
    by ``out``. A value injected under a parameter's former name is given to the parameter. Raises BadInput for a
    parameter that is unknown or of another type, and for a folder that is in use, cannot be written or holds files
    that no run made.
    """
    known, parameters = _resolve(namespace)
    if "out" not in known:
        raise BadInput(
            HERE, "declares no parameter 'out'", "Add 'out = \"../reports/by_hand/NAME\"' to its parameters."
        )
    folder = Path(parameters["out"])
    own.check_own(folder)
    lock.take(RunFolder(folder).kernel_lock, patience=ORPHAN_SECONDS)
    state.clear(folder)
    begin_live(RunFolder(folder).live)
    seed = int(parameters.get("seed", 0))
    threads = int(parameters.get("threads", 0)) or int(os.environ.get("OMP_NUM_THREADS", 0) or 0)
    device = _settle(seed, threads, parameters.get("device", ""))
    if not gc.isenabled():
        # The engine of the studies switches it off for the imports: a million objects that stay
        gc.freeze()
        gc.enable()
    run = Run(folder, parameters, seed, device, threads)
    if held := held_by(parameters, Path()):
        run.note(**{GIVEN: held})
    return run


def _resolve(namespace: dict[str, Any]) -> tuple[dict[str, Parameter], dict[str, Any]]:
    cells = [str(cell).lstrip() for cell in namespace.get("In", [])]
    declaring = [cell for cell in cells if cell.startswith(FIRST_LINE)]
    if not declaring:
        raise BadInput(HERE, "no parameters cell has run", f"Begin that cell with '{FIRST_LINE}' and run it first.")
    known = declared(declaring[-1], HERE)
    # papermill marks the cell it injects with a capital P
    for cell in cells[len(cells) - cells[::-1].index(declaring[-1]) :]:
        if cell.startswith(FIRST_LINE.replace("p", "P")):
            injected = assigned(cell)
            given = check_parameters(known, injected, HERE)
            namespace.update({name: given[name] for name in given.keys() - injected.keys()})
    missing = [name for name in known if name not in namespace]
    if missing:
        raise BadInput(HERE, f"parameter '{missing[0]}' has been deleted", closest(missing[0], namespace))
    return known, check_parameters(known, {name: namespace[name] for name in known}, HERE)


def _settle(seed: int, threads: int, device: str) -> str:
    """Seed every generator, set the threads and give the device's name ('cpu' where torch is not in use)."""
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % 2**32)
    if threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)
    if not device and "torch" not in sys.modules:
        return "cpu"
    import torch

    from spinelib.core.devices import pick_device

    torch.manual_seed(seed)
    if threads:
        torch.set_num_threads(threads)
    return str(pick_device(device or "auto"))
