"""The wheel works where there is no checkout: its commands find studies, notebooks, profiles and weights."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from .apply.made import finished
from .cases.films import film

ROOT = Path(__file__).parents[1]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "Snakefile", "spinelib", "studies", "notebooks", "profiles")
WEIGHTS = Path("data", "weights")
# One run and one question of the study that the tests run.
STUDY = """title: Away from home
grid: [64, 32]
data:
  phantom: {dataset: phantom, patients: 8, seed: 3, size: [64, 32], views: [coronal], test_fraction: 0.5}
defaults: {epochs: 1, learning_rate: 0.003, batch: 4, folds: 3}
runs:
  - {notebook: 20_baseline, method: unet, variant: full, width: 0.0625, trained_on: phantom}
questions: [90_compare]
"""


def test_every_file_beside_the_library_is_put_into_the_wheel():
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["data-files"]
    shared = {target: paths for target, paths in given.items() if target.startswith("share/spinelib")}
    put = {path.relative_to(ROOT) for paths in shared.values() for glob in paths for path in ROOT.glob(glob)}
    wanted = {Path("Snakefile"), *(path.relative_to(ROOT) for path in ROOT.glob("notebooks/*.ipynb"))}
    # Folders below those of the networks hold tables and figures, which nothing reads.
    for glob in ("studies/*", "profiles/*/*", f"{WEIGHTS}/*", f"{WEIGHTS}/*/*"):
        wanted |= {path.relative_to(ROOT) for path in ROOT.glob(glob) if path.is_file()}
    assert put == wanted
    for target, paths in shared.items():
        below = target.removeprefix("share/spinelib").lstrip("/")
        assert [Path(path).parent.as_posix() for path in paths] == [below or "."], "where `shipped` looks for it"


def test_every_file_of_the_library_is_put_into_the_wheel():
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    # .md: words for those who change the code.
    endings = {Path(glob).suffix for glob in given["package-data"]["spinelib"]} | {".py", ".md"}
    files = (path for path in (ROOT / "spinelib").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert [path for path in files if path.suffix not in endings] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    for name in (*BUILT_FROM, WEIGHTS):
        path, ignore = ROOT / name, shutil.ignore_patterns("__pycache__")
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=ignore)
        elif path.exists():
            shutil.copy(path, source / name)
    pip("wheel", "--no-build-isolation", "--wheel-dir", source / "wheels", source)
    (made,) = (source / "wheels").glob("*.whl")
    return made


def pip(command, *words):
    call = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*call, *map(str, words)], check=True)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A virtual environment with the wheel, which sees the packages of this one; gives its folder."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    # A path alone: the file by which this environment finds the checkout is not read again.
    Path(own, "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    call = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*call, "--disable-pip-version-check", str(wheel)], check=True)
    return home


def call(installed, folder, *words):
    """`spinelib` with `words` in `folder`, as somebody calls it who has never seen the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(installed / "bin" / "spinelib"), *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
def test_the_wheel_holds_what_the_checkout_holds(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    held = {name.partition("/data/share/spinelib/")[2] for name in names if "/data/share/spinelib/" in name}
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.glob("studies/*.yaml")} <= held
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.glob("notebooks/*.ipynb")} <= held
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    assert any(name.endswith("share/jupyter/kernels/spinelib/kernel.json") for name in names)


@pytest.mark.slow
def test_studies_and_weights_are_listed(installed, tmp_path):
    done = call(installed, tmp_path, "study", "list")
    assert done.returncode == 0, done.stderr
    assert "Smoke test" in done.stdout
    done = call(installed, tmp_path, "weights", "list")
    assert done.returncode == 0, done.stderr
    assert str(installed / "share" / "spinelib" / WEIGHTS / "film") in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_study_of_ones_own_runs_with_the_notebooks_that_were_installed(installed, tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "away.yaml").write_text(STUDY, encoding="utf-8")
    done = call(installed, tmp_path, "study", "run", "away", "--cores", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 finished. Open reports/away/index.html" in done.stdout
    assert (tmp_path / "reports" / "away" / "questions" / "90_compare" / "report.html").is_file()
    assert {path.name for path in tmp_path.iterdir()} <= {"studies", "reports", ".snakemake"}
    done = call(installed, tmp_path, "study", "show", "away")
    assert done.returncode == 0, done.stderr
    assert "unet" in done.stdout


@pytest.mark.slow
def test_a_study_of_the_project_is_planned_anywhere(installed, tmp_path):
    done = call(installed, tmp_path, "study", "run", "smoke", "--cores", "1", "--", "--dry-run")
    assert "Smoke test: 10 runs, 13 questions, 1 cores" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "reports" / "smoke" / "index.html").is_file()


@pytest.mark.slow
def test_a_film_is_read_with_a_network_of_a_study(installed, tmp_path):
    run = finished(tmp_path / "study")
    (tmp_path / "my films").mkdir()
    Image.fromarray(film(200, 90, 1)).save(tmp_path / "my films" / "a.png")
    done = call(installed, tmp_path, "read", "my films", "--network", run, "--device", "cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a.png: ok, by own-run" in done.stdout
    page = Path("reports", "read", "my films", "overlays.html")
    assert done.stdout.rstrip().endswith(f"Open {page}")
    assert (tmp_path / page).is_file()
