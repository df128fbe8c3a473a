"""A study to add runs to."""

import pytest

from tests.questions.ablation.made import Study


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)
