"""Every file of a folder is used, ignored with a reason, or a problem: on a folder with one of everything."""

import os
from collections import Counter

import numpy as np
import pytest
import SimpleITK

from spinelib.cases.manifest import Problem, read_file_uses, read_manifest
from spinelib.core.files import digest
from spinelib.sources import listing as listing_module
from spinelib.sources import prepare
from spinelib.sources.accounting import account
from spinelib.sources.conversion import Conversion
from spinelib.sources.formats.registry import find_cases
from spinelib.sources.listing import list_files

from ..cases.readers.test_dicom import dicom
from ..cases.volumes import SPACING, lumbar, save_series
from .formats.films import SHAPE, film, films, labelme, run, save, truth


def everything(source):
    """One of everything that people have in their folders; gives how many files there are."""
    films(source / "images", [f"{k}.png" for k in range(4)])
    for k in range(4):
        save(source / "masks" / f"{k}.png", truth())
    films(source / "images" / "p9" / "2020", ["deep.png"])
    save(source / "masks" / "p9" / "2020" / "deep.png", truth())
    films(source / "lateral" / "images", ["side.png"])
    save(source / "lateral" / "masks" / "side.png", truth())
    films(source, ["loose.png"])
    films(source / "elsewhere", ["x.png"])
    films(source / "images", ["twice.png"])
    save(source / "masks" / "twice.png", truth())
    labelme(source / "masks" / "twice.json")
    films(source / "images", ["alone.png"])
    save(source / "masks" / "stranger.png", truth())
    for name in (
        "Thumbs.db",
        ".DS_Store",
        "notes.txt",
        "report.pdf",
        "backup.zip",
        "old.rar",
        "DICOMDIR",
        "desktop.ini",
    ):
        (source / name).write_bytes(b"x" * 10)
    (source / ".git").mkdir()
    (source / ".git" / "config").write_text("x")
    (source / "images" / "empty.png").write_bytes(b"")
    save(source / "masks" / "empty.png", truth())
    (source / "images" / "gone.png").symlink_to(source / "nowhere.png")
    (source / "images" / "round").symlink_to(source, target_is_directory=True)
    os.mkfifo(source / "images" / "pipe.png")
    (source / "images" / os.fsdecode(b"\xd7\xb5\xcc\xe5.png")).write_bytes(b"x")
    save_series(source / "cd" / "DICOM" / "S1", lumbar()[0].astype(np.uint16), SPACING, uid="1.2.3")
    dicom(source / "cd" / "DICOM" / "film", film(*SHAPE).astype(np.uint16), Modality="CR")
    return sum(len(names) for _, _, names in os.walk(source)) + 1


def test_the_counts_add_up_on_a_folder_with_one_of_everything(tmp_path):
    source = tmp_path / "in"
    count = everything(source)
    cases, problems, uses = run(source)
    assert set(cases) == {"0", "1", "2", "3", "deep", "side_lateral"}
    assert len(uses) == count
    assert sum(Counter(use.use for use in uses.values()).values()) == count
    assert all(use.reason for use in uses.values())
    assert {name for name, use in uses.items() if use.use == "ignored"} == {
        *("Thumbs.db", ".DS_Store", "notes.txt", "report.pdf", "backup.zip", "DICOMDIR", "desktop.ini", ".git/config"),
        "images/round",
    }
    faulty = {name for name, use in uses.items() if use.use == "problem"}
    slices = {name for name in uses if name.startswith("cd/DICOM/S1/")}
    assert faulty - slices == {
        *("loose.png", "elsewhere/x.png", "images/twice.png", "masks/twice.png", "masks/twice.json", "old.rar"),
        *("images/alone.png", "masks/stranger.png", "images/empty.png", "masks/empty.png", "images/gone.png"),
        *("images/pipe.png", "images/\u05f5\\xcc\\xe5.png", "cd/DICOM/film"),
    }
    assert slices < faulty
    # Whatever is a problem has a row that says what to do; the slices have one for all of them.
    rows = {problem.file for problem in problems if problem.action == "excluded"}
    assert {str(source / name) for name in ("loose.png", "images/gone.png", "images/pipe.png", "cd/DICOM/S1")} <= rows
    assert all(problem.remedy for problem in problems)


def test_files_that_nobody_may_read_are_problems(tmp_path, monkeypatch):
    source = tmp_path / "in"
    films(source / "images", [f"{k}.png" for k in range(3)])
    for k in range(3):
        save(source / "masks" / f"{k}.png", truth())
    allowed = os.access
    monkeypatch.setattr(listing_module.os, "access", lambda path, mode: path.name != "1.png" and allowed(path, mode))
    cases, problems, uses = run(source)
    assert set(cases) == {"0", "2"}
    assert uses["images/1.png"].reason == "cannot be opened (no permission)"
    assert {problem.action for problem in problems} == {"excluded"}


def test_the_prepared_folder_is_no_source_of_itself(tmp_path):
    films(tmp_path, [f"{k}.png" for k in range(3)])
    for k in range(3):
        save(tmp_path / f"{k}_mask.png", truth())
    for _ in range(2):
        prepare("folder", tmp_path / "reports" / "out", tmp_path, audit=False)
        assert len(read_manifest(tmp_path / "reports" / "out")) == 3
        assert len(read_file_uses(tmp_path / "reports" / "out")) == 6


@pytest.mark.parametrize("ending", [".mhd", ".nhdr"])
def test_a_header_counts_with_its_voxels(tmp_path, ending):
    for k in range(2):
        image, labels = lumbar(seed=k)
        for part, values in (("images", image.astype(np.int16)), ("masks", labels.astype(np.uint8))):
            path = tmp_path / "in" / part / f"p{k}{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = SimpleITK.GetImageFromArray(values)
            SimpleITK.WriteImage(picture, str(path))
    problems: list[Problem] = []
    found = list_files(tmp_path / "in", problems)
    cases = find_cases(Conversion(found, tmp_path, problems))
    uses = account(found, cases, {case.case for case in cases}, problems)
    assert len(uses) == 8
    assert {use.use for use in uses} == {"used"}
    assert problems == []


def test_a_download_may_hold_more_than_is_read(tmp_path):
    films(tmp_path / "images", ["a.png", "b.png"])
    problems: list[Problem] = []
    listing = list_files(tmp_path, problems)
    problems.append(Problem("b", str(tmp_path / "images" / "b.png"), "has no mask", "Add one.", "excluded"))
    uses = account(listing, [], (), problems, unasked="ignored")
    assert [(use.file, use.use) for use in uses] == [("images/a.png", "ignored"), ("images/b.png", "problem")]
    assert len(problems) == 1


def test_a_source_is_read_and_never_changed(tmp_path):
    source = tmp_path / "in"
    everything(source)

    def looks():
        paths = sorted(path for path in source.rglob("*") if path.is_file() and not path.is_symlink())
        return [(path, path.stat().st_mtime_ns, digest(path)) for path in paths]

    before = looks()
    run(source)
    assert looks() == before
    assert len(before) > 20
