"""The typed configuration of a run of SpineFM."""

from __future__ import annotations

from dataclasses import dataclass

from spinelib.core.errors import BadInput
from spinelib.core.names import PROBED_PRECISION
from spinelib.prediction.precision import Precision
from spinelib.protocol.config import RunConfig

# In the order in which they are trained.
STAGE_NAMES = ("detector", "segmenter", "predictor", "ends")


@dataclass(frozen=True)
class SpineConfig(RunConfig):
    """The parameters that notebook `13_spinefm` has besides those of every training notebook.

    size: of SAM, tiny, small or vit_b; checkpoint: SAM's own weights; detector, ends: small or full;
    detector_checkpoint: COCO weights of the full detector; length: factor on the epochs of all stages, 0 to take
    `pretrained` as it is; lengths: further factors, one for each of STAGE_NAMES, of the common recipe alone. `options`
    change single choices of the program (`spinelib.spinefm.program`).
    """

    size: str = "small"
    checkpoint: str = ""
    detector: str = "small"
    detector_checkpoint: str = ""
    ends: str = "small"
    length: float = 1.0
    lengths: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)

    @property
    def stage_precision(self) -> Precision:
        """Number format of the stages that see films; nothing is probed here, "auto" means float32."""
        return Precision() if self.precision == PROBED_PRECISION else Precision(self.precision)

    @property
    def stage_lengths(self) -> dict[str, float]:
        """Factor on the epochs of each stage; raises BadInput unless `lengths` are positive, one for each."""
        if len(self.lengths) != len(STAGE_NAMES) or min(self.lengths) <= 0:
            reason, remedy = f"is {list(self.lengths)}", f"Give a number above 0 for each of {', '.join(STAGE_NAMES)}."
            raise BadInput("lengths", reason, remedy)
        # They share the time out among networks that begin from nothing; the published program has lengths of its own.
        lengths = (1.0,) * len(STAGE_NAMES) if self.recipe == "published" else self.lengths
        return {name: self.length * own for name, own in zip(STAGE_NAMES, lengths, strict=True)}
