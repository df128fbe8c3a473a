import os
import shutil
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinelib import protocol
from spinelib.cases import load_arrays, read_classes, read_manifest, read_mask, read_problems
from spinelib.core.errors import BadInput
from spinelib.sources import prepare

from ..cases.films import film
from .accounts import uses

REAL = os.environ.get("SPINE_DATA", "")
SHAPE = (96, 80)


def lung(left=True, right=True):
    mask = np.zeros(SHAPE, bool)
    mask[20:70, 45:70] |= left
    mask[20:70, 10:35] |= right
    return mask


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def montgomery(root, count=6, first=0):
    for k in range(first, first + count):
        name = f"MCUCXR_{k:04d}_{k % 2}.png"
        save(root / "CXR_png" / name, film(*SHAPE, seed=k))
        # One-bit masks, as released.
        save(root / "ManualMask" / "leftMask" / name, lung(right=False))
        save(root / "ManualMask" / "rightMask" / name, lung(left=False))
    (root / "ManualMask" / "leftMask" / "Thumbs.db").write_bytes(b"x")
    return root


def shenzhen(root, masks, count=4):
    for k in range(count):
        # Grey films saved in colour, one of them with a coloured stamp.
        colour = np.repeat(film(*SHAPE, seed=100 + k)[:, :, None], 3, 2)
        colour[:5, :5, 0] = 255
        save(root / "CXR_png" / f"CHNCXR_{k:04d}_0.png", colour)
        save(masks / f"CHNCXR_{k:04d}_0_mask.png", lung().astype(np.uint8) * 255)
    return root


def both(root):
    montgomery(root / "NLM-MontgomeryCXRSet" / "MontgomerySet")
    shenzhen(root / "ChinaSet_AllFiles" / "ChinaSet_AllFiles", root / "mask")
    return root


def flat(root, count=10):
    for k in range(count):
        name = f"{('MCUCXR', 'CHNCXR')[k % 2]}_{k:04d}_0.png"
        save(root / "images" / name, film(*SHAPE, seed=k))
        save(root / "masks" / name, lung().astype(np.uint8) * 255)
    return root


def run(source, **options):
    out = source.parent / "out"
    prepare("chest_xray", out, source, **{"audit": False, **options})
    return {case.case: case for case in read_manifest(out)}, {problem.case: problem for problem in read_problems(out)}


def test_both_downloads_become_one_data_set_of_lungs(tmp_path):
    source = both(tmp_path / "chest, ü")
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    films, problems = run(source, audit=True)
    assert problems == {}
    sites = [film.note for film in films.values()]
    assert (sites.count("montgomery"), sites.count("shenzhen")) == (6, 4)
    assert {(film.view, film.modality) for film in films.values()} == {("other", "xray")}
    assert len({film.patient for film in films.values()}) == 10
    assert read_classes(tmp_path / "out") == ("lung",)
    data = load_arrays(tmp_path / "out", SHAPE)
    assert data.images.shape == (10, 1, *SHAPE)
    assert (data.labels == lung()).all()
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_the_masks_of_the_two_lungs_are_united(tmp_path):
    films, _ = run(both(tmp_path / "in"))
    case = films["MCUCXR_0001_1"]
    assert case.mask == "masks/MCUCXR_0001_1.png"
    assert (read_mask(tmp_path / "out" / case.mask, SHAPE, ("lung",)) == lung()).all()


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (montgomery, 6),
        (lambda root: montgomery(root / "MontgomerySet").parent, 6),
        (lambda root: shenzhen(root / "ChinaSet_AllFiles", root / "ChinaSet_AllFiles" / "mask").parent, 4),
        (flat, 10),
    ],
)
def test_each_layout_is_read_by_itself(tmp_path, make, count):
    films, problems = run(make(tmp_path / "in"))
    assert len(films) == count
    assert problems == {}


def test_seven_to_one_to_two_and_the_seed_decides(tmp_path):
    films, _ = run(flat(tmp_path / "in", 40))
    division = protocol.divide(load_arrays(tmp_path / "out", (32, 32)), 0, 8)
    sizes = len(division.train), len(division.validation), sum(case.split == "test" for case in films.values())
    assert sizes == (28, 4, 8)
    again, other = (run(tmp_path / "in", seed=seed)[0] for seed in (0, 1))
    assert again == films != other


def test_each_bad_film_or_mask_is_a_row_and_the_rest_goes_on(tmp_path):
    source = both(tmp_path / "in")
    films, left, right = (next(source.rglob(name)) for name in ("MontgomerySet/CXR_png", "leftMask", "rightMask"))
    save(left / "MCUCXR_0000_0.png", lung()[:-1])
    (right / "MCUCXR_0001_1.png").unlink()
    (films / "MCUCXR_0002_0.png").write_bytes(b"words")
    for side in (left, right):
        (side / "MCUCXR_0003_1.png").unlink()
        save(side / "MCUCXR_0777_0.png", lung())
    save(films / "JPCLN001.png", film(*SHAPE))
    save(source / "mask" / "CHNCXR_0000_0_mask.png", lung().T.copy())
    (source / "mask" / "CHNCXR_0001_0_mask.png").write_bytes(b"")
    (source / "mask" / "CHNCXR_0002_0_mask.png").rename(source / "mask" / "CHNCXR_0999_0_mask.png")
    cases, problems = run(source)
    assert set(cases) == {"MCUCXR_0004_0", "MCUCXR_0005_1", "CHNCXR_0003_0"}
    reasons = {
        "MCUCXR_0000_0": "has 80 x 95 pixels, its film 80 x 96",
        "MCUCXR_0001_1": "is the mask of one lung only",
        "MCUCXR_0002_0": "is not an image of a known format",
        "MCUCXR_0003_1": "has no mask called MCUCXR_0003_1",
        "MCUCXR_0777_0": "has no image",
        "JPCLN001": "is named as none of MCUCXR, CHNCXR",
        "CHNCXR_0000_0": "turned by 90 degrees",
        "CHNCXR_0001_0": "is empty (0 bytes)",
        "CHNCXR_0002_0": "has no mask called",
        "CHNCXR_0999_0_mask": "has no image",
    }
    assert set(problems) == set(reasons)
    for name, reason in reasons.items():
        assert reason in problems[name].problem
        assert problems[name].action == "excluded"
        assert str(source) in problems[name].file


@pytest.mark.parametrize(
    "make", [lambda _: None, lambda p: (p / "CXR_png").mkdir(), lambda p: save(p / "a.png", lung())]
)
def test_a_folder_without_films_is_refused(tmp_path, make):
    (tmp_path / "in").mkdir()
    make(tmp_path / "in")
    with pytest.raises(BadInput, match="holds no film of Montgomery or Shenzhen"):
        run(tmp_path / "in")


def test_films_without_any_mask_are_refused(tmp_path):
    flat(tmp_path / "in", 3)
    for path in (tmp_path / "in" / "masks").iterdir():
        path.unlink()
    with pytest.raises(BadInput, match=r"holds no usable film; the first problem: .*has no mask"):
        run(tmp_path / "in")


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(tmp_path):
    source = both(tmp_path / "in")
    films, left = (next(source.rglob(name)) for name in ("MontgomerySet/CXR_png", "leftMask"))
    Image.open(films / "MCUCXR_0000_0.png").save(films / "MCUCXR_0000_0.jpg")
    Image.open(left / "MCUCXR_0001_1.png").save(left / "MCUCXR_0001_1.bmp")
    shutil.copy(source / "mask" / "CHNCXR_0000_0_mask.png", source / "mask" / "CHNCXR_0000_0.png")
    (films / "MCUCXR_0009_0.png").symlink_to(source / "nowhere.png")
    (films.parent / "ClinicalReadings").mkdir()
    (films.parent / "ClinicalReadings" / "MCUCXR_0000_0.txt").write_text("x")
    save(source / "other" / "a.png", lung())
    cases, problems = run(source)
    assert set(cases) == {f"MCUCXR_{k:04d}_{k % 2}" for k in range(2, 6)} | {f"CHNCXR_{k:04d}_0" for k in (1, 2, 3)}
    assert {"MCUCXR_0000_0", "MCUCXR_0001_1", "CHNCXR_0000_0"} <= problems.keys()
    found = uses(source, tmp_path / "out")
    faulty = Counter(Path(name).stem for name, use in found.items() if use == "problem")
    assert faulty == {
        "MCUCXR_0000_0": 4,
        "MCUCXR_0001_1": 4,
        "CHNCXR_0000_0": 2,
        "CHNCXR_0000_0_mask": 1,
        "MCUCXR_0009_0": 1,
    }
    ignored = {Path(name).name for name, use in found.items() if use == "ignored"}
    assert ignored == {"Thumbs.db", "MCUCXR_0000_0.txt", "a.png"}


@pytest.mark.real
@pytest.mark.skipif(not REAL, reason="set SPINE_DATA to the folder of the real images to run this")
def test_the_real_films(tmp_path):
    start = time.process_time()
    prepare("chest_xray", tmp_path, Path(REAL) / "cxr_lungs")
    assert time.process_time() - start < 60
    cases = read_manifest(tmp_path)
    assert len(cases) == 210
    assert sum(case.split == "test" for case in cases) == 42
    assert sum(case.note == "montgomery" for case in cases) == 104
    # No pair of these films shows one exposure: the most alike two reach 0.53 of the 0.70 that a pair needs.
    assert not any(case.near_duplicate for case in cases)
    assert len({case.patient for case in cases}) == 210
    assert {problem.action for problem in read_problems(tmp_path)} <= {"repaired"}
    data = load_arrays(tmp_path, (128, 128))
    assert data.images.shape == (210, 1, 128, 128)
    assert (data.labels > 0).mean(axis=(1, 2)).min() > 0.05
