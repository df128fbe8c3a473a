"""A thumbnail of every film with what was outlined, and all of them on one page that needs no network.

Films: outline orange, the end vertebrae of the major curve blue, a thin green line around the film where it is not the
whole picture; proportions as in the body. Volumes: three sagittal slices, every structure in its
colour.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw
from scipy import ndimage

from spinelib.apply.film import OutlinedFilm
from spinelib.apply.volume import OutlinedVolume
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.images import to_grey
from spinelib.core.files import replace, write_text

HEIGHT, WIDEST, SLICES = 300, 420, 3
QUALITY = 72
WINDOW = (1.0, 99.0)
TINT = 0.45
# Around the film within its picture: no colour of an outline.
AREA = (0, 170, 90)


def film_thumbnail(film: OutlinedFilm) -> Image.Image:
    """A film, HEIGHT px high or WIDEST px wide, with its outlines."""
    from spinelib.plots.style import PREDICTION, structure_colour

    place = film.film.place
    (height, width), (down, across) = place.upright, place.stretch
    scale = min(HEIGHT / (height * down), WIDEST / (width * across))
    size = max(round(width * across * scale), 1), max(round(height * down * scale), 1)
    picture = _grey(to_grey(film.film.picture), size, to_grey(film.film.pixels))
    _area_line(picture, place)
    upright = np.ascontiguousarray(np.rot90(film.labels, place.turns))
    small = np.asarray(Image.fromarray(upright).resize(size, Image.Resampling.NEAREST))
    pixels = np.array(picture)
    for k in np.unique(small[small > 0]):
        body = small == k
        colour = PREDICTION if film.labels.max() == 1 else structure_colour(f"label {k}")
        pixels[body & ~ndimage.binary_erosion(body, border_value=1)] = ImageColor.getrgb(colour)
    picture = Image.fromarray(pixels)
    _angle_lines(picture, film, (size[0] / width, size[1] / height))
    return picture


def _area_line(picture: Image.Image, place: FilmPlace) -> None:
    if place.whole:
        return
    top, left, high, wide = place.area
    down, across = picture.height / place.upright[0], picture.width / place.upright[1]
    box = [left * across, top * down, (left + wide) * across - 1, (top + high) * down - 1]
    ImageDraw.Draw(picture).rectangle([round(edge) for edge in box], outline=AREA)


def _angle_lines(picture: Image.Image, film: OutlinedFilm, scale: tuple[float, float]) -> None:
    from spinelib.plots.cobb import end_lines
    from spinelib.plots.style import REFERENCE

    if film.reading is None or not film.reading.known:
        return
    pen = ImageDraw.Draw(picture)
    for line in end_lines(film.reading):
        ends = (film.film.place.to_upright(line) + 0.5) * scale
        pen.line([tuple(map(float, end)) for end in ends], fill=ImageColor.getrgb(REFERENCE), width=2)


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
    """One self-contained page at `path`: `rows` of results (`table.COLUMNS`), their thumbnails from `folder` inside."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from spinelib.report.page import style

    films = [row | {"picture": _embedded(folder / str(row["thumbnail"]))} for row in rows]
    settings: dict[str, Any] = {"undefined": StrictUndefined, "autoescape": True, "trim_blocks": True}
    environment = Environment(loader=PackageLoader("spinelib.apply", "."), lstrip_blocks=True, **settings)
    html = environment.get_template("page.html.j2").render(title=title, facts=facts, films=films, style=style())
    write_text(path, html)


def _embedded(path: Path) -> str:
    if not path.is_file():
        return ""
    buffer = io.BytesIO(path.read_bytes())
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
