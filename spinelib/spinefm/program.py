"""What SpineFM does beside its networks and their optimisers: every choice that its two recipes make differently.

(B) `PROGRAMS["published"]` is the authors' public program as far as it is known, without any addition of ours; on data
called csxa it has the numbers `ON_CSXA`.
(C) `PROGRAMS["common"]` is ours. The parameter `options` changes single choices of either, as in "gap_ratio=.inf".

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.models.method import check_choice
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.detector import SHARED
from spinelib.spinefm.ends import CLASSES, DOUBT, VERTEBRA
from spinelib.spinefm.patches import PATCH, VIEW, PatchSizes
from spinelib.spinefm.post import CERTAIN, PUBLISHED_CERTAIN, PUBLISHED_SMOOTHING
from spinelib.spinefm.seeds import GAP_RATIO, LINES, SCORE
from spinelib.spinefm.stage_ends import RINGS
from spinelib.spinefm.stages import JITTER, NOISE, PROMPTS
from spinelib.spinefm.walk import Rules

# Steps per direction: of T1..L5, as many as lie beyond three neighbours at one end, and the ends themselves; other
# films show fewer. The published loop has no limit: so many that only a walk that never ends is cut.
LEVELS, FEWER_LEVELS, ENDLESS = 20, 12, 100


@dataclass(frozen=True)
class Program:
    """The choices by name.

    Start points: `score`, `gap_ratio`, `line` (`seeds.choose_start`). Detector: boxes that share more than `shared` are
    one vertebra; `magnified` to a vertebra's size, else torchvision's 800 to 1333 px (the full detector alone).
    `patch`: side of the segmenter's patch, px of the grid, 0: in vertebra sides. Walk and mask: `likely`, `guards`,
    `starts`, `own_end`, `certain`, `smoothed_in_px`, `levels` (0: 12, or 20 where T1 to L5 are labelled), as in
    `walk.Rules`. End classifier: `doubt`; `classes`, 4 or 2, 0: 4 where C2 or S1 is labelled. Training: `augment`
    (mirrored and varied films and patches), `jitter` of the segmenter's prompts and `ends_jitter` in vertebra sides,
    `noise` and `mirror` of the predictor's points, `balanced`, `ring` and `extrapolated` (`stage_ends.EndsStage`).
    """

    score: float = SCORE
    gap_ratio: float = GAP_RATIO
    line: str = "axis"
    shared: float = SHARED
    magnified: bool = True
    patch: int = 0
    likely: bool = True
    guards: bool = True
    starts: bool = True
    own_end: bool = True
    certain: float = CERTAIN
    smoothed_in_px: bool = False
    levels: int = 0
    doubt: float = DOUBT
    classes: int = len(CLASSES)
    augment: bool = True
    jitter: float = PROMPTS
    ends_jitter: float = JITTER
    noise: float = NOISE
    mirror: bool = True
    balanced: bool = True
    ring: str = "distance"
    extrapolated: bool = True

    def __post_init__(self) -> None:
        check_choice(self.line, LINES, "line of SpineFM's start points")
        check_choice(self.ring, RINGS, "ring of SpineFM's background")
        check_choice(str(self.classes), ("0", "2", "4"), "number of classes of the end classifier")
        for name in ("patch", "levels", "doubt", "jitter", "ends_jitter", "noise"):
            if getattr(self, name) < 0:
                raise BadInput(f"options: {name}", "is negative", "Give 0 or more.")

    def rules(self, named: bool, post: bool = True) -> Rules:
        """The rules of the walk; named: C2 or S1 is labelled; post: masks are post-processed."""
        return Rules(
            levels=self.levels or (FEWER_LEVELS if named else LEVELS),
            certain=self.certain,
            post=post,
            smoothing=PUBLISHED_SMOOTHING if self.smoothed_in_px else None,
            likely=self.likely,
            guards=self.guards,
            starts=self.starts,
            own_end=self.own_end,
        )

    def geometry(self, grid: tuple[int, int], side: float) -> PatchSizes:
        """Sizes of the patches on films of `grid` (H, W) px whose median vertebra has `side` px."""
        if not self.patch:
            return PatchSizes(grid, side)
        sides = self.patch / side
        return PatchSizes(grid, side, sides, sides * VIEW / PATCH)

    def teaching(self, stage: str) -> dict[str, Any]:
        """The keyword arguments of a stage's training, by the stage's name."""
        same = {"augment": self.augment}
        ends = {"balanced": self.balanced, "ring": self.ring, "extrapolated": self.extrapolated}
        arguments: dict[str, dict[str, Any]] = {
            "detector": same,
            "segmenter": {**same, "jitter": self.jitter},
            "predictor": {"noise": self.noise, "mirror": self.mirror},
            "ends": {**same, "jitter": self.ends_jitter, **ends},
        }
        return arguments[stage]


PROGRAMS: Mapping[str, Program] = {
    "common": Program(),
    "published": Program(
        gap_ratio=inf,
        line="fit",
        shared=0.5,
        magnified=False,
        patch=600,
        likely=False,
        guards=False,
        starts=False,
        own_end=False,
        certain=PUBLISHED_CERTAIN,
        smoothed_in_px=True,
        levels=ENDLESS,
        doubt=0.0,
        classes=0,
        augment=False,
        # (C) The prompts of the published training are unknown: up to a tenth of a vertebra off.
        jitter=JITTER,
        ends_jitter=0.0,
        noise=0.0,
        mirror=False,
        balanced=False,
        ring="blur",
        extrapolated=False,
    ),
}
# (B) Films of CSXA are cut into smaller patches, and there neither end is told apart although C2 is labelled.
CSXA = "csxa"
ON_CSXA: Mapping[str, Any] = {"patch": 300, "classes": VERTEBRA + 1}


def program_of(config: SpineConfig, named: bool) -> Program:
    """The choices of a run: those of its recipe on its data, and what its `options` change.

    named: C2 or S1 is labelled.
    Raises BadInput for an unknown recipe or option, and a value of another kind.
    """
    check_choice(config.recipe, PROGRAMS, "recipe of spinefm")
    usual = PROGRAMS[config.recipe]
    if config.recipe == "published" and config.trained_on == CSXA:
        usual = replace(usual, **ON_CSXA)
    kinds = {field.name: type(getattr(usual, field.name)) for field in fields(Program)}
    for name, value in config.named_options.items():
        check_choice(name, kinds, "option of spinefm")
        if type(value) is not kinds[name] and not (type(value) is int and kinds[name] is float):
            raise BadInput(f"options: {name}", f"{value!r} is no {kinds[name].__name__}", "See the notebook's table.")
    chosen = replace(usual, **config.named_options)
    # Without C2 and S1 there is nothing but background and vertebrae to tell apart.
    return chosen if chosen.classes else replace(chosen, classes=len(CLASSES) if named else VERTEBRA + 1)
