"""A published study in a copy of the repository's folders."""

import shutil

import pytest

from spinelib.report.results import pages
from spinelib.report.results.published import PublishedStudy
from tests.report.results.made import ROOT


@pytest.fixture
def study(tmp_path):
    """A published study of three entries in a copy of the repository's folders."""
    folder = tmp_path / pages.PUBLISHED / "toy"
    shutil.copytree(ROOT / pages.PUBLISHED / "lateral", folder)
    shutil.copytree(ROOT / pages.PUBLISHED / "calibration", tmp_path / pages.PUBLISHED / "calibration")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks", ignore=shutil.ignore_patterns("__pycache__"))
    return PublishedStudy(folder)
