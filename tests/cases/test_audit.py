import shutil
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from spinelib.cases import Case, Problem, audit, registration, thumbnails
from spinelib.cases.audit import DuplicatePair, merge_patients, near_duplicates, write_audit
from spinelib.cases.manifest import write_manifest
from spinelib.core.errors import BadInput
from spinelib.core.layout import AUDITING

from .films import film


def radiograph(seed):
    """A film with organs, ribs and a column of its own, 8 bit, about 450 x 200."""
    rng = np.random.default_rng(seed)
    height, width = 430 + 5 * (seed % 7), 190 + 4 * (seed % 5)
    grey = film(height, width, seed, bend=rng.uniform(-30, 30)).astype(float)
    y, x = np.mgrid[:height, :width]
    for rib in range(10):
        top, slope = height * (0.12 + 0.06 * rib) + rng.normal(0, 4), rng.normal(0.25, 0.1)
        line = np.abs(y - top - slope * np.abs(x - width / 2)) < rng.uniform(2.5, 4.5)
        grey += 22 * gaussian_filter(line.astype(float), 1)
    for _ in range(6):
        spot = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(8, 30)
        grey += rng.uniform(-40, 40) * (np.hypot(y - spot[0], x - spot[1]) < spot[2])
    return np.clip(gaussian_filter(grey, 0.5), 1, 255)


def recrop(grey, top=15, left=6, bottom=12, right=10, scale=1.06, gamma=0.7, gain=0.8):
    part = zoom(grey[top : grey.shape[0] - bottom, left : grey.shape[1] - right], scale, order=1)
    return gain * 255 * (part / 255) ** gamma


def save(path, grey):
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(path, quality=88)
    return path


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Twenty unrelated films, re-crops of the first three of them on the test side, and a copy of the fourth."""
    folder = tmp_path_factory.mktemp("films, ü")
    cases = []
    for k in range(20):
        save(folder / f"{k}.jpg", radiograph(k))
        cases.append(Case(f"f{k}", f"p{k}", "coronal", f"{k}.jpg", split="train"))
    changes = [{}, {"scale": 0.9, "gamma": 1.5, "gain": 1.0}, {"top": 45, "bottom": 2, "left": 20, "right": 1}]
    for k, change in enumerate(changes):
        save(folder / f"again {k}.png", recrop(radiograph(k), **change))
        cases.append(Case(f"r{k}", f"q{k}", "coronal", f"again {k}.png", split="test"))
    shutil.copy(folder / "3.jpg", folder / "copy.jpg")
    cases.append(Case("copy", "q3", "coronal", "copy.jpg", split="train"))
    return folder, cases


def test_recrops_are_found_and_unrelated_films_are_not(cohort):
    folder, cases = cohort
    pairs = near_duplicates(cases, folder)
    assert [(pair.a, pair.b) for pair in pairs] == [("f0", "r0"), ("f1", "r1"), ("f2", "r2"), ("f3", "copy")]
    assert [pair.across_split for pair in pairs] == [True, True, True, False]
    assert [pair.identical for pair in pairs] == [False, False, False, True]
    assert all(pair.similarity > 0.75 for pair in pairs)


def test_the_registration_says_where_the_crop_lies(cohort):
    folder, cases = cohort
    pair = near_duplicates([cases[0], cases[20]], folder)[0]
    height = radiograph(0).shape[0]
    assert pair.scale == pytest.approx((height - 27) / height, abs=0.015)
    assert pair.shift_y == pytest.approx(15 / height, abs=0.015)
    assert pair.shift_x == pytest.approx(6 / height, abs=0.015)


def test_an_unreadable_film_is_a_problem_or_an_error(cohort, tmp_path):
    folder, cases = cohort
    (tmp_path / "bad.png").write_bytes(b"no picture")
    some = [Case("bad", "x", "coronal", str(tmp_path / "bad.png")), *cases[:2], cases[20]]
    problems: list[Problem] = []
    assert [(pair.a, pair.b) for pair in near_duplicates(some, folder, problems=problems)] == [("f0", "r0")]
    assert [(problem.case, problem.action) for problem in problems] == [("bad", "excluded")]
    with pytest.raises(BadInput, match=r"bad\.png"):
        near_duplicates(some, folder)


def test_of_equal_files_the_first_stands_for_all_and_many_are_no_square_of_pairs(cohort, tmp_path, monkeypatch):
    folder, cases = cohort
    copies = [Case(f"c{k}", f"c{k}", "coronal", str(tmp_path / f"{k}.jpg"), split="test") for k in range(4)]
    for each in copies:
        shutil.copy(folder / "0.jpg", each.image)
    some = [cases[0], cases[20], *copies]
    pairs = [(pair.a, pair.b) for pair in near_duplicates(some, folder)]
    assert pairs[:2] == [("f0", "r0"), ("f0", "c0")]
    assert len(pairs) == 1 + 10
    monkeypatch.setattr(audit, "PER_FILM", 3)
    few = near_duplicates(some, folder)
    assert [(pair.a, pair.b) for pair in few] == [("f0", name) for name in ("r0", "c0", "c1", "c2", "c3")]
    assert {case.patient for case in merge_patients(some, few)} == {"c0"}


def counted(monkeypatch, where, name, stop=10**9):
    """Let a function count its calls, and be interrupted at one of them; gives the list of calls."""
    calls, call = [], getattr(where, name)

    def counting(*given):
        calls.append(given)
        if len(calls) == stop:
            raise KeyboardInterrupt
        return call(*given)

    monkeypatch.setattr(where, name, counting)
    return calls


@pytest.mark.parametrize(("read", "compared"), [(9, 99), (99, 1), (99, 12)])
def test_a_search_that_was_stopped_goes_on_where_it_was(cohort, monkeypatch, read, compared):
    folder, cases = cohort
    whole = near_duplicates(cases, folder)
    assert not (folder / AUDITING).exists()
    with monkeypatch.context() as patch:
        before = [
            counted(patch, *each) for each in [(thumbnails, "thumbnail", read), (registration, "correlate", compared)]
        ]
        with pytest.raises(KeyboardInterrupt):
            near_duplicates(cases, folder)
    after = [counted(monkeypatch, *each) for each in [(thumbnails, "thumbnail"), (registration, "correlate")]]
    assert near_duplicates(cases, folder) == whole
    done = [len(calls) for calls in after]
    # Two films are read at once; of the copy only its digest.
    assert done[0] <= max(0, 24 - read + 3)
    assert done[1] == 22 - max(0, len(before[1]) - 1)
    assert not (folder / AUDITING).exists()


KILLED = """
import sys
from pathlib import Path
from spinelib.cases import registration
from spinelib.cases.audit import near_duplicates
from spinelib.cases.manifest import read_manifest
import os, signal
whole, calls = registration.correlate, []
def correlate(*given):
    calls.append(1)
    if len(calls) == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*given)
registration.correlate = correlate
folder = Path(sys.argv[1])
near_duplicates(read_manifest(folder), folder)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_search_that_was_killed_goes_on_where_it_was(cohort, monkeypatch):
    folder, cases = cohort
    whole = near_duplicates(cases, folder)
    write_manifest(cases, folder)
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    read, compared = (counted(monkeypatch, *each) for each in [(thumbnails, "thumbnail"), (registration, "correlate")])
    assert near_duplicates(cases, folder) == whole
    assert (len(read), len(compared)) == (0, 22 - 7)


def test_a_film_that_changed_since_is_read_and_compared_anew(cohort, tmp_path, monkeypatch):
    folder, cases = cohort
    for each in (0, 1, 20):
        shutil.copy(folder / cases[each].image, tmp_path)
    some = [cases[0], cases[20], cases[1]]
    with monkeypatch.context() as patch:
        counted(patch, registration, "register", 1)
        with pytest.raises(KeyboardInterrupt):
            near_duplicates(some, tmp_path)
    shutil.copy(folder / cases[5].image, tmp_path / cases[0].image)
    assert near_duplicates(some, tmp_path) == []


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_films_have_no_pairs(cohort, count):
    folder, cases = cohort
    assert near_duplicates(cases[:count], folder) == []


def test_blank_films_are_no_duplicates_of_others(cohort, tmp_path):
    folder, cases = cohort
    save(tmp_path / "black.png", np.zeros((400, 200)))
    blank = Case("blank", "b", "coronal", str(tmp_path / "black.png"))
    assert near_duplicates([blank, *cases[:3]], folder) == []


def case(name, patient, split):
    return Case(name, patient, "coronal", f"{name}.png", split=split)


def pair(a, b):
    return DuplicatePair(a, b, 0.9, 1.0, 1.0, 0.0, 0.0)


def test_connected_duplicates_become_one_patient():
    cases = [case("a", "p3", "train"), case("b", "p2", "test"), case("c", "p1", "train"), case("d", "p0", "test")]
    merged = merge_patients(cases, [pair("a", "b"), pair("b", "c")])
    assert [c.patient for c in merged] == ["p1", "p1", "p1", "p0"]
    assert [c.near_duplicate for c in merged] == [("b",), ("a", "c"), ("b",), ()]


def test_other_films_of_the_patients_follow_but_are_no_duplicates():
    cases = [case("a", "p", "train"), case("a2", "p", "train"), case("b", "q", "test"), case("b2", "q", "test")]
    merged = merge_patients(cases, [pair("a", "b")])
    assert {c.patient for c in merged} == {"p"}
    assert [c.near_duplicate for c in merged] == [("b",), (), ("a",), ()]


def test_without_pairs_nothing_changes():
    cases = [case("a", "p", "train"), case("b", "q", "test")]
    assert merge_patients(cases, []) == cases


def test_the_audit_is_a_table(tmp_path):
    table = pd.read_csv(write_audit([pair("a, ü", "b")], tmp_path))
    assert table.loc[0, ["a", "b", "similarity", "identical"]].tolist() == ["a, ü", "b", 0.9, False]
    assert len(pd.read_csv(write_audit([], tmp_path))) == 0
