"""A publication of earlier code."""

import pytest

from tests.study.recompute.made import write_earlier


@pytest.fixture
def earlier(tmp_path):
    """The folder of a published study whose claims, parts and tests were judged of one training a side."""
    return write_earlier(tmp_path / "reports" / "published" / "s")
