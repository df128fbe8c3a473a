"""What the films of a series have in common, apart from patients and seed: framing, metal, greys, label size.

(C, our choice) The plain style is the digital patient as it always was, bit for bit. Every other value is an ingredient
of the zero-shot study (studies/zeroshot.yaml); what each bought on the development films is in LOG.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spinelib.core.errors import BadInput
from spinelib.phantom.anatomy import Anatomy


@dataclass(frozen=True)
class Framing:
    """Margins of a film around T1 to L5.

    wide: share of films that show more of neck and pelvis. above: mean and standard deviation of the margin over T1,
    share of the spine's height; below: median of the margin under L5, same unit, and standard deviation of its
    logarithm; aspect: the same two of width / height; broader: factor on that of a wide film.
    """

    wide: float
    above: tuple[float, float]
    below: tuple[float, float]
    aspect: tuple[float, float]
    broader: float = 1.12


# close: nearer to how the development films are cut, with less above T1 and below L5 (LOG.md).
FRAMINGS = {
    "plain": Framing(0.2, (0.03, 0.013), (0.075, 0.5), (0.36, 0.17)),
    "close": Framing(0.04, (0.024, 0.011), (0.065, 0.42), (0.355, 0.165)),
    # open: as close, but every sixth film shows more of neck and pelvis, as films of other sources do.
    "open": Framing(0.17, (0.024, 0.011), (0.065, 0.42), (0.355, 0.165)),
}
# What a subtle film multiplies the bones' visibility by: lowest and highest factor, drawn log-uniformly.
SUBTLE = {"posterior": (0.15, 0.9), "rib_density": (0.35, 1.0), "shell": (0.5, 1.1), "spongy": (1.0, 1.7)}
# A lower upper chest: apex of the lungs lower by so many levels, ribs flatter and clavicles denser by factors.
APEX = (0.0, 1.4)
INLET = {"rib_slope": (0.3, 1.0), "rib_fall": (0.2, 1.0), "clavicle": (0.8, 2.2)}


@dataclass(frozen=True)
class Style:
    """One series. framing: one of FRAMINGS. metal: factor on how often braces, wires, buckles and rods are there.

    subtle: share of films on which pedicles, processes and ribs stand back and bodies look more solid.
    inlet: share of films on which the lungs end lower beside T1 and T2, between flatter ribs and denser clavicles:
    networks that never saw such began the spines of the development films one or two vertebrae too low.
    tones: share of films whose grey scale goes through a random curve or an equalisation. label: factors on width and
    height of the quadrilaterals, beside those measured on the development films. Raises BadInput for a value out of its
    range.
    """

    framing: str = "plain"
    metal: float = 1.0
    subtle: float = 0.0
    inlet: float = 0.0
    tones: float = 0.0
    label: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        _check("framing", self.framing, self.framing in FRAMINGS, f"Use {' or '.join(FRAMINGS)}.")
        _check("metal", self.metal, 0 <= self.metal <= 8, "Give a factor from 0 to 8.")
        _check("subtle", self.subtle, 0 <= self.subtle <= 1, "Give a share from 0 to 1.")
        _check("inlet", self.inlet, 0 <= self.inlet <= 1, "Give a share from 0 to 1.")
        _check("tones", self.tones, 0 <= self.tones <= 1, "Give a share from 0 to 1.")
        _check("label", self.label, all(0.5 <= factor <= 1.5 for factor in self.label), "Give factors from 0.5 to 1.5.")

    @property
    def margins(self) -> Framing:
        """The framing itself."""
        return FRAMINGS[self.framing]

    def bones(self, patient: Anatomy, draw: np.random.Generator) -> Anatomy:
        """The patient (without patient axis) as this film shows the bones; `draw` serves nothing else."""
        if draw.uniform() >= self.subtle:
            return patient
        return replace(patient, organs=_multiplied(patient.organs, SUBTLE, draw))

    def chest(self, patient: Anatomy, draw: np.random.Generator) -> Anatomy:
        """The patient (without patient axis) with the upper chest of this film; `draw` serves nothing else."""
        if draw.uniform() >= self.inlet:
            return patient
        apex = patient.organs["apex_level"] + draw.uniform(*APEX)
        organs = {"clavicle": np.array(1.0), **patient.organs, "apex_level": apex}
        return replace(patient, organs=_multiplied(organs, INLET, draw))


def _multiplied(
    organs: dict[str, np.ndarray], bounds: dict[str, tuple[float, float]], draw: np.random.Generator
) -> dict[str, np.ndarray]:
    """`organs` with those of `bounds` times a factor between the two, drawn log-uniformly."""
    factors = {name: np.exp(draw.uniform(*np.log(pair))) for name, pair in bounds.items()}
    return {name: value * factors.get(name, 1.0) for name, value in organs.items()}


def _check(name: str, value: object, good: bool, remedy: str) -> None:
    if not good:
        raise BadInput("phantom", f"{name} is {value!r}", remedy)


PLAIN = Style()
