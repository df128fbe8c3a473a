import inspect
import unicodedata

import pytest
from scipy.io import savemat

from spinelib.cases import LEVELS
from spinelib.core.errors import BadInput
from spinelib.sources import DATASETS, how_told, prepare

from .formats.films import CORNERS, RING, films, labelme, run, save, truth

COLUMNS = ("vertebra", "tl_x", "tl_y", "tr_x", "tr_y", "bl_x", "bl_y", "br_x", "br_y")


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


def test_a_folder_of_somebody_else_and_the_source_are_not_written_to(tmp_path):
    source = tmp_path / "in"
    for k, path in enumerate(films(source / "images", ["a.png", "b.png", "c.png"])):
        save(source / "masks" / path.name, truth() + 0 * k)
    (source / "landmarks.csv").write_text("mine")
    for out in (source, tmp_path):
        with pytest.raises(BadInput, match="is or holds the source"):
            prepare("folder", out, source)
    assert (source / "landmarks.csv").read_text() == "mine"
    own = tmp_path / "own"
    save(own / "masks" / "a.png", truth())
    with pytest.raises(BadInput, match=r"is not empty \(masks\), and no preparing of ours made it"):
        prepare("folder", own, source)
    assert sorted(path.name for path in own.rglob("*")) == ["a.png", "masks"]
    # What preparing wrote may be prepared again.
    run(source)
    assert len(run(source)[0]) == 3


def test_results_of_earlier_calls_are_nobodys_films(tmp_path):
    source = tmp_path / "in"
    for path in films(source / "images", ["a.png", "b.png", "c.png"]):
        save(source / "masks" / path.name, truth())
    prepare("folder", source / "prepared", source)
    (source / "outlined").mkdir()
    (source / "outlined" / "applied.json").write_text("{}")
    save(source / "outlined" / "masks" / "a.png", truth())
    cases, problems, uses = run(source)
    assert sorted(cases) == ["a", "b", "c"]
    assert problems == []
    earlier = {name for name, use in uses.items() if use.reason == "result of an earlier call"}
    assert {"outlined/masks/a.png", "outlined/applied.json", "prepared/manifest.csv"} <= earlier
    assert len(uses) == len([path for path in source.rglob("*") if path.is_file()])


@pytest.mark.parametrize("layout", ["yolo", "flat", "labelme", "mat", "landmarks"])
@pytest.mark.parametrize(("film", "label"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_two_ways_of_writing_a_letter_are_one_name(tmp_path, layout, film, label):
    source = tmp_path / "in"
    source.mkdir()
    (source / "data.yaml").write_text("names: [spine]\n" if layout == "yolo" else "")
    rows = [",".join(("case", *COLUMNS))]
    for path in films(source, [f"{unicodedata.normalize(film, name)}.png" for name in ("Müller", "Jürgen", "Bär")]):
        name = unicodedata.normalize(label, path.stem)
        if layout == "yolo":
            shares = " ".join(f"{x / 60} {y / 120}" for x, y in RING)
            (source / f"{name}.txt").write_text(f"0 {shares}\n")
        elif layout == "flat":
            save(source / f"{name}_mask.png", truth())
        elif layout == "labelme":
            labelme(source / f"{name}.json")
        elif layout == "mat":
            savemat(source / f"{name}.mat", {"p2": CORNERS.reshape(68, 2)})
        rows += [",".join((name, level, *map(str, quad.ravel()))) for level, quad in zip(LEVELS, CORNERS, strict=True)]
    if layout == "landmarks":
        (source / "landmarks.csv").write_text("\n".join(rows))
    cases, problems, _ = run(source)
    assert sorted(cases) == ["Bär", "Jürgen", "Müller"]
    assert [row for row in problems if row.action == "excluded"] == []


def test_every_source_says_how_its_patients_are_told():
    for name, entry in DATASETS.items():
        options = inspect.signature(entry.prepare).parameters
        values = [entry.told] if isinstance(entry.told, str) else list(entry.told)
        assert all(
            how_told({"dataset": name, **({"patients": word} if "patients" in options else {})}) for word in values
        )
        # The values of the option `patients` are those that the words are told for, the default first.
        if not isinstance(entry.told, str):
            assert options["patients"].default == values[0]
            assert all(word in str(options["patients"].annotation) for word in values)
        searched = "audit" in options and options["audit"].default and entry.dims != 3
        assert how_told({"dataset": name}).endswith("joined with near-duplicates") == searched
    assert how_told({"dataset": "none"}) == ""
