"""SPIDER in its official layout, its numbers turned into those of the structures."""

import numpy as np
import pytest

from spinelib.cases import load_arrays, read_problems, read_volume
from spinelib.cases.labelled import read_labelled
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.sources.spider import renumber

from ..cases.volumes import SPACING, lumbar, save_mha
from .accounts import uses
from .volumes import run, write_rows


def spider_labels(seed=0):
    """L5 to T12 as 1 to 6, discs from L4/L5 as 202 on, the canal as 100."""
    _, labels = lumbar(seed=seed)
    out = labels.astype(np.int16)
    out[(labels >= 2) & (labels <= 10)] -= 1
    out[labels >= 11] += 190
    out[:, :, 40] = 100
    return out


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "in"
    names = [f"{patient}_{kind}" for patient in (7, 8, 9) for kind in ("t1", "t2")]
    for k, name in enumerate(names):
        save_mha(source / "images" / f"{name}.mha", lumbar(seed=k)[0], SPACING)
        save_mha(source / "masks" / f"{name}.mha", spider_labels(), SPACING)
    rows = [(name, "validation" if name[0] == "9" else "training") for name in names]
    write_rows(source / "overview.csv", ("new_file_name", "subset"), rows)
    return source


def test_names_splits_and_sequences(source):
    _, cases, problems = run("spider", source)
    assert {name: (case.patient, case.split) for name, case in cases.items()} == {
        "7_t2": ("7", "train"),
        "8_t2": ("8", "train"),
        "9_t2": ("9", "test"),
    }
    assert problems == {}


def test_all_sequences_of_a_patient_stay_together(source):
    _, cases, _ = run("spider", source, sequence="all", split="random", test_fraction=0.3)
    assert len(cases) == 6
    assert len({(case.patient, case.split) for case in cases.values()}) == 3


def test_labels_get_their_names(source):
    out, cases, _ = run("spider", source)
    found = read_volume(out / cases["7_t2"].mask).array
    wanted = lumbar()[1]
    wanted[:, :, 40] = 0
    assert (found == wanted).all()
    assert "S" not in read_labelled(out)["7_t2"]
    assert not load_arrays(out, (8, 64, 32)).known[:, 0].any()


def test_vertebrae_that_are_partly_seen_are_unknown(tmp_path):
    values = spider_labels()
    values[values == 6] = 106
    labels, named = renumber(tmp_path, values)
    assert not (labels == STRUCTURES.index("T12") + 1).any()
    assert set(STRUCTURES) - set(named) == {"S", "T12"}


def test_other_numbers_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"none of SPIDER's \(57, 150\)"):
        renumber(tmp_path / "7_t2.mha", np.array([0, 1, 57, 100, 150]))


def test_odd_names_become_problems(source):
    save_mha(source / "images" / "scan.mha", lumbar()[0], SPACING)
    save_mha(source / "masks" / "scan.mha", spider_labels(), SPACING)
    _, cases, problems = run("spider", source)
    assert "scan" not in cases
    assert "not called as SPIDER's files are" in problems["scan"].problem


@pytest.mark.parametrize("wrong", [{"sequence": "flair"}, {"split": "mine"}])
def test_unknown_options_are_refused(source, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong.values()))):
        run("spider", source, **wrong)


def test_without_the_overview_only_a_random_split_is_possible(source):
    (source / "overview.csv").unlink()
    with pytest.raises(BadInput, match=r"no overview\.csv") as error:
        run("spider", source)
    assert "random" in error.value.remedy
    _, cases, _ = run("spider", source, split="random")
    assert {case.split for case in cases.values()} == {"train", "test"}


def test_every_file_is_accounted_for(source):
    (source / "images" / "7_t2.txt").write_text("x")
    (source / "images" / "8_t2.png").write_bytes(b"x")
    (source / "masks" / "9_t2.docx").write_bytes(b"x")
    out, cases, problems = run("spider", source)
    assert sorted(cases) == ["7_t2", "9_t2"]
    assert problems["8_t2"].problem == "could belong to several images"
    found = uses(source, out)
    assert {name for name, use in found.items() if use == "problem"} == {
        *("images/8_t2.png", "images/8_t2.mha", "masks/8_t2.mha", "masks/9_t2.docx")
    }
    assert {name for name, use in found.items() if use == "used"} == {
        "overview.csv",
        *(f"{part}/{name}.mha" for part in ("images", "masks") for name in cases),
    }


def test_an_overview_from_a_spreadsheet_is_read_and_a_bad_row_costs_its_volume(source):
    rows = ["7_t2;training", "8_t2", "9_t2;validation", "99_t2;training", "7_t1;training", "8_t1;training"]
    (source / "overview.csv").write_bytes("\r\n".join(["new_file_name;subset", *rows]).encode("utf-16"))
    out, cases, problems = run("spider", source)
    assert {name: case.split for name, case in cases.items()} == {"7_t2": "train", "9_t2": "test"}
    assert "says 'nothing' of 8_t2" in problems["8_t2"].problem
    said = [row.problem for row in read_problems(out) if not row.case]
    assert said == [
        "row 3 has 1 fields, the header 2",
        "was read as utf-16-le text, with fields separated by semicolons",
        "names 1 volumes that cannot be used or are not here (99_t2 ...)",
    ]


def test_a_volume_with_two_subsets_is_left_out(source):
    with (source / "overview.csv").open("a") as file:
        file.write("7_t2,validation\n")
    _, cases, problems = run("spider", source)
    assert "7_t2" not in cases
    assert "says 'training and validation' of 7_t2" in problems["7_t2"].problem
