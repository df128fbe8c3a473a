"""The network of a finished run as its evaluation had it: method, width, input grid, normalisation, precision, classes.

(C) The record of a run does not say how many channels and structures its network has. The structures are those of the
data it was trained on, where these still lie beside it, else those that its case table names; the channels are the
number with which its weights fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.cases.manifest import manifest_path, read_classes
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.models import METHODS, PIPELINES, build_model
from spinelib.protocol.building import method_of, options_of
from spinelib.protocol.recipes import input_grid, local_contrast
from spinelib.runs import Run
from spinelib.runs.state import RECORD, read_state

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = "model.safetensors"
# Rows of a case table that are no structure of the network: means, discs filled in, angles that it answers.
NO_CLASS = ("all", "vertebrae", "discs", "spine_column", "angles")


@dataclass(frozen=True)
class Trained:
    """The network of a run, in eval mode on its device.

    classes: names of the labels 1, 2, ...; channels: of the images, 1 (grey) or 3; digest: of weights and record, which
    tells one run's results from another's.
    """

    run: Run
    network: nn.Module
    classes: tuple[str, ...]
    channels: int
    digest: str

    @property
    def seen(self) -> tuple[int, ...]:
        """The network's input grid: rows and columns, slices before them."""
        return input_grid(self.run)

    @property
    def grid(self) -> tuple[int, ...]:
        """The evaluation grid of the run's study."""
        return tuple(self.run.parameters["grid"])

    @property
    def dims(self) -> int:
        """2 for films, 3 for volumes."""
        return len(self.grid)

    @property
    def options(self) -> dict[str, Any]:
        """How it predicts: `local` input channels and `precision`, as in training."""
        return {"local": local_contrast(self.run), "precision": self.run.facts.get("precision", "float32")}

    @property
    def name(self) -> str:
        """method/variant."""
        return "/".join(method_of(self.run))


def load_trained(folder: Path | str, device: str = "auto") -> Trained:
    """The network of the finished run in `folder`, to which nothing is written.

    Raises BadInput for any other folder, and for weights that do not fit.
    """
    from spinelib.core.devices import pick_device

    folder = Path(folder)
    record = _record(folder)
    place = pick_device(device)
    seed, threads = int(record.get("seed", 0)), int(record.get("threads", 0))
    run = Run(folder, record["parameters"], seed, str(place), threads, facts=record.get("facts", {}))
    network, channels, classes = _fitting(run)
    mark = digest(folder / RECORD, folder / WEIGHTS)
    return Trained(run, network.to(place).eval(), classes, channels, mark)


def _record(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise BadInput(folder, "is not the folder of a run", "Give reports/STUDY/runs/RUN.")
    state = read_state(folder)
    given = state.record.get("parameters", {})
    if state.status != "finished":
        raise BadInput(folder, f"holds no finished run (it is {state.status})", "Finish it, or choose another.")
    if given.get("method") not in {**METHODS, **PIPELINES} or not given.get("grid"):
        reason = f"is a run of {given.get('method', 'no method')}, which does not outline films or volumes"
        raise BadInput(folder, reason, f"Choose a run of {', '.join([*METHODS, *PIPELINES])}.")
    return state.record


def _fitting(run: Run) -> tuple[nn.Module, int, tuple[str, ...]]:
    """The first network that the run's weights fit, with its image channels and classes."""
    from spinelib.core.weights import load_weights
    from spinelib.prediction.normalisation import input_channels

    given = run.parameters
    if given["method"] in PIPELINES:
        from spinelib.spinefm.outline import load_outliner

        return load_outliner(run.folder, given), 1, ("spine",)
    wanted: BadInput | None = None
    for classes in _classes(run):
        for channels in (1, 3) if len(given["grid"]) == 2 else (1,):
            inputs = input_channels(channels, local_contrast(run))
            network = build_model(
                given["method"], given["variant"], inputs, len(classes), given["width"], **options_of(run)
            )
            try:
                return load_weights(network, run.folder / WEIGHTS), channels, classes
            except BadInput as error:
                wanted = wanted or error
    raise wanted or BadInput(run.folder, "does not say what it outlines", "Keep its study's data folder beside it.")


def _classes(run: Run) -> Iterator[tuple[str, ...]]:
    """What the network may outline, likeliest first."""
    name = run.parameters["trained_on"]
    for data in (run.folder.parent.parent / "data" / name, run.folder.parent / "data" / name):
        if manifest_path(data).exists():
            yield read_classes(data)
    table = run.folder / "cases.csv"
    if table.exists():
        import pandas as pd

        found = pd.read_csv(table, usecols=["structure"])["structure"].dropna().unique()
        yield tuple(str(x) for x in found if x not in NO_CLASS)
