"""Hostile strings in every field that reaches a shell, a path, a page or a notebook: text, or refused, never run."""

import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from tests.attacks.study import bring, no_traceback
from tests.study.test_driver import make

pytestmark = pytest.mark.slow

HOSTILE = [
    "$(touch ran)",
    "`touch ran`",
    "a; touch ran",
    "a' ; touch ran; '",
    'a" && touch ran "',
    "a\ntouch ran",
    "{input} {{x}} %s ${HOME}",
    "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "x' + __import__('os').system('touch ran') + '",
    "-rf --help",
]
# A file's name holds no slash; a folder's may not either.
NAMES = [name.replace("/", "_") for name in HOSTILE]


@pytest.fixture
def root(tmp_path):
    return make(tmp_path)


def study_of(root, **changes):
    path = root / "studies" / "tiny.yaml"
    given = yaml.safe_load(path.read_text())
    given["runs"] = [run for run in given["runs"] if run["method"] == "unet"]
    path.write_text(yaml.safe_dump({**given, **changes}))


def nothing_ran(root):
    assert not list(root.rglob("ran"))


def pages(root):
    return [path.read_text(encoding="utf-8") for path in (root / "reports").rglob("*.html")]


def test_titles_questions_and_banners_are_text_on_the_pages(root):
    words = " ".join(HOSTILE)
    study_of(root, title=words, question=words, banner=words)
    done = bring(root, "--data", "films", name="tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    nothing_ran(root)
    found = pages(root)
    assert found
    for html in found:
        assert "<svg onload" not in html
        assert "<script>alert" not in html
    assert any("&lt;svg onload=alert(1)&gt;" in html for html in found)


@pytest.mark.parametrize("name", [*HOSTILE, "../out", "/tmp/out", "a/b", "..", "", "A", "ü"])
def test_names_of_studies_data_and_methods_are_refused_before_anything_starts(root, name):
    path = root / "studies" / "tiny.yaml"
    given = yaml.safe_load(path.read_text())
    given["data"] = {name: given["data"]["films"]}
    given["runs"] = [{**given["runs"][0], "trained_on": name}]
    path.write_text(yaml.safe_dump(given))
    done = bring(root, "--data", "films", name="tiny")
    assert done.returncode == 2
    no_traceback(done)
    assert len(done.stderr.strip().splitlines()) <= 2
    study_of(root, data=yaml.safe_load((root / "studies" / "tiny.yaml").read_text())["data"])
    assert bring(root, "--data", "films", name=name).returncode == 2
    nothing_ran(root)
    assert not (root / "reports").exists()


@pytest.mark.parametrize("name", [name for name in NAMES if "\n" not in name and not name.startswith("-")])
def test_a_folder_of_films_of_any_name_is_read(root, name):
    study_of(root, questions=[])
    shutil.move(root / "films", root / name)
    done = bring(root, "--data", name, name="tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    nothing_ran(root)
    cases = pd.read_csv(root / "reports" / "tiny" / "cases.csv")
    assert len(cases) == 4


FOLDERS = ["x $(touch ran) y", "`touch ran` 'a\" ; touch ran; %s & # ~"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_study_in_a_folder_of_any_name_runs_and_its_classes_are_text(tmp_path, name):
    place = make(tmp_path / name)
    data = yaml.safe_load((place / "studies" / "tiny.yaml").read_text())["data"]
    study_of(place, data={"films": {**data["films"], "classes": "<svg onload=alert(1)>"}})
    done = bring(tmp_path, "--data", str(place / "films"), name=f"./{name}/studies/tiny.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    nothing_ran(tmp_path)
    found = pages(tmp_path)
    assert not any("<svg onload" in html for html in found)
    assert any("&lt;svg onload=alert(1)&gt;" in html for html in found)


def test_films_of_any_name_are_read_as_text(root):
    study_of(root)
    for kind in ("images", "masks"):
        shutil.rmtree(root / "films" / kind)
        (root / "films" / kind).mkdir()
    for i, name in enumerate(NAMES):
        film = np.random.default_rng(i).integers(0, 255, (40, 20), np.uint8)
        mask = np.zeros((40, 20), np.uint8)
        mask[5:35, 8:12] = 1
        Image.fromarray(film).save(root / "films" / "images" / f"{name}.png")
        Image.fromarray(mask).save(root / "films" / "masks" / f"{name}.png")
    done = bring(root, "--data", "films", name="tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    nothing_ran(root)
    manifest = pd.read_csv(root / "reports" / "tiny" / "data" / "films" / "manifest.csv", keep_default_na=False)
    problems = pd.read_csv(root / "reports" / "tiny" / "data" / "films" / "problems.csv", keep_default_na=False)
    assert len(manifest) + len(problems) >= len(NAMES)
    assert len(pd.read_csv(root / "reports" / "tiny" / "cases.csv")) == len(manifest)
    assert not any("<svg onload" in html or "<script>alert" in html for html in pages(root))
