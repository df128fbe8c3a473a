import pytest

from .made import seen_film, trained_network


@pytest.fixture(scope="package")
def network_folder(tmp_path_factory):
    return trained_network(tmp_path_factory.mktemp("desk") / "network")


@pytest.fixture(scope="package")
def seen(tmp_path_factory, network_folder):
    return seen_film(tmp_path_factory.mktemp("film"), network_folder, bend=30.0, seed=9)
