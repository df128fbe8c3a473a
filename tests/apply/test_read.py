"""A folder of anything, read by the released networks."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib.apply import loop
from spinelib.apply.gate.judge import Judgement
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED
from spinelib.apply.read import read_folder
from spinelib.core.errors import BadInput

from ..cases.readers.dicoms import dicom
from ..cases.volumes import SPACING, save_series
from .released import even, lopsided, release


@pytest.fixture
def source(tmp_path):
    """Two films from the front, one from the side, a series of slices, a text."""
    folder = tmp_path / "films"
    folder.mkdir()
    Image.fromarray(even()).save(folder / "a.png")
    Image.fromarray(lopsided()).save(folder / "b.png")
    dicom(folder / "c.dcm", lopsided().astype(np.uint16), ViewPosition="AP", PatientID="P 7", Laterality="L")
    array = np.random.default_rng(0).integers(0, 900, (6, 40, 30)).astype(np.uint16)
    save_series(folder / "series", array, SPACING)
    (folder / "notes.txt").write_text("no film")
    return folder


def table(out):
    return pd.read_csv(out / "results.csv", dtype=str, keep_default_na=False).set_index("file")


def test_each_file_is_read_by_the_network_that_fits_it_and_the_row_says_why(source, tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch, "film", "lateral", "mr")
    applied = read_folder(source, tmp_path / "out", device="cpu", progress=False)
    assert (applied.made, applied.failed, applied.ignored) == (4, 0, 1)
    rows = table(tmp_path / "out")
    assert rows[["network", "chosen_by"]].to_numpy().tolist() == [
        ["film", "picture"],
        ["lateral", "picture"],
        ["film", "header"],
        ["mr", "volume"],
    ]
    assert rows.loc["c.dcm", ["patient", "laterality", "view_position"]].tolist() == ["P 7", "L", "AP"]
    again = read_folder(source, tmp_path / "out", device="cpu", progress=False)
    assert (again.made, again.before) == (0, 4)
    page = (tmp_path / "out" / "overlays.html").read_text(encoding="utf-8")
    assert "2 by film, 1 by lateral, 1 by mr" in page
    assert "Read by lateral (chosen by the picture)" in page


@pytest.mark.parametrize(("verdict", "network"), [(OK, "film"), (DOUBTFUL, "lateral"), (REFUSED, "lateral")])
def test_what_only_a_picture_gave_to_lateral_is_tried_by_film_where_it_is_refused(
    source, tmp_path, monkeypatch, verdict, network
):
    release(tmp_path / "here", monkeypatch, "film", "lateral", "mr")
    dicom(source / "side.dcm", lopsided().astype(np.uint16), ViewPosition="LL")

    def judged(predictor, _):
        return Judgement(REFUSED if predictor.folder.name == "lateral" else verdict, "why", 0.5)

    monkeypatch.setattr(loop, "judge_answer", judged)
    read_folder(source, tmp_path / "out", device="cpu", progress=False)
    rows = table(tmp_path / "out")
    # What a header says is not tried by another.
    assert rows.loc["side.dcm", ["network", "status"]].tolist() == ["lateral", "refused"]
    status = "ok" if network == "film" else "refused"
    assert rows.loc["b.png", ["network", "chosen_by", "status"]].tolist() == [network, "picture", status]
    assert (tmp_path / "out" / "masks" / "b.png").is_file() == (network == "film")
    again = read_folder(source, tmp_path / "out", device="cpu", progress=False)
    assert (again.made, again.before) == (0, 5)


def test_a_device_that_is_not_there_is_one_error_and_leaves_nothing(source, tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch, "film", "lateral", "mr")
    with pytest.raises(BadInput, match="'tpu' is not the name of a device"):
        read_folder(source, tmp_path / "out", device="tpu", progress=False)
    assert not (tmp_path / "out").exists()


def test_a_network_that_is_named_reads_what_it_can(source, tmp_path, monkeypatch):
    release(tmp_path / "here", monkeypatch, "film", "mr")
    applied = read_folder(source, tmp_path / "out", network="film", device="cpu", progress=False)
    assert (applied.made, applied.failed) == (3, 0)
    assert set(table(tmp_path / "out")["chosen_by"]) == {"asked"}
    files = pd.read_csv(tmp_path / "out" / "files.csv", keep_default_na=False)
    slices = files[files["file"].str.startswith("series/")]
    assert len(slices) == 6
    assert set(slices["use"] + ": " + slices["reason"]) == {"ignored: is a volume; the network reads films"}
    # Asked for now by none: files are given to networks anew.
    auto = read_folder(source, tmp_path / "out", device="cpu", progress=False)
    assert (auto.made, auto.before, auto.failed) == (4, 0, 0)
    assert table(tmp_path / "out").loc["b.png", "network"] == "film"
    assert "not there" in str(auto)


def test_a_folder_of_weights_is_a_network_too_and_an_unknown_name_is_refused(source, tmp_path, monkeypatch):
    weights = release(tmp_path / "here", monkeypatch, "mr")
    applied = read_folder(source, tmp_path / "out", network=str(weights / "mr"), device="cpu", progress=False)
    # A lone DICOM file may hold a volume, so that it is tried.
    assert (applied.made, applied.failed, applied.ignored) == (1, 1, 3)
    with pytest.raises(BadInput, match="Did you mean 'film'"):
        read_folder(source, tmp_path / "other", network="films", device="cpu")
    with pytest.raises(BadInput, match="holds no volumes"):
        read_folder(source / "a.png", tmp_path / "other", network="mr", device="cpu")


def test_progress_says_how_many_and_how_fast(source, tmp_path, monkeypatch, capsys):
    release(tmp_path / "here", monkeypatch, "film", "lateral", "mr")
    read_folder(source, tmp_path / "out", device="cpu")
    said = capsys.readouterr().out
    assert "reading 1/4 a.png" in said
    assert "s a film (0:" in said
