"""The walk along the spine, upwards and downwards from three start points, every decision written down.

(A) SpineFM predicts the next centroid, segments there, and checks the mask by overlap and a classifier of spine ends.
(B) From its program, at each step: predict; segment; stop if the new mask (logits above 0.5) and the previous one have
an IoU above 0.1; take the mask's centroid; classify the patch there; background: stop and discard; vertebra: accept,
slide the window of three points; end of the spine: accept, keep as landmark, stop. (C) Ours: stop outside the film, at
an empty mask, and after 12 levels per direction; start points are classified too, and an outer one that is the end
of its direction leaves nothing to walk there; the end of the other direction counts as a vertebra.

All films and both directions go in step, so that the patches of one step form one batch.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spinelib.core.errors import BadInput
from spinelib.spinefm.ends import BACKGROUND, CLASSES, LOWER_END, UPPER_END, VERTEBRA
from spinelib.spinefm.post import CERTAIN, centroid, final_masks

Point = tuple[float, float]
UP, DOWN, START = "up", "down", "start"
_END = {UP: UPPER_END, DOWN: LOWER_END}
_NOWHERE: Point = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Rules:
    """When a walk stops: `overlap` (IoU with the previous mask of logits above `logit`) and `levels` per direction.

    `certain` is the probability from which a pixel belongs to the final mask. `passes`: how often a vertebra is
    segmented, each time but the first from the centre that was found before (published: 1). post: masks are
    post-processed (smoothing: see `final_masks`); without it they are where the logits are above 0. The published
    program has none of these: `likely` centres (`centroid`), `guards` that stop off the film and at an empty mask,
    `starts` asked for their class, and `own_end`, by which the end of the other direction counts as a vertebra.
    """

    overlap: float = 0.1
    logit: float = 0.5
    levels: int = 12
    certain: float = CERTAIN
    passes: int = 1
    post: bool = True
    smoothing: tuple[int, float] | None = None
    likely: bool = True
    guards: bool = True
    starts: bool = True
    own_end: bool = True

    def __post_init__(self) -> None:
        if self.passes < 1:
            raise BadInput("passes", f"{self.passes} is below 1", "Segment every vertebra at least once.")


@dataclass(frozen=True)
class Stages:
    """The functions that the walk calls; `patch` is the side of the segmenter's patches, px, `batch` the most at once.

    segment(films [N,1,H,W], which [B], points [B,2]) gives logits [B,H,W]; predict(points [B,3,2], (H, W)) the next
    points [B,2]; classify(films, which, points) classes [B] of `spinelib.spinefm.ends`. Points are (x, y) px.
    """

    segment: Callable[[Tensor, Tensor, Tensor], Tensor]
    predict: Callable[[Tensor, tuple[int, int]], Tensor]
    classify: Callable[[Tensor, Tensor, Tensor], Tensor]
    patch: int
    batch: int = 32


@dataclass(frozen=True)
class Step:
    """One decision of a walk: where it looked, what it found, and why it stopped.

    direction: "start", "up" or "down"; number: from 1 within its direction; prompt: the point given to the segmenter
    (x, y) px; centre: that of the mask, NaN without one; mask: final mask bool [H,W], None outside the film; overlap:
    IoU with the previous mask, NaN where there is none; category: of `ends.CLASSES`, "" where not asked; stop: "" when
    the walk went on, else "outside", "empty", "overlap", "background", "upper end", "lower end" or "levels".
    """

    direction: str
    number: int
    prompt: Point
    centre: Point = _NOWHERE
    mask: NDArray[np.bool_] | None = None
    overlap: float = float("nan")
    category: str = ""
    accepted: bool = False
    stop: str = ""


@dataclass(frozen=True)
class Walk:
    """The walk of one film: steps in the order they were taken, and whether either end of the spine was met."""

    steps: tuple[Step, ...]
    upper: bool = False
    lower: bool = False

    @property
    def chain(self) -> list[Step]:
        """The accepted steps from the uppermost vertebra to the lowest."""
        taken = {d: [s for s in self.steps if s.accepted and s.direction == d] for d in (UP, START, DOWN)}
        return [*taken[UP][::-1], *taken[START], *taken[DOWN]]


@dataclass
class _Walker:
    """One direction on one film; `window` holds three points in walking order."""

    film: int
    direction: str
    window: list[Point]
    previous: Tensor
    steps: list[Step] = field(default_factory=list)
    going: bool = True


@dataclass(frozen=True)
class _Look:
    """What the segmenter answered at some prompts: rough and final masks bool [B,H,W], centres [B,2] (NaN: none)."""

    rough: Tensor
    final: NDArray[np.bool_]
    centres: Tensor


@torch.no_grad()
def walk(films: Tensor, starts: Sequence[NDArray[np.float64] | None], stages: Stages, rules: Rules) -> list[Walk]:
    """Walk along every film of [N,1,H,W] from its three start points [3,2] (x, y) px, from above; None: no walk.

    Raises ValueError unless there is one entry of `starts` per film.
    """
    if len(starts) != len(films):
        raise ValueError(f"{len(starts)} starts for {len(films)} films")
    begun = [k for k, start in enumerate(starts) if start is not None]
    first, walkers = _start(films, begun, starts, stages, rules)
    while going := [walker for walker in walkers if walker.going]:
        for part in _parts(going, stages.batch):
            _advance(films, part, stages, rules)
    by_film: dict[int, list[_Walker]] = {k: [] for k in begun}
    for walker in walkers:
        by_film[walker.film].append(walker)
    return [_walk(first[k], by_film[k]) if k in by_film else Walk(()) for k in range(len(films))]


def _start(
    films: Tensor, begun: list[int], starts: Sequence[NDArray[np.float64] | None], stages: Stages, rules: Rules
) -> tuple[dict[int, list[Step]], list[_Walker]]:
    """Segment the start points and set out in both directions from their centres."""
    first: dict[int, list[Step]] = {}
    walkers: list[_Walker] = []
    for part in _parts(begun, max(1, stages.batch // 3)):
        prompts = np.concatenate([np.asarray(starts[k], np.float64) for k in part])
        which = torch.tensor(np.repeat(part, 3), device=films.device)
        points = torch.as_tensor(prompts, dtype=torch.float32, device=films.device)
        look = _look(films, which, points, stages, rules)
        # A start point where nothing is segmented stays where the detector put it.
        centres = torch.where(torch.isfinite(look.centres), look.centres, points)
        # Where they are not asked none of them is an end.
        classes = stages.classify(films, which, centres).tolist() if rules.starts else [VERTEBRA] * len(which)
        for i, film in enumerate(part):
            rows = range(3 * i, 3 * i + 3)
            spots = [_point(centres[r]) for r in rows]
            first[film] = [
                Step(
                    START,
                    n + 1,
                    _point(points[r]),
                    spots[n],
                    look.final[r],
                    category=CLASSES[classes[r]] if rules.starts else "",
                    accepted=True,
                )
                for n, r in enumerate(rows)
            ]
            for direction, row, window in ((UP, rows[0], spots[::-1]), (DOWN, rows[2], spots)):
                ended = classes[row] == _END[direction]
                walkers.append(_Walker(film, direction, window, look.rough[row], going=not ended and rules.levels > 0))
    return first, walkers


def _advance(films: Tensor, walkers: list[_Walker], stages: Stages, rules: Rules) -> None:
    """One step of every walker: predict, then look where the point lies on the film."""
    grid = (films.shape[-2], films.shape[-1])
    windows = torch.tensor([walker.window for walker in walkers], device=films.device)
    prompts = stages.predict(windows, grid)
    inside = _inside(prompts, grid) | (not rules.guards)
    for walker, prompt, there in zip(walkers, prompts, inside.tolist(), strict=True):
        if not there:
            _stop(walker, Step(walker.direction, len(walker.steps) + 1, _point(prompt), stop="outside"))
    walkers = [walker for walker in walkers if walker.going]
    if walkers:
        _judge(films, walkers, prompts[inside], stages, rules)


def _judge(films: Tensor, walkers: list[_Walker], prompts: Tensor, stages: Stages, rules: Rules) -> None:
    """Segment at prompts [B,2], one per walker, and decide how each goes on."""
    which = torch.tensor([walker.film for walker in walkers], device=films.device)
    look = _look(films, which, prompts, stages, rules)
    overlaps = _iou(look.rough, torch.stack([walker.previous for walker in walkers])).tolist()
    empty = (~torch.isfinite(look.centres).all(1)).tolist()
    refused = [
        "empty" if none else "overlap" if iou > rules.overlap else "" for none, iou in zip(empty, overlaps, strict=True)
    ]
    asked = torch.tensor([k for k, reason in enumerate(refused) if not reason], dtype=torch.long, device=films.device)
    classes: dict[int, int] = {}
    if len(asked):
        answers = stages.classify(films, which[asked], look.centres[asked]).tolist()
        classes = dict(zip(asked.tolist(), answers, strict=True))
    for k, walker in enumerate(walkers):
        number = len(walker.steps) + 1
        stop = refused[k] or _verdict(walker.direction, classes[k], number, rules)
        accepted = not refused[k] and classes[k] != BACKGROUND
        category = CLASSES[classes[k]] if k in classes else ""
        seen = (_point(prompts[k]), _point(look.centres[k]), look.final[k], overlaps[k], category)
        step = Step(walker.direction, number, *seen, accepted, stop)
        if accepted:
            walker.window = [*walker.window[1:], step.centre]
            walker.previous = look.rough[k]
        if stop:
            _stop(walker, step)
        else:
            walker.steps.append(step)


def _verdict(direction: str, category: int, number: int, rules: Rules) -> str:
    """Why a walk stops after a patch of this class, "" if it does not."""
    if category in (BACKGROUND, *((_END[direction],) if rules.own_end else _END.values())):
        return CLASSES[category]
    return "levels" if number >= rules.levels else ""


def _stop(walker: _Walker, step: Step) -> None:
    walker.steps.append(step)
    walker.going = False


def _look(films: Tensor, which: Tensor, points: Tensor, stages: Stages, rules: Rules) -> _Look:
    for _ in range(rules.passes):
        logits = stages.segment(films, which, points)
        found = centroid(logits, rules.likely)
        points = torch.where(torch.isfinite(found), found, points)
    how = (stages.patch, rules.certain, rules.smoothing)
    final = (final_masks(logits, *how) if rules.post else logits > 0).cpu().numpy()
    rough = logits > rules.logit
    seen = rough.any(2).any(1)[:, None] | (not rules.guards)
    return _Look(rough, final, torch.where(seen, found, torch.nan))


def _walk(first: list[Step], walkers: list[_Walker]) -> Walk:
    steps = [*first, *(step for walker in walkers for step in walker.steps)]
    # An end that was met in the other direction tells nothing of the chain's first and last vertebra.
    met = {(step.direction, step.stop) for step in steps}
    upper = first[0].category == CLASSES[UPPER_END] or (UP, CLASSES[UPPER_END]) in met
    lower = first[-1].category == CLASSES[LOWER_END] or (DOWN, CLASSES[LOWER_END]) in met
    return Walk(tuple(steps), upper, lower)


def _iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU [B] of masks bool [B,H,W]; 0 where both are empty."""
    both, either = (a & b).sum((1, 2)), (a | b).sum((1, 2))
    return both / either.clamp(min=1)


def _inside(points: Tensor, grid: tuple[int, int]) -> Tensor:
    size = points.new_tensor([grid[1], grid[0]])
    return ((points >= 0) & (points <= size - 1)).all(1)


def _point(row: Tensor) -> Point:
    x, y = row.tolist()
    return x, y


def _parts(items: list, size: int) -> Iterable[list]:
    return (items[k : k + size] for k in range(0, len(items), size))
