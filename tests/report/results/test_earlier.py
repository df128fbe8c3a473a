"""Verdicts that a study was published with before, from the repository's history."""

import subprocess

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.earlier import COLUMNS, keep_earlier, read_earlier

ROW = {"id": "a", "paper": "P", "statement": "s", "rule": "better", "one": "x", "other": "y"}
ROW |= {"dataset": "d", "structure": "spine", "metric": "dice", "verdict": "agrees here"}


def git(*words):
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    return subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A repository whose study was published with another verdict before."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    folder = tmp_path / "reports" / "published" / "s"
    path = folder / "questions" / "70_claims" / "verdicts.csv"
    path.parent.mkdir(parents=True)
    for verdict in ("agrees here", "one training"):
        pd.DataFrame([ROW | {"verdict": verdict}]).to_csv(path, index=False)
        git("add", ".")
        git("commit", "-qm", verdict)
    return folder


def test_earlier_verdicts_are_those_of_the_commit_and_name_it(published):
    commit = git("rev-parse", "HEAD~1")
    assert read_earlier(published).empty
    keep_earlier("s", commit)
    found = read_earlier(published)
    assert tuple(found.columns) == COLUMNS
    assert found["verdict"].tolist() == ["agrees here"]
    assert commit.startswith(found["commit"].iloc[0])


def test_a_commit_without_such_a_publication_is_refused(published):
    for commit, study in (("HEAD", "other"), ("nonsense", "s")):
        with pytest.raises(BadInput, match="holds no reports/published/"):
            keep_earlier(study, commit)
    assert not (published / "earlier_verdicts.csv").exists()
