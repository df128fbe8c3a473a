"""What `make` installs: one lock for pip and conda that satisfies pyproject.toml, set up once and again when stale."""

import os
import re
import shlex
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TEXT = (ROOT / "requirements.lock").read_text()
LOCK = [line.removesuffix(" \\") for line in TEXT.splitlines() if line and line[0] not in "# "]


def pins(python):
    """Name to version, for one Python on Linux."""
    where = {**default_environment(), "python_version": python, "python_full_version": f"{python}.1"}
    where |= {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
    found = [Requirement(line) for line in LOCK]
    return {r.name: str(r.specifier)[2:] for r in found if r.marker is None or r.marker.evaluate(where)}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_satisfies_every_dependency(python):
    assert python in SpecifierSet(PROJECT["requires-python"])
    locked = pins(python)
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        wanted = Requirement(line)
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert name in locked, f"{line} is not in requirements.lock: make lock"
        assert locked[name] in wanted.specifier, f"{line} is locked at {locked[name]}: make lock"


def test_the_lock_pins_everything_and_names_no_registry():
    assert not re.search(r"https?://|--index|--extra-index|--find-links|file:", TEXT)
    assert all(re.match(r"[a-z0-9-]+(\[[a-z0-9, -]+\])?==[^ ]+( ;.*)?$", line) for line in LOCK)


def test_every_pin_has_the_hashes_of_its_files():
    parts = re.split(r"^(?=[a-z])", TEXT, flags=re.MULTILINE)[1:]
    assert len(parts) == len(LOCK) > 200
    assert all(re.fullmatch(r"[^\n]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", part) for part in parts)


def test_what_builds_the_library_is_locked_too():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for line in project["build-system"]["requires"]:
        wanted = Requirement(line)
        for python in ("3.11", "3.12", "3.13"):
            assert pins(python)[wanted.name] in wanted.specifier


def test_torch_is_the_plain_build_of_the_index():
    locked = pins("3.12")
    for name in ("torch", "torchvision"):
        assert "+" not in locked[name]


def test_conda_installs_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, extra = environment["dependencies"]
    assert environment["name"] == "spinelib"
    assert python.split("=")[1] in SpecifierSet(PROJECT["requires-python"])
    assert pip == "pip"
    # An editable folder in the same call would be refused for want of a hash.
    assert extra == {"pip": ["-r requirements.lock"]}


def test_the_installed_packages_are_those_of_the_lock():
    import sys
    from importlib.metadata import PackageNotFoundError, version

    locked = pins(f"{sys.version_info[0]}.{sys.version_info[1]}")
    for name in ("numpy", "torch", "snakemake", "papermill", "ruff", "mypy"):
        try:
            assert version(name) == locked[name]
        except PackageNotFoundError:
            pytest.fail(f"{name} is not installed: make lint")


def test_the_kernel_and_the_engine_are_found():
    from jupyter_client.kernelspec import KernelSpecManager
    from papermill.engines import papermill_engines

    assert KernelSpecManager().get_kernel_spec("spinelib").language == "python"
    assert papermill_engines.get_engine("spinelib").__name__ == "StudyEngine"


@pytest.fixture
def home(tmp_path):
    """A copy of the Makefile in a folder whose Python and tools only write down what they are asked."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    tool = tmp_path / "tool"
    tool.write_text(
        "#!/bin/sh\n"
        'echo "$(basename $0) $*" >> calls\n'
        'case "$*" in *"-m venv .venv"*) mkdir -p .venv/bin; for t in python ruff mypy nbstripout uv; '
        "do cp tool .venv/bin/$t; done;; esac\n"
    )
    tool.chmod(0o755)
    return tmp_path


def make(home, *words):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(["make", *words], cwd=home, capture_output=True, text=True, check=False, env=environment)
    calls = (home / "calls").read_text().splitlines() if (home / "calls").exists() else []
    (home / "calls").unlink(missing_ok=True)
    return done, calls


def test_make_says_how_far_its_set_up_is_and_ends_with_it(home):
    found = "".join(f"Collecting package{k}\\n" for k in range(45))
    large = "Downloading https://example.org/a/torch-2.whl (731.2 MB)\\nDownloading small.whl (12.5 kB)\\n"
    said = f"{found}{large}Installing build dependencies\\nInstalling collected packages: a, b"
    tool = (home / "tool").read_text()
    for status in (0, 1):
        (home / ".venv").exists() and shutil.rmtree(home / ".venv")
        more = f"case \"$*\" in *--require-hashes*) printf '{said}\\n'; exit {status};; esac\n"
        (home / "tool").write_text(tool + more)
        done, calls = make(home, "lint", "PYTHON=./tool")
        assert (done.returncode == 0) == (status == 0), done.stdout + done.stderr
        assert ("mypy " in calls) == (status == 0)
        first, *told = done.stdout.splitlines()
        packages = len(re.findall(r"^[a-z]", (home / "requirements.lock").read_text(), re.MULTILINE))
        assert first.startswith(f"setting up .venv: {packages} packages, once")
        shown = [
            "  20 packages found",
            "  40 packages found",
            "  downloading torch-2.whl (731.2 MB)",
            "  installing them",
        ]
        assert told[: len(shown)] == shown


def test_make_study_tells_when_it_began(home):
    tool = (home / "tool").read_text()
    (home / "tool").write_text(tool + 'echo "$SPINE_BEGAN" > began\n')
    before = int(time.time())
    done, _ = make(home, "study", "PYTHON=./tool", "SPINE_BEGAN=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert before <= int((home / "began").read_text()) <= time.time()


def test_make_sets_up_once_and_again_when_the_lock_or_the_project_changes(home):
    done, calls = make(home, "lint", "PYTHON=./tool")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tool -m venv .venv" in calls
    assert any("--require-hashes --requirement requirements.lock" in call for call in calls)
    assert any("--no-deps --no-build-isolation --editable ." in call for call in calls)
    assert any("ipykernel install --sys-prefix --name spinelib" in call for call in calls)
    assert calls[-3:] == ["ruff check .", "ruff format --check .", "mypy "]

    _, calls = make(home, "lint", "PYTHON=./tool")
    assert calls == ["ruff check .", "ruff format --check .", "mypy "]

    for name in ("requirements.lock", "pyproject.toml"):
        later = (home / ".venv" / ".ready").stat().st_mtime + 2
        os.utime(home / name, (later, later))
        _, calls = make(home, "lint", "PYTHON=./tool")
        assert any("requirements.lock" in call for call in calls)
        assert not any("-m venv" in call for call in calls)
        os.utime(home / ".venv" / ".ready", (later, later))


def test_make_takes_a_virtual_environment_that_somebody_else_made(home):
    (home / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "ruff", "mypy"):
        shutil.copy(home / "tool", home / ".venv" / "bin" / name)
    done, calls = make(home, "lint", "PYTHON=/no/such/python")
    assert done.returncode == 0, done.stdout + done.stderr
    assert any("requirements.lock" in call for call in calls)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 1", "is not Python 3.11, 3.12 or 3.13. Name one: make lint PYTHON="),
        ('case "$*" in *venv*) exit 1;; esac', "cannot make a virtual environment. On Debian or Ubuntu: apt-get"),
    ],
)
def test_a_python_that_will_not_do_is_told_clearly(home, script, words):
    (home / "tool").write_text(f"#!/bin/sh\n{script}\n")
    done, _ = make(home, "lint", "PYTHON=./tool")
    assert done.returncode != 0
    assert words in done.stdout
    assert not (home / ".venv").exists()


def test_a_virtual_environment_that_is_broken_is_told_clearly(home):
    (home / ".venv" / "bin").mkdir(parents=True)
    (home / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (home / ".venv" / "bin" / "python").chmod(0o755)
    done, _ = make(home, "lint")
    assert done.returncode != 0
    assert "Remove it: rm -rf .venv" in done.stdout


def test_make_study_passes_its_words_on(home):
    make(home, "lint", "PYTHON=./tool")
    _, calls = make(home, "study", "STUDY=aasce", "DATA=my films", "CORES=3", "MORE=--dry-run")
    assert calls == ["python -m spinelib study run aasce --cores 3 --data=my films --profile=local -- --dry-run"]
    _, calls = make(home, "study")
    assert calls[0].startswith("python -m spinelib study run quick --cores ")


ODD = [
    "rücken",
    "films #1",
    "a: b",
    "c$d $(x ${y}",
    "q'uo\"te",
    "back\\slash\\",
    "-lead",
    "脊柱",
    "%41 {x}",
    "`touch x`",
    "a;b&c|d",
]


@pytest.mark.parametrize("given", ["argument", "environment"])
@pytest.mark.parametrize("name", ODD)
def test_make_hands_a_folder_on_as_it_was_typed(home, monkeypatch, name, given):
    make(home, "lint", "PYTHON=./tool")
    (home / ".venv" / "bin" / "python").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\" > words\n")
    if given == "environment":
        monkeypatch.setenv("DATA", name)
    done, _ = make(home, "study", "STUDY=mine", *([f"DATA={name}"] if given == "argument" else []))
    assert done.returncode == 0, done.stderr
    words = (home / "words").read_text(encoding="utf-8").splitlines()
    assert words[:5] == ["-m", "spinelib", "study", "run", "mine"]
    assert f"--data={name}" in words
    assert not (home / "x").exists()


HOSTILE = ["$(touch x)", "`touch x`", "$(shell touch x)", "; touch x", "a'; touch x; '", 'a"; touch x; "', "a\ntouch x"]


@pytest.mark.parametrize("name", ["STUDY", "DATA", "SCALE", "PROFILE", "CORES", "MORE", "SPINE_DATA", "FILMS", "OUT"])
def test_no_word_given_to_make_is_run(home, name):
    make(home, "lint", "PYTHON=./tool")
    for target in ("study", "read", "publish"):
        for value in HOSTILE:
            make(home, target, f"{name}={value}")
            assert not (home / "x").exists(), (target, name, value)


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ((), []),
        (("MORE=--dry-run --forceall",), ["--dry-run", "--forceall"]),
        (("PROFILE=slurm",), []),
        (("SCALE=small",), []),
    ],
)
def test_the_command_takes_the_words_that_make_study_gives_it(home, monkeypatch, words, more):
    from spinelib.command.line import main
    from spinelib.study import driver

    _, calls = make(home, "study", "STUDY=smoke", "CORES=3", *words, "PYTHON=./tool")
    given = shlex.split(calls[-1].partition("-m spinelib ")[2])
    taken = []
    monkeypatch.setattr(driver, "run_study", lambda *values: taken.append(values) or 0)
    assert main(given) == 0
    file, cores, _, profile, rest, scale = taken[0]
    assert (file.name, cores, list(rest)) == ("smoke.yaml", 3, more)
    assert scale == ("small" if "SCALE=small" in words else "")
    assert profile == ("slurm" if "PROFILE=slurm" in words else "local")


@pytest.mark.parametrize("name", ODD)
def test_make_read_hands_both_folders_on_as_they_were_typed(home, monkeypatch, name):
    from spinelib.command.line import parse_line

    make(home, "lint", "PYTHON=./tool")
    (home / ".venv" / "bin" / "python").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\" > words\n")
    monkeypatch.setenv("OUT", "a folder of another program")
    for out in (f"{name} out", ""):
        done, _ = make(home, "read", f"FILMS={name}", *([f"OUT={out}"] if out else []))
        assert done.returncode == 0, done.stderr
        words = (home / "words").read_text(encoding="utf-8").splitlines()
        assert words == ["-m", "spinelib", "read", "--", name, out]
        given = parse_line(words[2:])
        assert (Path(given.films), given.out and Path(given.out)) == (Path(name), out and Path(out))
    assert not (home / "x").exists()


@pytest.mark.parametrize(("status", "fine"), [(0, True), (1, True), (2, False), (130, False)])
def test_a_film_that_could_not_be_used_is_no_failure_of_make(home, status, fine):
    make(home, "lint", "PYTHON=./tool")
    (home / ".venv" / "bin" / "python").write_text(f"#!/bin/sh\nexit {status}\n")
    done, _ = make(home, "read", "FILMS=films")
    assert (done.returncode == 0) == fine


def test_make_help_has_a_line_for_every_target(home):
    done, calls = make(home, "help")
    assert not calls, "help needs no set-up"
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()
    assert [line.split()[1] for line in done.stdout.splitlines()] == targets
    assert all(len(line.split()) > 2 for line in done.stdout.splitlines())


def test_make_alone_is_make_study(home):
    make(home, "lint", "PYTHON=./tool")
    assert make(home)[1] == make(home, "study")[1]
