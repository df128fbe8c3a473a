"""Three drawn films and their labelled vertebrae."""

import pytest

from spinelib.spinefm.labelled import labelled
from tests.spinefm.films import column


@pytest.fixture(scope="module")
def data():
    return column(3)


@pytest.fixture(scope="module")
def known(data):
    return labelled(data)
