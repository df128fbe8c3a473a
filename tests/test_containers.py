"""The image and the Binder: built from files that are there, without patients' data, run by a plain user."""

import json
import os
import re
import shlex
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETTINGS = ("Dockerfile", ".dockerignore", "binder/runtime.txt", "binder/requirements.txt", "binder/postBuild")
NOTEBOOK = "notebooks/80_apply.ipynb"


def steps():
    """The instructions of the Dockerfile, continued lines joined, as (word, rest)."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, rest in lines]


def copied():
    """What the image is built from."""
    words = [shlex.split(rest) for word, rest in steps() if word == "COPY" and "--from" not in rest]
    return {name for each in words for name in each[:-1]}


def test_the_image_is_built_from_what_is_there_and_nothing_else_is_sent():
    assert copied() == {name for name in copied() if (ROOT / name).exists()}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "everything is left out that is not named"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {name.split("/")[0] for name in allowed} == copied()
    assert {name for name in allowed if name.startswith("data")} == {"data/README.md", "data/weights"}


def test_the_image_holds_what_the_wheel_is_made_of():
    globs = [glob for paths in PROJECT["tool"]["setuptools"]["data-files"].values() for glob in paths]
    needed = {glob.split("/")[0] for glob in globs} | {"spinelib", "pyproject.toml", PROJECT["project"]["readme"]}
    assert needed | set(PROJECT["project"]["license-files"]) <= copied()


def test_every_download_is_held_to_its_hash():
    installs = [rest for word, rest in steps() if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]
    assert (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()[
        -1
    ] == "-r ../requirements.lock"


def test_the_image_runs_the_command_as_somebody_without_rights():
    last = dict(steps())
    (script,) = json.loads(last["ENTRYPOINT"])
    assert script in PROJECT["project"]["scripts"]
    user = last["USER"]
    assert user not in ("root", "0")
    assert any(f"useradd --uid 1000 {user}" in rest for word, rest in steps() if word == "RUN")
    assert [word for word, _ in steps()].index("ENTRYPOINT") > [word for word, _ in steps()].index("USER")


def test_image_and_binder_use_one_python_that_the_project_takes():
    from packaging.specifiers import SpecifierSet

    bases = {rest.split()[0] for word, rest in steps() if word == "FROM"}
    python = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert bases == {f"python:{python}-slim"}
    assert python in SpecifierSet(PROJECT["project"]["requires-python"])


def test_binder_sets_up_what_make_sets_up():
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in script.read_text(encoding="utf-8").splitlines():
        if line.startswith("python -m "):
            assert all(word in makefile for word in line.split()[2:])


def test_no_address_and_no_place_of_one_machine_is_in_them():
    for name in SETTINGS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|index-url|find-links|/home/|/Users/|/root\b", text), name


def test_the_badges_lead_to_the_repository_where_its_address_is_known():
    address = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")).get("repository-code", "")
    place = address.removeprefix("https://github.com/").rstrip("/")
    wanted = (
        f"[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/{place}/main?labpath={NOTEBOOK}) "
        "[![Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"(https://colab.research.google.com/github/{place}/blob/main/{NOTEBOOK})"
    )
    assert (ROOT / NOTEBOOK).exists()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not place or wanted in text, f"below the title of README.md: {wanted}"
    assert place or "mybinder.org" not in text, "CITATION.cff names no repository-code"
