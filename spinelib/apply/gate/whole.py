"""The gate of a network from nothing: pictures, rules, and the tables and figures that say what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from spinelib.apply.gate.figures import gate_figures
from spinelib.apply.gate.made import Amounts, made_pictures
from spinelib.apply.gate.making import make_gate
from spinelib.apply.gate.outcomes import kinds_table, risk_table, with_outcomes
from spinelib.apply.gate.real import real_pictures
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.trial import measure_pictures
from spinelib.core.errors import BadInput
from spinelib.core.files import replace, write_text
from spinelib.core.layout import GATE_KINDS, GATE_PICTURES, GATE_RISKS
from spinelib.measures.cobb.table import STRUCTURE

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Seeds of the digital patients that rules are fitted to and tried on: none that a network learned from.
SEEDS = {"fit": 2001, "test": 2002}


def make_and_try(predictor: Predictor, out: Path, share: float = 1.0, real: Path | None = None) -> str:
    """Make the gate of a network and write it beside its weights; tables and figures go to `out`.

    share: how much of the usual `Amounts` is made; real: a folder of real data it is tried on, once it stands. Gives
    the tables as text. Raises BadInput for a network that does not outline the spine on films.
    """
    if predictor.card.classes != (STRUCTURE,) or predictor.card.dims != 2:
        raise BadInput(predictor.folder, "does not outline the spine on films", "Give a network that does, as film.")
    amounts = Amounts().scaled(share)
    rows = {part: _measured(predictor, seed, amounts) for part, seed in SEEDS.items()}
    made = {"network": predictor.name, "seeds": SEEDS, "amounts": asdict(amounts)}
    try:
        gate = make_gate(rows["fit"], predictor.card.weights, made)
    except ValueError as error:
        raise BadInput(predictor.folder, f"reads too little to make a gate of ({error})", "Train it longer.") from error
    gate.write(predictor.folder)
    if real is not None:
        rows["real"] = measure_pictures(predictor, real_pictures(real))
    return write_outcomes(gate, rows, out)


def _measured(predictor: Predictor, seed: int, amounts: Amounts) -> pd.DataFrame:
    with TemporaryDirectory() as folder:
        return measure_pictures(predictor, made_pictures(Path(folder), seed, amounts))


def write_outcomes(gate: AnswerGate, rows: Mapping[str, pd.DataFrame], out: Path) -> str:
    """Write tables and figures of a gate on measured `rows` by part to `out`; gives the two short tables as text."""
    import matplotlib.pyplot as plt

    parts = {part: with_outcomes(gate, some) for part, some in rows.items()}
    kinds, risks = kinds_table(parts), risk_table(parts)
    every = pd.concat([some.assign(part=part) for part, some in parts.items()])
    for name, table in ((GATE_PICTURES, every), (GATE_KINDS, kinds), (GATE_RISKS, risks)):
        write_text(out / name, table.to_csv(index=False, float_format="%.4g"))
    for name, figure in gate_figures(parts, gate.within).items():
        with replace(out / f"{name}.png") as path:
            figure.savefig(path, dpi=120, bbox_inches="tight")
        plt.close(figure)
    shown = kinds[kinds["part"] != "fit"].round(3)
    return f"{shown.to_string(index=False)}\n\n{risks.round(3).to_string(index=False)}"
