"""Attacks on whole studies, minutes long: only with ``-m slow`` (make attacks). Small ones are in the rooms' tests."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config, items):
    if "slow" not in config.option.markexpr:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="an attack on a whole study: make attacks"))
