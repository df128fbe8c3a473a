"""A trained pipeline read back from the folder of its run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.patches import Geometry
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage import load_stage
from spinelib.spinefm.walk import Rules

_REMEDY = "Name the folder of a finished run of SpineFM: it has stages/NAME with training.json and model.safetensors."


def load_pipeline(folder: Path | str, rules: Rules | None = None, checkpoint: str = "") -> SpineFM:
    """The pipeline whose stages lie in `folder`/stages, in eval mode on the CPU; it needs all four.

    checkpoint: the file with the frozen weights of SAM, for a segmenter that began from them. Raises BadInput for a
    missing or unfinished stage, a missing checkpoint and weights that do not fit.
    """
    records = {name: _record(Path(folder) / "stages" / name) for name in ("detector", "segmenter", "predictor", "ends")}
    geometry = _geometry(records["segmenter"])
    how = {name: dict(record["network"]) for name, record in records.items()}
    for name, given in (("segmenter", checkpoint), ("detector", "")):
        named = how[name].pop("checkpoint", "")
        # The detector's own weights hold all of it, wherever they began.
        if name == "segmenter" and bool(named) != bool(given):
            reason = f"its segmenter began from {named or 'nothing'}"
            raise BadInput(folder, reason, "Give that checkpoint, or none where there was none.")
    models: dict[str, Any] = {
        "detector": Detector(geometry, **how["detector"]),
        "segmenter": Segmenter(geometry, checkpoint=checkpoint, **how["segmenter"]),
        "predictor": PointPredictor(**how["predictor"]),
        "ends": EndClassifier(geometry, **how["ends"]),
    }
    for name, model in models.items():
        load_stage(model, Path(folder) / "stages" / name / "model.safetensors").eval()
    return SpineFM(**models, rules=rules or Rules())


def _geometry(record: Mapping[str, Any]) -> Geometry:
    parts = dict(record["geometry"])
    return Geometry(tuple(parts.pop("grid")), **parts)


def _record(folder: Path) -> Mapping[str, Any]:
    try:
        return json.loads((folder / "training.json").read_text(encoding="utf-8"))["identity"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(folder, "holds no finished stage", _REMEDY) from error
