"""Pictures in which a film does not stand alone: padded, cropped, written on, scanned and shown in frames."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter


@dataclass
class Framed:
    """A picture, where the film [h, w] begins in it (row, column), and the height of a pixel over its width."""

    pixels: np.ndarray
    start: tuple[int, int]
    aspect: float = 1.0
    film: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.uint8))


def padded(film, top, bottom, left, right, grey):
    return Framed(np.pad(film, ((top, bottom), (left, right)), constant_values=grey), (top, left), film=film)


def square(film, grey):
    lack = film.shape[0] - film.shape[1]
    return padded(film, 0, 0, lack // 2, lack - lack // 2, grey)


def jpeg(framed, quality):
    buffer = io.BytesIO()
    Image.fromarray(framed.pixels).save(buffer, "JPEG", quality=quality)
    framed.pixels = np.array(Image.open(buffer))
    return framed


def written(framed, lines, grey, size):
    picture = Image.fromarray(framed.pixels)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for x, y, text in lines:
        pen.text((x, y), text, fill=grey, font=font)
    framed.pixels = np.array(picture)
    return framed


def ruler(framed, away):
    """Ticks that end `away` px left of the film."""
    for k, row in enumerate(range(0, len(framed.pixels), 10)):
        end = framed.start[1] - away
        framed.pixels[row, end - (12 if k % 5 == 0 else 6) : end] = 255
    return framed


def surrounded(film, ground, soft=0.0):
    """The film in the middle of `ground` [H, W]; its edges as soft as a Gaussian of `soft` px."""
    rows, columns = ((a - b) // 2 for a, b in zip(ground.shape, film.shape, strict=True))
    framed = padded(film, rows, len(ground) - rows - len(film), columns, 0, 0)
    right = ground.shape[1] - framed.pixels.shape[1]
    around = ((rows, len(ground) - rows - len(film)), (columns, right))
    inside = np.pad(np.ones(film.shape), around)
    share = gaussian_filter(inside, soft) if soft else inside
    wide = np.pad(film, around, mode="edge").astype(float)
    framed.pixels = np.rint(np.clip(share * wide + (1 - share) * ground, 0, 255)).astype(np.uint8)
    return framed


def grounds(film, random):
    """Uneven surroundings of a film: the light of a box, and what a collimator lets through."""
    shape = film.shape[0] + 80, film.shape[1] + 90
    rows, columns = (np.linspace(-0.5, 0.5, n) for n in shape)
    away = rows[:, None] ** 2 + columns**2
    noise = random.normal(0, 1.5, shape)
    return 225 + 25 * np.exp(-4 * away) + noise, 14 + 6 * columns + noise


def nested(film, frames):
    """The film within frames (width in px, grey) from the inside out."""
    framed = padded(film, 0, 0, 0, 0, 0)
    for wide, grey in frames:
        framed.pixels = np.pad(framed.pixels, wide, constant_values=grey)
    wide = sum(width for width, _ in frames)
    framed.start = wide, wide
    return framed


def viewer(film):
    framed = nested(film, [(12, 0), (2, 200), (10, 64)])
    framed.pixels = np.pad(framed.pixels, ((28, 0), (0, 0)), constant_values=80)
    framed.start = framed.start[0] + 28, framed.start[1]
    return written(framed, [(6, 6, "Viewer: film 1 of 3")], 255, 14)


def noisy(film, grey, random):
    framed = padded(film, 50, 60, 70, 80, 0)
    ground = np.clip(grey + random.integers(-3, 4, framed.pixels.shape), 0, 255).astype(np.uint8)
    (row, column), (height, width) = framed.start, film.shape
    ground[row : row + height, column : column + width] = film
    framed.pixels = ground
    return framed


def flattened(film):
    """Two rows become one, and bars above and below: pixels twice as high as wide."""
    half = np.asarray(Image.fromarray(film).resize((film.shape[1], film.shape[0] // 2), Image.Resampling.BOX))
    framed = padded(half, 30, 40, 50, 60, 128)
    framed.aspect = 2.0
    return framed


def ways(film, seed=0):
    """The film [h, w] uint8 in every kind of frame, by name."""
    random = np.random.default_rng(seed)
    light, shut = grounds(film, random)
    high, wide = film.shape
    lines = [(10, 8, "HOSPITAL"), (10, 30, "W 4096 L 2048"), (10, high + 90, "80 kV")]
    return {
        "square, grey": square(film, 128),
        "square, black": square(film, 0),
        "square, white": square(film, 255),
        "bar on the left": padded(film, 0, 0, wide // 3, 0, 90),
        "bars above and below": padded(film, 60, 100, 0, 0, 200),
        "bars of two greys": Framed(
            np.pad(padded(film, 50, 0, 0, 0, 255).pixels, ((0, 0), (60, 0))), (50, 60), film=film
        ),
        "noise in the bars": noisy(film, 100, random),
        "noise in dark bars": noisy(film, 6, random),
        "JPEG, grey bars": jpeg(square(film, 128), 75),
        "JPEG, black bars": jpeg(square(film, 0), 90),
        "ruler": ruler(square(film, 30), 15),
        "ruler at the film": ruler(square(film, 30), 0),
        "text": written(padded(film, 70, 50, 80, 80, 0), lines, 230, 14),
        "viewer": viewer(film),
        "two frames": nested(film, [(3, 255), (12, 0), (5, 120), (20, 240)]),
        "bright border": nested(film, [(3, 255)]),
        "soft bright border": surrounded(film, np.full((high + 80, wide + 90), 250.0), 1.0),
        "light box": surrounded(film, light),
        "collimated": surrounded(film, shut),
        "tiny in a big canvas": padded(film, high, high, 2 * wide, wide, 60),
        "black in white": Framed(
            np.pad(square(film, 0).pixels, 30, constant_values=255), (30, 30 + (high - wide) // 2), film=film
        ),
        "16 bit": Framed(square(film, 128).pixels.astype(np.uint16) * 200 + 300, square(film, 128).start, film=film),
        "pixels twice as high as wide": flattened(film),
    }
