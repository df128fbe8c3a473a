"""What a card says in words: intended use, limits, and the aims that were set before the training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Aim:
    """A score that was wanted on data that no choice was made on: `least` unless it is to be small."""

    dataset: str
    structure: str
    metric: str
    value: float
    least: bool = True

    def met(self, mean: float) -> bool:
        """Whether the mean is as good as was wanted."""
        return mean >= self.value if self.least else mean <= self.value


@dataclass(frozen=True)
class Words:
    """use: what the network is for; limits: what it cannot do, one sentence each; aims: what was wanted.

    cases: of the digital patient that it was to learn from; 0: no number was set.
    """

    use: str
    limits: tuple[str, ...]
    aims: tuple[Aim, ...]
    cases: int = 0


NO_DEVICE = "It is no medical device, and nobody has tried it in care: a reader looks at every outline and angle."
SAME_SOURCE = (
    "The digital patient was tuned while looking at 100 films of AASCE 2019. Its other films come from the same "
    "hospital, so that scores on them say little about films of other places."
)

WORDS: dict[str, Words] = {
    "film": Words(
        "Films of the whole spine from the front (AP or PA), standing or bent to a side: the outline of the vertebrae "
        "T1 to L5, and from it corners, Cobb angles and end vertebrae. To look at films before a reader does, to draw "
        "outlines that are then corrected, to start a training from.",
        (
            NO_DEVICE,
            SAME_SOURCE,
            "Vertebrae are counted from above: on films that do not show T1 to L5 the names of levels are wrong.",
            "Rods and screws, curves above 80 degrees, and bowel gas over the lumbar spine are read worst.",
            "A mirrored film cannot be told from one that is not: sides are those of the picture.",
        ),
        (
            Aim("aasce", "spine", "dice", 0.80),
            Aim("aasce", "spine", "dice_closed", 0.90),
            Aim("aasce", "spine", "cobb_error", 3.5, least=False),
        ),
        cases=60_000,
    ),
    "lateral": Words(
        "Films of the neck or the loin from the side: every vertebra with its outline and its name, by SpineFM.",
        (
            NO_DEVICE,
            "No real film from the side was at hand: all scores are on the digital patient.",
            "Films of the whole spine from the side are not what it has learned from.",
        ),
        (Aim("lateral_test", "vertebrae", "identified", 0.97),),
    ),
    "mr": Words(
        "Sagittal T2 volumes of the lumbar spine: 19 structures, S1 to T9 and the discs between them, in the voxels of "
        "the file.",
        (
            NO_DEVICE,
            "The digital patient's MR was made while looking at the 17 real volumes that it is scored on.",
            "Other weightings than T2 and other regions than the loin are not what it has learned from.",
        ),
        (Aim("lumbar", "all", "dice", 0.65),),
    ),
}
