"""A run on a folder of films: bad ones become rows, what was done is not done again, and the page of overlays."""

import os
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib import apply
from spinelib.apply import loop
from spinelib.core.errors import BadInput
from spinelib.core.layout import CARD

from ..cases.films import film
from ..cases.framed import square
from ..cases.readers.dicoms import dicom
from .made import bright, finished


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("study"))


@pytest.fixture
def films(tmp_path):
    """Two good films, one in a folder with a space and an umlaut, among all that may lie in a folder."""
    folder = tmp_path / "films"
    deep = folder / "Größe 1"
    deep.mkdir(parents=True)
    Image.fromarray(film(310, 130, 1)).save(folder / "a.png")
    Image.fromarray(film(280, 125, 2)).save(deep / "röntgen film.jpg")
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:900])
    (folder / "text.png").write_text("no image")
    (folder / "empty.png").touch()
    huge = bytearray((folder / "a.png").read_bytes())
    huge[16:24] = (60_000).to_bytes(4, "big") * 2
    huge[29:33] = zlib.crc32(huge[12:29]).to_bytes(4, "big")
    (folder / "huge.png").write_bytes(huge)
    Image.fromarray(np.full((50, 20), 7, np.uint8)).save(folder / "flat.png")
    (folder / "notes.txt").write_text("passed over")
    (folder / ".hidden.png").write_text("passed over")
    return folder


def results(folder):
    return pd.read_csv(folder / "results.csv", keep_default_na=False).set_index("file")


def test_bad_films_become_rows_and_the_others_go_on(run, films, tmp_path):
    out = tmp_path / "out"
    applied = apply.apply_run(run, films, out, progress=False)
    table = results(out)
    assert (applied.made, applied.before, applied.failed) == (2, 0, 5)
    good = table[table["status"] == "ok"]
    assert list(good.index) == ["Größe 1/röntgen film.jpg", "a.png"]
    for name, row in good.iterrows():
        with Image.open(films / name) as image, Image.open(out / row["mask"]) as mask:
            assert mask.size == image.size
            assert set(np.unique(np.asarray(mask))) <= {0, 255}
    bad = table[table["status"] == "failed"]
    assert set(bad.index) == {"cut.png", "text.png", "empty.png", "huge.png", "flat.png"}
    assert bad[["reason", "remedy"]].ne("").all(axis=None)
    assert "megapixels" in bad.loc["huge.png", "reason"]
    assert not (out / "masks" / "cut.png").exists()


def test_a_spine_has_angles_and_corners_in_the_films_own_pixels(tmp_path, monkeypatch):
    pixels = np.asarray(film(640, 300, 3, bend=25))
    Image.fromarray(np.where(pixels > 140, 250, 30).astype(np.uint8)).save(tmp_path / "spine.png")
    large = bright(tmp_path / "study", monkeypatch, evaluation=(256, 128))
    apply.apply_run(large, tmp_path / "spine.png", tmp_path / "out", progress=False)
    row = results(tmp_path / "out").loc["spine.png"]
    corners = pd.read_csv(tmp_path / "out" / "corners.csv")
    assert float(row["an1"]) > 5
    assert len(corners) == int(row["vertebrae"]) > 3
    assert corners["tl_y"].is_monotonic_increasing
    assert corners["bl_y"].max() > 400
    assert corners[["tl_x", "br_x"]].stack().between(0, 300).all()


def test_what_was_done_is_not_done_again(run, films, tmp_path, monkeypatch):
    out = tmp_path / "out"
    apply.apply_run(run, films, out, progress=False)
    first = results(out)
    done = []
    work = loop.outline_film
    monkeypatch.setattr(
        loop, "outline_film", lambda trained, path, film: done.append(path.name) or work(trained, path, film)
    )
    again = apply.apply_run(run, films, out, progress=False)
    assert (again.made, again.before) == (0, 2)
    assert {"a.png", "röntgen film.jpg"}.isdisjoint(done)
    pd.testing.assert_frame_equal(first, results(out))
    # Another film under the same name, and a mask that somebody took away, are done again.
    Image.fromarray(film(310, 130, 9)).save(films / "a.png")
    (out / first.loc["Größe 1/röntgen film.jpg", "mask"]).unlink()
    assert apply.apply_run(run, films, out, progress=False).made == 2


def test_another_run_does_everything_again(run, films, tmp_path):
    other = finished(tmp_path / "other", width=0.0625)
    out = tmp_path / "out"
    apply.apply_run(run, films, out, progress=False)
    again = apply.apply_run(other, films, out, progress=False)
    assert (again.made, again.before) == (2, 0)
    assert results(out)["network_digest"].replace("", None).dropna().nunique() == 1


def test_a_call_that_was_killed_keeps_what_it_had_done(run, films, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(loop, "EVERY", -1.0)
    work = loop.outline_film

    def killed(trained, path, film):
        if path.name == "flat.png":
            raise KeyboardInterrupt
        return work(trained, path, film)

    monkeypatch.setattr(loop, "outline_film", killed)
    with pytest.raises(KeyboardInterrupt):
        apply.apply_run(run, films, out, progress=False)
    monkeypatch.setattr(loop, "outline_film", work)
    assert apply.apply_run(run, films, out, progress=False).before == 2


def test_an_error_that_nobody_foresaw_is_a_row_too(run, films, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "outline_film", lambda *_: 1 / 0)
    applied = apply.apply_run(run, films, tmp_path / "out", progress=False)
    assert applied.failed == 7
    assert "ZeroDivisionError" in results(tmp_path / "out").loc["a.png", "reason"]


def test_films_of_one_name_keep_apart(run, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("x.png", "x.jpg", "X.bmp"):
        Image.fromarray(film(200, 90, 1)).save(folder / name)
    apply.apply_run(run, folder, tmp_path / "out", progress=False)
    assert results(tmp_path / "out")["mask"].nunique() == 3


def test_results_within_the_source_and_masks_beside_images_are_no_films(run, films):
    (films / "images").mkdir()
    (films / "masks").mkdir()
    for part in ("images", "masks"):
        Image.fromarray(film(200, 90, 1)).save(films / part / "b.png")
    apply.apply_run(run, films, films / "out", progress=False)
    again = apply.apply_run(run, films, films / "out", progress=False)
    assert again.before == 3
    assert not [name for name in again.results["file"] if name.startswith(("out/", "masks/"))]


def test_the_page_holds_every_film_and_needs_no_network(run, films, tmp_path):
    apply.apply_run(run, films, tmp_path / "out", progress=False)
    html = (tmp_path / "out" / "overlays.html").read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") == 2
    assert "röntgen film.jpg" in html
    assert "Not outlined: is empty" in html
    assert "http" not in html.replace("http-equiv", "")


def test_names_cannot_write_markup_into_the_page(run, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "<script>x.png").write_text("no image")
    apply.apply_run(run, folder, tmp_path / "out", progress=False)
    assert "<script>" not in (tmp_path / "out" / "overlays.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["nothing", "empty"])
def test_a_source_without_films_is_refused(run, tmp_path, missing):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput):
        apply.apply_run(run, tmp_path / missing, tmp_path / "out", progress=False)


def test_a_folder_without_weights_and_their_card_is_refused(run, films, tmp_path):
    with pytest.raises(BadInput, match="is no folder"):
        apply.apply_run(tmp_path / "nothing", films, tmp_path / "out")
    with pytest.raises(BadInput, match=r"films: holds no model\.safetensors"):
        apply.apply_run(films, films, tmp_path / "out")
    other = finished(tmp_path / "other")
    (other / CARD).unlink()
    with pytest.raises(BadInput, match=r"no model\.json.* Run its study again"):
        apply.apply_run(other, films, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_left_its_study_needs_its_weights_and_its_card_alone(run, films, tmp_path):
    alone = tmp_path / "moved"
    alone.mkdir()
    for name in (CARD, "model.safetensors"):
        (alone / name).write_bytes((run / name).read_bytes())
    for folder in (run, alone):
        apply.apply_run(folder, films / "a.png", tmp_path / f"by {folder.name}", progress=False)
    one, other = (results(tmp_path / f"by {folder.name}").drop(columns="network") for folder in (run, alone))
    pd.testing.assert_frame_equal(one, other)
    assert results(tmp_path / "by moved").loc["a.png", "network"] == "moved"


def test_lungs_have_no_angles(films, tmp_path):
    run = finished(tmp_path / "lungs", classes=("lung",))
    apply.apply_run(run, films / "a.png", tmp_path / "out", progress=False)
    row = results(tmp_path / "out").loc["a.png"]
    assert row["status"] == "ok"
    assert row["an1"] == row["cobb_status"] == ""


def test_every_file_of_the_source_is_accounted_for(run, films, tmp_path):
    (films / "images").mkdir()
    (films / "labels").mkdir()
    for part in ("images", "labels"):
        Image.fromarray(film(200, 90, 1)).save(films / part / "b.png")
    Image.fromarray(film(200, 90, 1)).save(films / "a_mask.png")
    (films / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (films / "round").symlink_to(films)
    os.mkfifo(films / "pipe.png")
    Image.fromarray(film(200, 90, 1)).save(os.fsencode(films) + b"/\xb5.png", "PNG")
    Image.fromarray(film(200, 90, 1)).save(films / f"{'n' * 251}.png")
    applied = apply.apply_run(run, films, tmp_path / "out", progress=False)
    table = pd.read_csv(tmp_path / "out" / "files.csv", keep_default_na=False).set_index("file")
    there = [path for path in films.rglob("*") if not path.is_dir() and "round" not in path.parts]
    # The link to a folder that is read already has a row of its own.
    assert len(table) == len(there) + 1
    assert table["use"].value_counts().to_dict() == {"problem": 9, "ignored": 5, "used": 3}
    assert applied.ignored + len(applied.results) == len(table)
    assert (table["reason"] != "").equals(table["use"] != "used")
    for name, words in {
        "gone.png": "link to nothing",
        "pipe.png": "pipe",
        "a_mask.png": "label",
        "\\xb5.png": "UTF-8",
    }.items():
        assert words in table.loc[name, "reason"]
    assert "too long a name" in table.loc[f"{'n' * 251}.png", "reason"]


def test_a_corrected_mask_and_an_edited_table_are_kept(run, films, tmp_path):
    out = tmp_path / "out"
    apply.apply_run(run, films, out, progress=False)
    mask = out / results(out).loc["a.png", "mask"]
    corrected = np.zeros((310, 130), np.uint8)
    Image.fromarray(corrected).save(mask)
    again = apply.apply_run(run, films, out, progress=False)
    assert again.before == 2
    assert "edited since" in results(out).loc["a.png", "remark"]
    assert "masks that were edited since, kept as they are: a.png" in str(again)
    (out / "results.csv").write_text("file,note\na.png,look again\n")
    other = apply.apply_run(finished(tmp_path / "other", width=0.0625), films, out, progress=False)
    assert (other.made, other.before) == (2, 0)
    assert "results.csv" not in str(other).split("edited since; kept")[0].split("results.edited-")[0]
    (copy,) = out.glob("results.edited-*.csv")
    assert copy.read_text() == "file,note\na.png,look again\n"
    (kept,) = (out / "masks").glob("a.edited-*.png")
    assert not np.asarray(Image.open(kept)).any()
    assert results(out).loc["a.png", "remark"] != "its mask was edited since"


def test_a_film_that_has_gone_is_said(run, films, tmp_path):
    out = tmp_path / "out"
    apply.apply_run(run, films, out, progress=False)
    (films / "a.png").unlink()
    again = apply.apply_run(run, films, out, progress=False)
    assert "no longer in the source, their rows are dropped, their masks stay: a.png" in str(again)
    assert (out / "masks" / "a.png").exists()
    assert "a.png" not in results(out).index


def test_what_the_header_says_of_the_patient_is_in_the_table(run, tmp_path):
    said = {"PatientID": "P 7", "StudyDate": "20240131", "ViewPosition": "AP", "AccessionNumber": "A1"}
    dicom(tmp_path / "x.dcm", film(310, 130, 1).astype(np.uint16), **said)
    apply.apply_run(run, tmp_path / "x.dcm", tmp_path / "out", progress=False)
    row = pd.read_csv(tmp_path / "out" / "results.csv", dtype=str, keep_default_na=False).iloc[0]
    names = ["patient", "study_date", "view_position", "accession"]
    assert row[names].tolist() == ["P 7", "20240131", "AP", "A1"]
    apply.apply_run(run, tmp_path / "x.dcm", tmp_path / "hidden", progress=False, hash_patients=True)
    text = (tmp_path / "hidden" / "results.csv").read_text()
    assert "P 7" not in text
    assert "A1," not in text


def test_the_films_place_and_what_its_pixels_are_stand_in_the_table(run, tmp_path):
    source = tmp_path / "films"
    source.mkdir()
    Image.fromarray(film(300, 120, 1)).save(source / "plain.png")
    Image.fromarray(square(film(300, 120, 1), 128).pixels).save(source / "square.png")
    dicom(source / "flat.dcm", film(300, 120, 1), PixelSpacing=[0.6, 0.3])
    table = apply.apply_run(run, source, tmp_path / "out", progress=False).results.set_index("file")
    assert table["film_area"].to_dict() == {
        "flat.dcm": "0;0;300;120",
        "plain.png": "0;0;300;120",
        "square.png": "0;90;300;120",
    }
    assert table.loc["square.png", ["height", "width"]].tolist() == [300, 300]
    assert table.loc["flat.dcm", "mm"] == "0.6;0.3"
    assert "not square" in table.loc["flat.dcm", "remark"]
    assert "not square" not in table.loc["plain.png", "remark"]
    with Image.open(tmp_path / "out" / table.loc["square.png", "mask"]) as mask:
        assert not np.asarray(mask)[:, :90].any()


def test_rows_that_hide_patients_are_not_those_that_name_them(run, tmp_path):
    dicom(tmp_path / "x.dcm", film(310, 130, 1).astype(np.uint16), PatientID="SECRET 7", AccessionNumber="A 77")
    for hidden in (False, True, False):
        apply.apply_run(run, tmp_path / "x.dcm", tmp_path / "out", progress=False, hash_patients=hidden)
        text = (tmp_path / "out" / "results.csv").read_text()
        assert ("SECRET 7" in text, "A 77" in text) == (not hidden, not hidden)


def test_no_two_films_share_a_mask(run, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    dicom(folder / "x.dcm", film(310, 130, 1).astype(np.uint16))
    for name in ("x.png", "x.dcm.png"):
        Image.fromarray(film(200, 90, 1)).save(folder / name)
    apply.apply_run(run, folder, tmp_path / "out", progress=False)
    table = results(tmp_path / "out")
    assert table["mask"].nunique() == len(table) == 3
    for _, row in table.iterrows():
        with Image.open(tmp_path / "out" / row["mask"]) as mask:
            assert mask.size == (int(row["width"]), int(row["height"]))
