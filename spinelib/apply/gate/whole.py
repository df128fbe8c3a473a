"""The gate of a network from nothing: pictures, rules, and the tables and figures that say what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from spinelib.apply.gate.answers import FILM_ANSWER, SIDE_ANSWER, VOLUME_ANSWER, AnswerType, answer_type
from spinelib.apply.gate.figures import gate_figures
from spinelib.apply.gate.made import Amounts, MadePicture, made_pictures
from spinelib.apply.gate.made_sides import made_sides
from spinelib.apply.gate.made_volumes import made_volumes
from spinelib.apply.gate.making import make_gate
from spinelib.apply.gate.outcomes import kinds_table, risk_table, with_outcomes
from spinelib.apply.gate.real import real_pictures
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.trial import measure_pictures
from spinelib.core.errors import BadInput
from spinelib.core.files import replace, write_text
from spinelib.core.layout import GATE_KINDS, GATE_PICTURES, GATE_RISKS

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Seeds of the digital patients that rules are fitted to and tried on: none that a network learned from.
SEEDS = {"fit": 2001, "test": 2002}
# What the gate of each type of answers is made from, and how much of it.
MADE: dict[str, tuple[Callable[[Path, int, Amounts], Iterator[MadePicture]], Amounts]] = {
    FILM_ANSWER.name: (made_pictures, Amounts()),
    SIDE_ANSWER.name: (made_sides, Amounts(films=70, corrupted=1, each=4, others=12, volumes=1)),
    VOLUME_ANSWER.name: (made_volumes, Amounts(films=24, corrupted=1, each=2, others=0, volumes=0)),
}


def make_and_try(predictor: Predictor, out: Path, share: float = 1.0, real: Path | None = None) -> str:
    """Make the gate of a network and write it beside its weights; tables and figures go to `out`.

    share: how much of the usual amounts (MADE) is made; real: a folder of real data it is tried on, of which those with
    a label calibrate its confidence (`make_gate`).
    Gives the tables as text. Raises BadInput for a network whose answers no gate judges.
    """
    answers = answer_type(predictor.card)
    if answers is None:
        remedy = "Give one that does, as film, lateral or mr."
        raise BadInput(predictor.folder, "does not outline the spine as a released network does", remedy)
    amounts = MADE[answers.name][1].scaled(share)
    rows = {part: _measured(answers, predictor, seed, amounts) for part, seed in SEEDS.items()}
    if real is not None:
        rows["real"] = measure_pictures(predictor, real_pictures(real, answers.name))
    made = {"network": predictor.name, "seeds": SEEDS, "amounts": asdict(amounts)}
    try:
        gate = make_gate(answers, rows["fit"], predictor.card.weights, made, rows.get("real"))
    except ValueError as error:
        remedy = "Train it longer, or make more pictures (--share)."
        raise BadInput(predictor.folder, f"has answers that no gate can be made of ({error})", remedy) from error
    gate.write(predictor.folder)
    return write_outcomes(answers, gate, rows, out)


def _measured(answers: AnswerType, predictor: Predictor, seed: int, amounts: Amounts) -> pd.DataFrame:
    with TemporaryDirectory() as folder:
        return measure_pictures(predictor, MADE[answers.name][0](Path(folder), seed, amounts))


def write_outcomes(answers: AnswerType, gate: AnswerGate, rows: Mapping[str, pd.DataFrame], out: Path) -> str:
    """Write tables and figures of a gate on measured `rows` by part to `out`; gives the two short tables as text."""
    import matplotlib.pyplot as plt

    parts = {part: with_outcomes(gate, some) for part, some in rows.items()}
    kinds, risks = kinds_table(answers, parts), risk_table(answers, parts)
    every = pd.concat([some.assign(part=part) for part, some in parts.items()])
    for name, table in ((GATE_PICTURES, every), (GATE_KINDS, kinds), (GATE_RISKS, risks)):
        write_text(out / name, table.to_csv(index=False, float_format="%.4g"))
    for name, figure in gate_figures(answers, parts).items():
        with replace(out / f"{name}.png") as path:
            figure.savefig(path, dpi=120, bbox_inches="tight")
        plt.close(figure)
    shown = kinds[kinds["part"] != "fit"].round(3)
    return f"{shown.to_string(index=False)}\n\n{risks.round(3).to_string(index=False)}"
