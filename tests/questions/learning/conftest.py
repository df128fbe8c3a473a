"""Four trainings of one network on different numbers of films."""

import pytest

from tests.questions.learning.made import write


@pytest.fixture
def results(tmp_path):
    write(tmp_path, "few", 54, train_films=54)
    write(tmp_path, "many", 433)
    write(tmp_path, "warm", 433, pretrained="elsewhere")
    write(tmp_path, "wide", 433, width=0.5)
    return tmp_path
