import pytest

from spinelib.core.errors import BadInput
from spinelib.sources import DATASETS, prepare


def test_the_sources_are_registered_with_a_prepare_function():
    films = ["phantom", "aasce", "chest_xray", "isic2016", "phantom_lateral", "csxa", "nhanes2", "buu_lspine"]
    volumes = ["lumbar", "mrspineseg", "spider", "phantom_mr"]
    known = {**dict.fromkeys(films, 2), **dict.fromkeys(volumes, 3), "folder": 0}
    assert known.items() <= {name: entry.dims for name, entry in DATASETS.items()}.items()
    for entry in DATASETS.values():
        assert callable(entry.prepare)
        assert entry.title


def test_a_misspelt_name_gets_a_suggestion(tmp_path):
    with pytest.raises(BadInput, match="Did you mean 'phantom'"):
        prepare("phantm", tmp_path)


def test_a_misspelt_option_gets_a_suggestion(tmp_path):
    with pytest.raises(BadInput, match=r"no option 'test_fracton'. Did you mean 'test_fraction'"):
        prepare("folder", tmp_path / "out", tmp_path, test_fracton=0.3)


@pytest.mark.parametrize("name", ["aasce", "folder"])
def test_a_source_that_is_needed_or_missing_is_said(tmp_path, name):
    with pytest.raises(BadInput, match="needs the folder of its files"):
        prepare(name, tmp_path / "out")
    with pytest.raises(BadInput, match="is not a folder"):
        prepare(name, tmp_path / "out", tmp_path / "none")
    assert not (tmp_path / "out").exists()
