"""The digital patient in the MR scanner as a data set: T2-like volumes with the 19 structures, made from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from spinelib.cases import Case, save_volume, write_classes, write_manifest, write_problems
from spinelib.core.errors import BadInput
from spinelib.core.layout import IMAGES, MASKS, DataFolder
from spinelib.core.structures import STRUCTURES
from spinelib.sources.options import LARGEST, made_size


def prepare_phantom_mr(
    source: Path | None,
    folder: Path,
    patients: int = 40,
    seed: int = 0,
    test_fraction: float = 0.2,
    limit: int = 384,
    size: Sequence[int] = (),
    slices: int = 0,
    curves: float = 0.5,
    bodies_only: bool = False,
    processes: int = 1,
) -> None:
    """Write digital patients to `folder`: images/*.nii.gz, masks/*.nii.gz, classes.csv, problems.csv, manifest.csv.

    One volume a patient; patient k of a seed is patient k of the films of that seed, with `curves` of its scoliosis (C:
    people sent to lumbar MR have less of it than those sent to scoliosis films; 1 is the films' own). In-plane size is
    drawn from 256 to `limit` px and 12 to 20 slices, unless `size` (height, width) or `slices` are given. `bodies_only`
    leaves arches and sacral wings unlabelled. The last `test_fraction` of the patients are the test split. Volumes are
    made one at a time in each of `processes`; their bits do not depend on that number. `source` is not used. Raises
    BadInput for an option out of its range.
    """
    _check(patients, test_fraction, limit, slices, curves, processes)
    pixels = made_size("phantom_mr", size, (32, 32)) if len(size) else None
    make = partial(_write, folder, seed, pixels, slices or None, limit, curves, bodies_only)
    with _mapper(processes) as mapper:
        names = list(mapper(make, range(patients)))
    first_test = patients - round(patients * test_fraction)
    cases = [
        Case(
            case=name,
            patient=name,
            view="sagittal",
            image=f"{IMAGES}/{name}.nii.gz",
            mask=f"{MASKS}/{name}.nii.gz",
            modality="mr",
            split="test" if number >= first_test else "train",
        )
        for number, name in enumerate(names)
    ]
    write_classes(STRUCTURES, folder)
    write_problems([], folder)
    write_manifest(cases, folder)


def _write(
    folder: Path,
    seed: int,
    size: tuple[int, int] | None,
    slices: int | None,
    limit: int,
    curves: float,
    bodies_only: bool,
    number: int,
) -> str:
    """Make and write one patient's volume and labels; gives the name."""
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.mr import scan

    patient = sample_anatomy(1, seed, number)[0]
    patient = replace(patient, curve_angle=patient.curve_angle * curves)
    made = scan(patient, seed, size, slices, limit, bodies_only)
    spacing = (float(made.spacing[0]), float(made.spacing[1]), float(made.spacing[2]))
    name = f"p{number:05d}"
    save_volume(DataFolder(folder).images / f"{name}.nii.gz", made.image, spacing)
    save_volume(DataFolder(folder).masks / f"{name}.nii.gz", made.labels, spacing)
    return name


@contextmanager
def _mapper(processes: int) -> Iterator[Callable[[Callable[[int], str], Iterable[int]], Iterable[str]]]:
    """`map`, or that of a pool of fresh processes: forking a process that has run torch can hang."""
    if processes == 1:
        yield map
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield pool.map


def _check(patients: int, test_fraction: float, limit: int, slices: int, curves: float, processes: int) -> None:
    wrong = {
        f"patients is {patients}": (patients < 1, "Ask for at least one patient."),
        f"test_fraction is {test_fraction}": (not 0 <= test_fraction <= 1, "Give a number from 0 to 1."),
        f"limit is {limit} px": (not 256 <= limit <= LARGEST, f"Give 256 to {LARGEST} px, or a size."),
        f"slices is {slices}": (slices != 0 and not 3 <= slices <= LARGEST, "Give 3 or more, or 0 to have it drawn."),
        f"curves is {curves}": (not 0 <= curves <= 1.5, "Give a number from 0 to 1.5."),
        f"processes is {processes}": (processes < 1, "Give 1 or more."),
    }
    for reason, (is_wrong, remedy) in wrong.items():
        if is_wrong:
            raise BadInput("phantom_mr", reason, remedy)
