"""Films read by a trained pipeline or one of its variants: vertebrae one by one, the decisions behind them, the time.

(C, our choice) Where levels are not named (T1..L5 of a standing film) the ends that the classifier knows are the
vertebrae beyond the labelled chain; they stop a walk there and belong to nothing that is scored.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.build import Switches
from spinelib.spinefm.ends import CLASSES, LOWER_END, UPPER_END
from spinelib.spinefm.instances import Instance
from spinelib.spinefm.levels import UNNAMED
from spinelib.spinefm.pipeline import SpineFM, SpineReading
from spinelib.spinefm.walk import Stages, Walk

ENDS = (CLASSES[UPPER_END], CLASSES[LOWER_END])
SURE = 10.0  # logit of a pixel that a walk outlined: it answers yes or no


@dataclass(frozen=True)
class FilmReading:
    """What was read on one film: the reading, and the vertebrae that count, from above.

    Without a walk (variant detector_only) the reading's walk is empty.
    """

    reading: SpineReading
    vertebrae: list[Instance]


class Clock:
    """Seconds and calls by name; on a GPU each piece of work is waited for."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)

    @contextmanager
    def __call__(self, name: str, calls: int = 1) -> Iterator[None]:
        """Add what happens inside to `name`."""
        begun = self._now()
        yield
        self.seconds[name] += self._now() - begun
        self.calls[name] += calls

    def of(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work` with its time added to `name`; calls are the patches or windows of its last batch argument."""

        def timed(*given: Any) -> Any:
            with self(name, len(given[1]) if len(given) > 2 else len(given[0])):
                return work(*given)

        return timed

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


class SpineReader(nn.Module):
    """A trained pipeline as its variant reads films: what `read_films` asks, and a network that outlines a whole spine.

    named: whether levels are named by counting from C2 or S1, as on lateral films.
    """

    def __init__(self, pipeline: SpineFM, switches: Switches, named: bool) -> None:
        super().__init__()
        self.pipeline, self.switches, self.named = pipeline, switches, named
        self.stages = nn.ModuleDict(pipeline.stages)

    def outline(self, images: Tensor) -> Tensor:
        """Logits float32 [N,1,H,W], on the CPU, of films uint8 [N,C,H,W]: SURE in vertebrae that count, else -SURE.

        Raises BadInput for a pipeline that names single vertebrae (lateral films).
        """
        if self.named:
            remedy = "Choose a run on films of T1 to L5."
            raise BadInput("spinefm", "names single vertebrae and outlines no spine", remedy)
        out = torch.full((len(images), 1, *images.shape[2:]), -SURE)
        for film, found in zip(out, read_films(self, images.cpu().numpy()), strict=True):
            for one in found.vertebrae:
                film[0][torch.from_numpy(one.mask)] = SURE
        return out


def read_films(reader: SpineReader, images: NDArray[np.uint8], clock: Clock | None = None) -> list[FilmReading]:
    """Read films uint8 [N,C,H,W] with the pipeline of `reader`, as its variant does; the time goes to `clock`.

    All stages are left in eval mode.
    """
    pipe = reader.pipeline
    for stage in pipe.stages.values():
        stage.eval()
    device = next(pipe.detector.parameters()).device
    clock = clock or Clock(device)
    films: list[FilmReading] = []
    with torch.no_grad(), clock("all", len(images)):
        for part in torch.as_tensor(np.ascontiguousarray(images)).split(pipe.batch):
            batch = to_one_channel(part.to(device))
            with clock("detector", len(batch)):
                found = pipe.detector.detect(batch)
            films += _detected(pipe, found) if not reader.switches.walk else _walked(reader, batch, found, clock)
    return films


def _detected(pipe: SpineFM, found: Sequence[Sequence[Any]]) -> list[FilmReading]:
    """The detector's own masks, from above, without names."""
    films = []
    for detections in found:
        sure = sorted((one for one in detections if one.score > pipe.score), key=lambda one: one.centre[1])
        masks = [Instance(UNNAMED, one.mask) for one in sure if one.mask.any()]
        films.append(FilmReading(SpineReading(list(detections), None, Walk(())), masks))
    return films


class _Timed(SpineFM):
    """The pipeline with a clock on the stages that its walk asks."""

    clock: Clock

    @property
    def functions(self) -> Stages:
        """The stages as the walk asks them, timed."""
        own, of = super().functions, self.clock.of
        asked = of("segmenter", own.segment), of("predictor", own.predict), of("ends", own.classify)
        return Stages(*asked, patch=own.patch, batch=own.batch)


def _walked(reader: SpineReader, batch: Tensor, found: Any, clock: Clock) -> list[FilmReading]:
    pipe = _Timed(**vars(reader.pipeline))
    pipe.clock = clock
    return [FilmReading(one, counted_vertebrae(one, reader.named)) for one in pipe.follow(batch, found)]


def counted_vertebrae(reading: SpineReading, named: bool) -> list[Instance]:
    """The vertebrae of a reading that count, from above; without names the ends, beyond the labels, do not."""
    found = reading.instances(named)
    if named:
        return found
    return [one for one, step in zip(found, reading.walk.chain, strict=True) if step.category not in ENDS]
