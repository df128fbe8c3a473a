"""The gate of a network: two rules and their thresholds, kept as plain numbers beside its weights."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinelib.apply.gate.rule import Rule
from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import GATE
from spinelib.core.seals import OWN, sealed, unbroken

OK, DOUBTFUL, REFUSED = "ok", "doubtful", "refused"
REMEDY = "Make it anew (python -m spinelib.apply.gate FOLDER), or copy it again."


@dataclass(frozen=True)
class AnswerGate:
    """What decides whether a network's answer is given.

    readable: the rule for the probability that the picture is one that the network can read; sure: that for the
    probability that its answer is right, with an error of at most `within` (`AnswerType`). refuse, doubt: probabilities
    of `readable` below which an answer is refused, or doubtful; unsure: confidence below which it is doubtful.
    weights: digest of the network's. made: what it was made from, and what was measured then.
    """

    readable: Rule
    sure: Rule
    refuse: float
    doubt: float
    unsure: float
    within: float
    weights: str
    made: Mapping[str, Any] = field(default_factory=dict)

    def status(self, readable: float, sure: float) -> str:
        """What becomes of an answer with these two probabilities: one of OK, DOUBTFUL and REFUSED."""
        if readable < self.refuse:
            return REFUSED
        return DOUBTFUL if readable < self.doubt or sure < self.unsure else OK

    def write(self, folder: Path) -> None:
        """Write it beside the weights in `folder`, sealed."""
        rules = {"readable": self.readable.record(), "sure": self.sure.record()}
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        record = {**rules, **numbers, "weights": self.weights, "made": dict(self.made)}
        # A seal is of the values as they are read back.
        record = json.loads(json.dumps(record))
        write_text(folder / GATE, json.dumps(sealed(record), indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path, weights: str, signs: Collection[str]) -> AnswerGate | None:
        """The gate in the folder of a network whose weights have this digest; None without one.

        signs: those that are measured of its answers. Raises BadInput for a file that is damaged, was edited, or was
        made for other weights or by other signs.
        """
        path = folder / GATE
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if OWN not in record or not unbroken(record):
                raise BadInput(path, "is damaged, or was edited", REMEDY)
            readable, sure = (Rule.of(record[name]) for name in ("readable", "sure"))
            refuse, doubt, unsure, within = (float(record[name]) for name in _NUMBERS)
            weights_then, made = str(record["weights"]), dict(record["made"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(path, f"is no gate of a network ({error})", REMEDY) from error
        gate = cls(readable, sure, refuse, doubt, unsure, within, weights_then, made)
        if gate.weights != weights:
            raise BadInput(path, "was made for other weights than those beside it", REMEDY)
        if {*gate.readable.names, *gate.sure.names} - set(signs):
            raise BadInput(path, "was made by another version of this project", REMEDY)
        return gate


_NUMBERS = ("refuse", "doubt", "unsure", "within")


def gate_digest(folder: Path) -> str:
    """Digest of the gate in a folder, "" without one."""
    return digest(folder / GATE) if (folder / GATE).is_file() else ""
