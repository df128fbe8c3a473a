"""Films that several stages learn from."""

import pytest

from .films import films


@pytest.fixture(scope="session")
def data():
    return films(8)
