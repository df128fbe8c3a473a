import pytest

from spinelib.core.errors import BadInput
from spinelib.sources import DATASETS, prepare

from .formats.films import films, run, save, truth


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


def test_a_source_that_is_not_there_is_said_with_what_is_near(tmp_path):
    for name in ("Films 2024", "films", "other"):
        (tmp_path / name).mkdir()
    with pytest.raises(
        BadInput, match=r"there is no 'Films 2025' in .*Did you mean '.*Films 2024'.*holds Films 2024, films"
    ):
        prepare("folder", tmp_path / "out", tmp_path / "Films 2025" / "images")
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"a\.png: is not a folder. Give the folder that it lies in."):
        prepare("folder", tmp_path / "out", tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a#b", "a b", "ä", "脊柱", "$HOME", "it's", 'a"b', "a\\b", "a: b", "%41", "~"])
def test_a_source_of_any_name_is_the_one_that_is_meant(tmp_path, name):
    for folder in (name, "A", "other"):
        films(tmp_path / folder, [f"{folder[:1] if folder != name else 'mine'}{k}.png" for k in range(2)])
        for path in list((tmp_path / folder).iterdir()):
            save(path.with_name(f"{path.stem}_mask.png"), truth())
    cases, problems, _ = run(tmp_path / name)
    assert set(cases) == {"mine0", "mine1"}
    assert problems == []
