import pickle
import warnings

import numpy as np
import pytest
from PIL import Image

from spinelib.cases import load_arrays, read_classes, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.sources.nhanes2 import prepare_nhanes2, read_bitmap
from spinelib.spinefm.instances import instances_of

from ..cases.films import film
from .accounts import uses

SHAPE = (120, 100)
CERVICAL, LUMBAR = ("C2", "C3", "C4", "C5", "C6", "C7"), ("L1", "L2", "L3", "L4", "L5", "S1")


def bitmap(place):
    mask = np.zeros(SHAPE, bool)
    mask[5 + 18 * place : 18 + 18 * place, 40:60] = True
    return mask


def add(root, name, levels, suffix=".jpg"):
    (root / "imgs").mkdir(parents=True, exist_ok=True)
    (root / "gts").mkdir(exist_ok=True)
    Image.fromarray(film(*SHAPE, seed=int(name[1:]))).save(root / "imgs" / f"{name}{suffix}")
    for place, level in enumerate(levels):
        np.save(root / "gts" / f"{name}_{level}.npy", bitmap(place))


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "NHANES II" / "data"
    for k in (1, 2):
        add(root, f"C{k:05d}", CERVICAL)
        add(root, f"L{k:05d}", LUMBAR)
    return root


def run(source, **options):
    out = source.parent / "out"
    prepare_nhanes2(source, out, **{"audit": False, "test_fraction": 0.5, **options})
    return out, {case.case: case for case in read_manifest(out)}, {p.case: p for p in read_problems(out)}


def test_bitmaps_become_label_maps_of_all_levels(source):
    out, cases, problems = run(source)
    assert problems == {}
    assert read_classes(out) == (*CERVICAL, *LUMBAR)
    assert {case.note for case in cases.values()} == {"neck", "loin"}
    data = load_arrays(out, SHAPE)
    for i, name in enumerate(data.table["case"]):
        found = instances_of(data, i)
        assert [instance.level for instance in found] == list(CERVICAL if name[0] == "C" else LUMBAR)
        for place, instance in enumerate(found):
            np.testing.assert_array_equal(instance.mask, bitmap(place))


def test_films_of_one_number_are_one_patient(source):
    _, cases, _ = run(source)
    assert cases["C00001"].patient == cases["L00001"].patient == "00001"
    assert cases["C00001"].split == cases["L00001"].split


def test_numbers_of_any_kind_are_read(source):
    for kind in (np.uint8, np.int64, np.float32):
        np.save(source / "gts" / "C00001_C4.npy", bitmap(2).astype(kind) * kind(7))
        _, cases, problems = run(source)
        assert problems == {}
        assert len(cases) == 4


@pytest.mark.parametrize("beside", [True, False])
def test_published_lists_make_the_split(source, beside):
    folder = (source.parent if beside else source) / "data_split"
    folder.mkdir()
    (folder / "train.txt").write_text("C00001.jpg\n", encoding="utf-8")
    (folder / "val.txt").write_text("L00001\n\n", encoding="utf-8")
    (folder / "test.txt").write_text("C00002\n", encoding="utf-8")
    _, cases, problems = run(source)
    assert {name: case.split for name, case in cases.items()} == {
        "C00001": "train",
        "L00001": "train",
        "C00002": "test",
    }
    assert "none of the lists" in problems["L00002"].problem
    (folder / "test.txt").write_text("C00001\n", encoding="utf-8")
    with pytest.raises(BadInput, match="another list"):
        run(source)


def test_films_of_csxa_in_this_layout_are_png(tmp_path):
    root = tmp_path / "csxa"
    for k in range(1, 4):
        (root / "imgs").mkdir(parents=True, exist_ok=True)
        add(root, f"000000{k}", CERVICAL, ".png")
    _, cases, problems = run(root)
    assert sorted(cases) == ["0000001", "0000002", "0000003"]
    assert problems == {}


class Payload:
    def __reduce__(self):
        return (warnings.warn, ("a pickle was executed",))


def damage(root, name):
    path = root / "gts" / "C00001_C4.npy"
    if name == "pickle":
        np.save(path, np.array([Payload()], dtype=object), allow_pickle=True)
    elif name == "bare pickle":
        path.write_bytes(pickle.dumps(Payload()))
    elif name == "cut short":
        path.write_bytes(path.read_bytes()[:200])
    elif name == "empty file":
        path.write_bytes(b"")
    elif name == "archive":
        with path.open("wb") as stream:
            np.savez(stream, a=bitmap(0))
    elif name == "other size":
        np.save(path, bitmap(2)[:-1])
    elif name == "three axes":
        np.save(path, np.repeat(bitmap(2)[..., None], 3, 2))
    elif name == "grey values":
        np.save(path, film(*SHAPE, seed=1))
    elif name == "nothing":
        np.save(path, bitmap(2) & False)
    elif name == "nan":
        np.save(path, np.full(SHAPE, np.nan))
    elif name == "same vertebra":
        np.save(path, bitmap(3))
    elif name == "no film":
        (root / "imgs" / "C00001.jpg").unlink()
    elif name == "broken film":
        (root / "imgs" / "C00001.jpg").write_bytes(b"\xff\xd8\xff" + b"0" * 50)
    else:
        for path in (root / "gts").glob("C00001_*"):
            path.unlink()


DAMAGES = {
    "pickle": "no readable array", "bare pickle": "no readable array", "cut short": "no readable array",
    "empty file": "is empty", "archive": "several arrays", "other size": "has 100 x 119 pixels",
    "three axes": "of shape", "grey values": "not a bitmap", "nothing": "not a bitmap", "nan": "not a bitmap",
    "same vertebra": "mark one vertebra", "no film": "does not exist", "broken film": "not an image of a known format",
    "no bitmaps": "has no bitmap",
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_bad_film_is_one_row_of_problems_and_nothing_is_unpickled(source, name):
    damage(source, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, cases, problems = run(source)
    assert sorted(cases) == ["C00002", "L00001", "L00002"]
    assert DAMAGES[name] in problems["C00001"].problem
    assert problems["C00001"].action == "excluded"


def test_files_with_other_names_are_listed(source):
    np.save(source / "gts" / "C00001_BG1.npy", bitmap(0))
    (source / "gts" / "notes.txt").write_text("x", encoding="utf-8")
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert {"C00001", "notes"} == set(problems)


def test_small_overlaps_belong_to_the_lower_vertebra(source):
    mask = bitmap(2)
    mask[3 + 18 * 3 : 7 + 18 * 3, 40:60] = True
    np.save(source / "gts" / "C00001_C4.npy", mask)
    out, _, problems = run(source)
    assert problems == {}
    data = load_arrays(out, SHAPE)
    found = instances_of(data, data.table["case"].tolist().index("C00001"))
    np.testing.assert_array_equal(found[3].mask, bitmap(3))
    np.testing.assert_array_equal(found[2].mask, mask & ~bitmap(3))


def test_another_layout_is_refused(tmp_path):
    with pytest.raises(BadInput, match="imgs/ and gts/"):
        prepare_nhanes2(tmp_path, tmp_path / "out")
    path = tmp_path / "a.npy"
    with pytest.raises(BadInput, match="does not exist"):
        read_bitmap(path, SHAPE)


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(source):
    for k in (3, 4):
        add(source, f"C{k:05d}", CERVICAL)
    Image.open(source / "imgs" / "C00003.jpg").save(source / "imgs" / "C00003.png")
    # A film that lacked one of its vertebrae would have it as background.
    (source / "gts" / "C00004_C4.npy").unlink()
    (source / "gts" / "C00004_C4.npy").symlink_to(source / "nowhere.npy")
    (source / "imgs" / "notes.txt").write_text("x")
    out, cases, problems = run(source)
    assert sorted(cases) == ["C00001", "C00002", "L00001", "L00002"]
    assert "has the name of" in problems["C00003"].problem
    assert "does not exist" in problems["C00004"].problem
    found = uses(source, out)
    assert {name for name, use in found.items() if use == "ignored"} == {"imgs/notes.txt"}
    assert {name[4:].lstrip("/")[:6] for name, use in found.items() if use == "problem"} == {"C00003", "C00004"}
    assert sum(use == "used" for use in found.values()) == 4 * 7


def test_names_in_a_list_that_no_film_has_are_rows(source):
    (source / "data_split").mkdir()
    (source / "data_split" / "train.txt").write_bytes("C00001\nL00001\nC0001\n".encode("utf-16"))
    (source / "data_split" / "test.txt").write_text("C00002\nL00002\n", encoding="utf-8")
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert (problems["C0001"].action, problems["C0001"].remedy) == ("kept", "Did you mean 'C00001'?")
    assert problems[""].problem == "was read as utf-16-le text"
