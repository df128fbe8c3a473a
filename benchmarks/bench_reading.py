"""One film from its DICOM file to its overlay with the released network: milliseconds of every part, on one core.

The film is one of the digital patient, written as a radiograph's file is (16 bits, no compression, 0.15 mm). Parts
follow one another as in `spinelib.apply.loop`, in a warm process; then whole calls of `apply` over copies of the film,
which pay for tables and page as well, against the half second of the aim.
"""

from __future__ import annotations

import copy
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.common import Row, told
from spinelib.apply.film import OutlinedFilm, grid_reading, outline_film
from spinelib.apply.gate.judge import judge_answer
from spinelib.apply.loop import FAST, apply_run
from spinelib.apply.native import native_map
from spinelib.apply.picture import film_thumbnail, save_jpeg
from spinelib.apply.table import file_digest
from spinelib.cases.frame import letterbox
from spinelib.cases.readers.film import read_film
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.precision import Precision
from spinelib.prediction.predictor import Predictor
from spinelib.prediction.released import RELEASED
from spinelib.sources import prepare

SIZE, SPACING, DEPTH = (2400, 1200), "0.15", 4095
TURNS, FILMS, AIM = 7, 8, 0.5
# By released network: its films, and what they are of.
FROM: dict[str, tuple[str, dict[str, Any]]] = {
    "film": ("a film from the front", {"dataset": "phantom", "size": [512, 256], "views": ["coronal"]}),
    "lateral": ("a film from the side", {"dataset": "phantom_lateral", "size": [512, 256]}),
}
# The names and seconds of what is done with one film, one after the other.
Parts = Callable[[Predictor, Path, Path], Iterator[tuple[str, float]]]


def rows() -> Iterator[Row]:
    """Yield the parts of one film, as shares of their sum, and a whole call for each film, for both networks."""
    torch.set_num_threads(1)
    for name, (words, options) in FROM.items():
        title = f"{words}, {SIZE[0]} x {SIZE[1]}, from DICOM to overlay"
        predictor = Predictor.from_folder(RELEASED[name].folder, "cpu")
        with tempfile.TemporaryDirectory() as place:
            films = radiographs(Path(place) / "films", FILMS, **options)
            yield from _by_part(title, predictor, films, _parts if name == "film" else _side_parts)
            begun = time.process_time()
            done = apply_run(predictor, films[0].parent, Path(place) / "read", progress=False)
            each = (time.process_time() - begun) / done.made
        yield told(f"reading {title}, with tables and page, in a folder of {FILMS}", each, AIM, AIM / each, "s")
        if name == "film":
            yield _preparing(predictor)


def _by_part(title: str, predictor: Predictor, films: Sequence[Path], parts: Parts) -> Iterator[Row]:
    """The median of every part over turns, after one that does not count, beside the sum of all."""
    times: dict[str, list[float]] = defaultdict(list)
    for turn in range(TURNS + 1):
        for part, seconds in parts(predictor, films[turn % FILMS], films[0].parents[1]):
            times[part].append(seconds)
    spent = {part: float(np.median(each[1:])) for part, each in times.items()}
    whole = sum(spent.values())
    for part, seconds in spent.items():
        yield told(f"time of {title}: {part}", 1000 * seconds, 1000 * whole, seconds / whole, "ms")


def _preparing(predictor: Predictor) -> Row:
    """What preparing the network takes, once in a process, beside the aim for one film."""
    shape = (1, predictor.card.channels + predictor.card.local, *predictor.card.input_grid)
    inputs, times = torch.rand(shape), []
    for _ in range(TURNS):
        fresh = copy.deepcopy(predictor.network)
        call = partial(prepared_network, fresh, Precision(predictor.card.precision), inputs)
        times.append(_timed(call)[1])
    once = float(np.median(times))
    return told("reading the first film: preparing the network once", once, AIM, AIM / once, "s")


def _parts(predictor: Predictor, path: Path, folder: Path) -> Iterator[tuple[str, float]]:
    """A film from the front."""
    _, spent = _timed(lambda: file_digest(path))
    yield "digest of the file", spent
    film, spent = _timed(lambda: read_film(path))
    yield "file to greys and film area", spent
    found, outline = _timed(lambda: outline_film(predictor, path, film))
    place = film.place
    frame = letterbox(place.film, (predictor.card.input_grid[0], predictor.card.input_grid[1]))
    answer, network = _timed(lambda: predictor.film(found.image, frame.native))
    _, back = _timed(lambda: place.back(native_map(answer.logits, frame)))
    _, angles = _timed(lambda: grid_reading(predictor.card, answer.labels, place))
    yield "greys to the network's grid", max(outline - network - back - angles, 0.0)
    yield "network", network
    yield "outline to the film's pixels", back
    yield "Cobb angles", angles
    yield from _after(predictor, found, folder)


def _side_parts(predictor: Predictor, path: Path, folder: Path) -> Iterator[tuple[str, float]]:
    """A film from the side, whose network walks from vertebra to vertebra."""
    _, spent = _timed(lambda: file_digest(path))
    yield "digest of the file", spent
    film, spent = _timed(lambda: read_film(path))
    yield "file to greys and film area", spent
    found, spent = _timed(lambda: outline_film(predictor, path, film))
    yield "vertebra by vertebra", spent
    yield from _after(predictor, found, folder)


def _after(predictor: Predictor, found: OutlinedFilm, folder: Path) -> Iterator[tuple[str, float]]:
    _, spent = _timed(lambda: judge_answer(predictor, found))
    yield "gate and confidence", spent
    _, spent = _timed(lambda: save_jpeg(film_thumbnail(found), folder / "overlay.jpg"))
    yield "overlay", spent
    mask = Image.fromarray(found.labels)
    _, spent = _timed(lambda: mask.save(folder / "mask.png", "PNG", compress_level=FAST))
    yield "mask's file", spent


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.process_time()
    found = call()
    return found, time.process_time() - begun


def radiographs(folder: Path, count: int, dataset: str, **options: Any) -> list[Path]:
    """Films of the digital patient as DICOM files of SIZE, no two alike."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as place:
        made = Path(place)
        prepare(dataset, made, patients=count, seed=77, test_fraction=1, **options)
        pictures = sorted(made.rglob("*.png"))[:count]
        return [write_radiograph(_enlarged(path), folder / f"film{n}.dcm") for n, path in enumerate(pictures)]


def write_radiograph(greys: NDArray[np.uint16], path: Path) -> Path:
    """Write a film [H,W] of 12 bits as a DICOM file without compression; gives its path."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        DigitalXRayImageStorageForPresentation,
        generate_uid(),
    )
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.Modality, data.PatientID, data.PixelSpacing = "DX", path.stem, [SPACING, SPACING]
    data.Rows, data.Columns, data.SamplesPerPixel = *greys.shape, 1
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PhotometricInterpretation, data.PixelData = "MONOCHROME2", greys.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def _enlarged(picture: Path) -> NDArray[np.uint16]:
    with Image.open(picture) as opened:
        large = opened.convert("L").resize(SIZE[::-1], Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).normal(0, 6, SIZE)
    return (np.asarray(large) * (DEPTH / 255) + grain).clip(0, DEPTH).astype(np.uint16)
