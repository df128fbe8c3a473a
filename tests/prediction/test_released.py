import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction import released
from spinelib.prediction.released import RELEASED, find_weights


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A project with the files of the network `film` alone."""
    monkeypatch.setattr(released, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    folder = tmp_path / "data" / "weights" / "film"
    folder.mkdir(parents=True)
    for name in (CARD, WEIGHTS):
        (folder / name).touch()
    return folder


def test_a_name_is_the_folder_of_its_weights_and_anything_else_a_folder(weights, tmp_path):
    assert find_weights("film") == weights
    assert find_weights(tmp_path) == tmp_path
    assert RELEASED["film"].there
    assert not RELEASED["mr"].there


def test_weights_that_are_not_there_and_names_that_are_none_are_refused(weights):
    with pytest.raises(BadInput, match="holds no weights of the released network 'mr'"):
        find_weights("mr")
    with pytest.raises(BadInput, match=r"neither a released network nor a folder.*Did you mean 'film'"):
        find_weights("flim")


def test_the_networks_read_films_and_volumes():
    assert {name: entry.dims for name, entry in RELEASED.items()} == {"film": 2, "lateral": 2, "mr": 3}
