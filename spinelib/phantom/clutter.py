"""Things on films that are not the patient: markers, text, shutters, buttons, braces, wires, implants."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import flat, ribbons, rod
from spinelib.phantom.side_markers import at_its_side
from spinelib.phantom.spine import Spine

WORDS = ("L", "R", "L", "R", "L", "PA", "AP", "EREC", "ERECT", "STANDING", "sta", "R 12", "WB", "L S")


def draw_metal(
    canvas: torch.Tensor, spine: Spine, frame: FilmFrame, draw: np.random.Generator, often: float = 1.0
) -> None:
    """Add the attenuation of buttons, buckles, wires, a brace or (rarely) rods to `canvas` [H,W] in place.

    often: factor on the probability of each.
    """
    if draw.uniform() < 0.12 * often:
        buckles(canvas, frame, draw)
    if draw.uniform() < 0.08 * often:
        brace(canvas, frame, draw)
    if draw.uniform() < 0.10 * often:
        wire(canvas, frame, draw)
    if draw.uniform() < 0.03 * often:
        rods(canvas, spine, frame, draw)


def _film_points(frame: FilmFrame, draw: np.random.Generator, count: int) -> np.ndarray:
    return draw.uniform(0, 1, (count, 1, 2)) * (frame.width, frame.height) + (frame.left, frame.top)


def _loop(points: np.ndarray, wide: np.ndarray, tall: np.ndarray, power: float, nodes: int = 40) -> np.ndarray:
    """Closed super-ellipses around `points` [K,1,2]: [K,nodes,2] px."""
    t = np.linspace(0, 2 * np.pi, nodes)
    c, s = np.cos(t), np.sin(t)
    ring = np.stack([np.sign(c) * np.abs(c) ** power, np.sign(s) * np.abs(s) ** power], -1)
    return points + ring[None] * np.stack([wide, tall], -1)[:, None]


def buckles(canvas: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> None:
    """Buttons, hooks and buckles: small bright rings and frames."""
    count = int(draw.integers(1, 9))
    big = draw.uniform(size=count) < 0.4
    wide = np.where(big, draw.uniform(5, 9), draw.uniform(2, 4)) / frame.spacing
    tall = np.where(big, draw.uniform(8, 24), draw.uniform(2, 4)) / frame.spacing
    lines = _loop(_film_points(frame, draw, count), wide, tall, 0.6 if draw.uniform() < 0.5 else 1.0)
    half = np.full(lines.shape[:2], draw.uniform(0.7, 1.6) / frame.spacing)
    ribbons(canvas, _t(lines), _t(half), torch.full(half.shape, draw.uniform(0.3, 1.5)), rod)


def brace(canvas: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> None:
    """Edges of a plastic brace: long faint bands along the trunk and a few straps."""
    count = int(draw.integers(2, 7))
    t = np.linspace(0, 1, 24)
    start, stop = _film_points(frame, draw, count)[:, 0], _film_points(frame, draw, count)[:, 0]
    bow = draw.normal(0, 25, (count, 1)) / frame.spacing * np.sin(np.pi * t)
    lines = start[:, None] * (1 - t)[:, None] + stop[:, None] * t[:, None]
    lines[..., 0] += bow
    half = np.full(lines.shape[:2], draw.uniform(1, 8) / frame.spacing)
    ribbons(canvas, _t(lines), _t(half), torch.full(half.shape, draw.uniform(0.03, 0.2)), flat)


def wire(canvas: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> None:
    """A lead or tube that wanders over the film."""
    turn = draw.uniform(0, 2 * np.pi) + np.cumsum(draw.normal(0, 0.35, (1, 40)), 1)
    step = draw.uniform(0.01, 0.03) * frame.height
    lines = _film_points(frame, draw, 1) + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], -1), 1) * step
    half = np.full(lines.shape[:2], draw.uniform(0.6, 1.4) / frame.spacing)
    ribbons(canvas, _t(lines), _t(half), torch.full(half.shape, draw.uniform(0.1, 0.9)), rod)


def rods(canvas: torch.Tensor, spine: Spine, frame: FilmFrame, draw: np.random.Generator) -> None:
    """Two rods with pedicle screws over a stretch of the spine."""
    first = int(draw.integers(6, 12))
    level = slice(first, int(draw.integers(first + 5, 22)))
    lines = []
    for side in (-0.55, 0.55):
        lines.append(frame.project((spine.centre + side * spine.axes[:, 0] - 2.6 * spine.axes[:, 1])[level]))
    half = np.full((2, lines[0].shape[0]), 2.8 / frame.spacing)
    ribbons(canvas, _t(np.stack(lines)), _t(half), torch.full(half.shape, 1.8), rod)
    heads = np.concatenate(lines)[:, None]
    screws = np.concatenate([heads, heads + draw.normal(0, 3, heads.shape) / frame.spacing + (0, 0.5)], 1)
    half = np.full(screws.shape[:2], 4.0 / frame.spacing)
    ribbons(canvas, _t(screws), _t(half), torch.full(half.shape, 2.0), flat)


@cache
def stamp(word: str, height: int) -> torch.Tensor:
    """Text as float32 [h,w] in 0..1, letters about `height` px high."""
    font = ImageFont.load_default(size=max(height * 1.35, 6))
    box = font.getbbox(word)
    picture = Image.new("L", (int(box[2] - box[0]) + 2, int(box[3] - box[1]) + 2))
    ImageDraw.Draw(picture).text((1 - box[0], 1 - box[1]), word, fill=255, font=font)
    return torch.from_numpy(np.array(picture, dtype=np.float32) / 255)


def annotate(image: torch.Tensor, frame: FilmFrame, draw: np.random.Generator, sided: bool = True) -> None:
    """Write side markers and words on the finished film `image` [H,W] (0..1) in place, mostly near its edges.

    sided: the film shows the patient's left at its right, and markers of a side stand there; on side films they say
    which side was nearer the film, wherever they stand.
    """
    for _ in range(int(draw.choice(4, p=(0.3, 0.45, 0.18, 0.07)))):
        word = WORDS[int(draw.integers(len(WORDS)))]
        height, mirrored = max(round(draw.uniform(6, 26) / frame.spacing), 5), draw.uniform() < 0.15
        across = draw.uniform(0.0, 0.2) if draw.uniform() < 0.5 else draw.uniform(0.75, 1.0)
        letters = stamp(at_its_side(word, across) if sided else word, height)
        letters = letters.flip(1) if mirrored else letters
        top = frame.top + int(draw.beta(0.7, 1.2) * frame.height * 0.9)
        left = frame.left + int(across * frame.width)
        right, low = frame.left + frame.width, frame.top + frame.height
        part = image[top : min(top + letters.shape[0], low), left : min(left + letters.shape[1], right)]
        part.copy_(torch.maximum(part, letters[: part.shape[0], : part.shape[1]] * draw.uniform(0.6, 1.0)))


def shutters(image: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> None:
    """Collimate `image` [H,W] in place: black or white straight borders inside the film, on some sides."""
    if draw.uniform() > 0.15:
        return
    value = 0.0 if draw.uniform() < 0.75 else draw.uniform(0.7, 1.0)
    left, right = (int(frame.width * draw.beta(1, 12) * 0.3) if draw.uniform() < 0.6 else 0 for _ in range(2))
    upper, lower = (int(frame.height * draw.beta(1, 12) * 0.03) if draw.uniform() < 0.5 else 0 for _ in range(2))
    film = image[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    film[:upper] = value
    film[frame.height - lower :] = value
    film[:, :left] = value
    film[:, frame.width - right :] = value


def _t(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()
