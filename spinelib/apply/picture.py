"""A thumbnail of every film with what was outlined, and all of them on one page that needs no network.

Films: outline orange, end vertebrae in the colour of their curve's region, a thin green line around the film where it
is not the whole picture; proportions as in the body. Films from the side: every vertebra with its name. Volumes: three
sagittal slices, every structure in its colour.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont
from scipy import ndimage

from spinelib.apply.film import OutlinedFilm
from spinelib.apply.volume import OutlinedVolume
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.images import to_grey
from spinelib.core.files import replace
from spinelib.measures.cobb.clinical import REGIONS
from spinelib.measures.cobb.regions import regions_of

HEIGHT, WIDEST, SLICES = 300, 420, 3
QUALITY = 72
WINDOW = (1.0, 99.0)
TINT = 0.45
# Around the film within its picture: no colour of an outline.
AREA = (0, 170, 90)
# Curves by region; of Okabe and Ito's palette as all colours of the project.
CURVES = dict(zip(REGIONS, ("#CC79A7", "#56B4E9", "#F0E442"), strict=True))
# What a row of the page may leave out.
SHOWN = {"slices": "", "reason": "", "remedy": "", "remark": "", "words": "", "network": "", "curves": ()}
LETTERS = 12  # height of a name, px
# One of so many rows and columns tells the greys of a film.
SAMPLED = 4


def film_thumbnail(film: OutlinedFilm) -> Image.Image:
    """A film, HEIGHT px high or WIDEST px wide, with its outlines."""
    from spinelib.plots.style import PREDICTION, structure_colour

    place = film.film.place
    (height, width), (down, across) = place.upright, place.stretch
    scale = min(HEIGHT / (height * down), WIDEST / (width * across))
    size = max(round(width * across * scale), 1), max(round(height * down * scale), 1)
    sample = to_grey(film.film.pixels[::SAMPLED, ::SAMPLED])
    picture = _grey(to_grey(film.film.picture), size, sample)
    _area_line(picture, place)
    upright = np.ascontiguousarray(np.rot90(film.labels, place.turns))
    small = np.asarray(Image.fromarray(upright).resize(size, Image.Resampling.NEAREST))
    pixels = np.array(picture)
    for k in np.unique(small[small > 0]):
        body = small == k
        colour = PREDICTION if len(film.names) == 1 else structure_colour(f"label {k}")
        pixels[body & ~ndimage.binary_erosion(body, border_value=1)] = ImageColor.getrgb(colour)
    picture = Image.fromarray(pixels)
    _angle_lines(picture, film, (size[0] / width, size[1] / height))
    _level_names(picture, film, (size[0] / width, size[1] / height))
    return picture


def _area_line(picture: Image.Image, place: FilmPlace) -> None:
    if place.whole:
        return
    top, left, high, wide = place.area
    down, across = picture.height / place.upright[0], picture.width / place.upright[1]
    box = [left * across, top * down, (left + wide) * across - 1, (top + high) * down - 1]
    ImageDraw.Draw(picture).rectangle([round(edge) for edge in box], outline=AREA)


def _angle_lines(picture: Image.Image, film: OutlinedFilm, scale: tuple[float, float]) -> None:
    from spinelib.plots.cobb import end_lines, plate_lines
    from spinelib.plots.style import REFERENCE

    if film.reading is None or not film.reading.known:
        return
    curves = [
        (CURVES[name], plate_lines(film.reading.corners, one.ends)) for name, one in regions_of(film.reading).items()
    ]
    pen = ImageDraw.Draw(picture)
    for colour, lines in curves or [(REFERENCE, end_lines(film.reading))]:
        for line in lines:
            ends = (film.film.place.to_upright(line) + 0.5) * scale
            pen.line([tuple(map(float, end)) for end in ends], fill=ImageColor.getrgb(colour), width=2)


def _level_names(picture: Image.Image, film: OutlinedFilm, scale: tuple[float, float]) -> None:
    """The name of every vertebra of a film from the side, in its middle."""
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(LETTERS)
    for one in film.side:
        x, y = (film.film.place.to_upright(one.corners.mean(0)) + 0.5) * scale
        name = one.level or "?"
        pen.text((float(x), float(y)), name, "white", font, "mm", stroke_width=2, stroke_fill="black")


def volume_thumbnail(found: OutlinedVolume, classes: Sequence[str]) -> Image.Image:
    """Three slices of a volume side by side, proportions as in the body, structures tinted; cut to the middle half."""
    from spinelib.plots.style import structure_colour
    from spinelib.plots.volumes import pick_slices

    # Networks see the middle half of the columns, from front to back.
    quarter = found.labels.shape[2] // 4
    array, labels = (part[:, :, quarter : part.shape[2] - quarter] for part in (found.volume.array, found.labels))
    _, down, across = found.volume.spacing
    chosen = pick_slices(len(array), [labels], SLICES)
    height, width = array.shape[1] * down, array.shape[2] * across
    scale = min(HEIGHT / height, WIDEST / len(chosen) / width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    colours = np.array([(0, 0, 0), *(ImageColor.getrgb(structure_colour(name)) for name in classes)], float)
    strip = Image.new("RGB", (size[0] * len(chosen), size[1]))
    for place, number in enumerate(chosen):
        panel = np.array(_grey(array[number], size, array[chosen]), float)
        small = np.asarray(Image.fromarray(np.ascontiguousarray(labels[number])).resize(size, Image.Resampling.NEAREST))
        share = TINT * (small > 0)[..., None]
        mixed = panel * (1 - share) + colours[small] * share
        strip.paste(Image.fromarray(mixed.astype(np.uint8)), (place * size[0], 0))
    return strip


def _grey(plane: NDArray[Any], size: tuple[int, int], whole: NDArray[Any]) -> Image.Image:
    """A plane of greys as an RGB picture of `size` (width, height), windowed by the greys of `whole`."""
    low, high = np.percentile(whole, WINDOW)
    small = Image.fromarray(np.ascontiguousarray(plane, np.float32)).resize(size, Image.Resampling.BILINEAR)
    grey = 255 * np.clip((np.asarray(small) - low) / max(float(high - low), 1e-6), 0, 1)
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def save_jpeg(picture: Image.Image, path: Path) -> None:
    """Write a small JPEG, whole or not at all."""
    with replace(path) as temporary:
        picture.save(temporary, "JPEG", quality=QUALITY, optimize=True)


def write_results_page(
    path: Path, title: str, facts: Sequence[str], rows: Sequence[dict[str, Any]], folder: Path
) -> None:
    """One self-contained page at `path`: `rows` of results (`page`), their thumbnails from `folder` inside."""
    from spinelib.report.page import style, template, write_html

    films = [SHOWN | row | {"picture": _embedded(folder / str(row["thumbnail"]))} for row in rows]
    page = template("page.html.j2", "spinelib.apply")
    write_html(path, page.render(title=title, facts=facts, films=films, style=style(), study={"banner": ""}))


def _embedded(path: Path) -> str:
    if not path.is_file():
        return ""
    buffer = io.BytesIO(path.read_bytes())
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
