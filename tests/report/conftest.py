"""The browser that the tests of the pages open them in."""

from __future__ import annotations

import os
import shutil

import pytest

from spinelib.report.index import write_index
from spinelib.report.page import write_page
from tests.report import sample


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's command; without one the tests fail in CI and are skipped elsewhere."""
    command = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if command is None and os.environ.get("CI") == "true":
        pytest.fail("chromium is not installed (.ci/run installs it)")
    if command is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return command


@pytest.fixture(scope="package")
def study(tmp_path_factory):
    folder = sample.write_study(tmp_path_factory.mktemp("root"))
    for page in [*(folder / "runs").iterdir(), *(folder / "questions").iterdir()]:
        write_page(page)
    write_index(folder)
    return folder
