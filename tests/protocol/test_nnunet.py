"""nnU-Net as an entry: how its commands are called, what they are given, and that its masks are scored."""

from types import SimpleNamespace

import pandas as pd
import pytest

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.protocol import nnunet as module
from spinelib.protocol.nnunet import Nnunet, Schedule, check_nnunet, schedule_for
from spinelib.protocol.nnunet_data import case_name
from tests.protocol.made import a_run, arrays
from tests.protocol.nnunet_stand_in import calls, install


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "programs"
    place.mkdir()
    install(place, monkeypatch)
    return place


def begun(tmp_path):
    films = arrays()
    run = a_run(tmp_path / "run", method="nnunet", variant="full", development=[])
    run.manifest = lambda name: tmp_path / name / "manifest.csv"
    run.cases = lambda rows: rows
    division = protocol.divide(films, 0, 3)
    return run, films, division, Nnunet(run, {"a": films}, division)


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"nnunetv2: is not installed\. Install it: pip install 'spinelib\[nnunet\]'"):
        check_nnunet()


@pytest.mark.parametrize(("images", "batch"), [(1, 8), (100, 12), (6435, 31), (10**6, 49)])
def test_it_sees_as_many_images_as_the_others_and_a_step_more_at_most_in_each_epoch(images, batch):
    found = schedule_for(images, batch)
    assert images <= found.images < images + batch * (found.epochs + 1)
    assert found.epochs <= 50


def test_its_own_schedule_is_that_of_its_paper():
    assert schedule_for(0, 12) == Schedule(1000, 250, 12)


def test_its_commands_are_called_in_order_with_the_studys_division_and_its_masks_are_scored(tmp_path, folder):
    run, films, division, nnunet = begun(tmp_path)
    nnunet.write()
    assert nnunet.plan()["batch_size"] == 4
    nnunet.train(schedule_for(300, 4))
    nnunet.predict()
    plan, train, predict = calls(folder)
    root = run.files.nnunet
    usual = ["-d", "501", "-c", "2d"]
    assert plan["words"] == [*usual, "--verify_dataset_integrity", "-npfp", "1", "-np", "1"]
    assert train["words"] == ["501", "2d", 0, True, "cpu", 50, 2, 1, 2]
    images, masks = nnunet.folders.raw / "imagesTs", root / "predicted"
    assert predict["words"][:6] == ["-i", str(images), "-o", str(masks), "-f", "0"]
    assert predict["words"][6:] == [*usual, "-device", "cpu", "-npp", "1", "-nps", "1"]
    for call in (plan, train, predict):
        assert call["variables"]["nnUNet_raw"] == str((root / "raw").resolve())
        assert call["variables"]["nnUNet_results"] == str((root / "results").resolve())
    scored = nnunet.score()
    dice = scored.rows[(scored.rows["metric"] == "dice") & (scored.rows["case"] != "all")]
    assert set(dice["case"]) == set(films.table.query("split == 'test'")["case"])
    assert (dice["value"] == 1).all()
    assert set(scored.rows["method"]) == {"nnunet"}
    assert isinstance(scored.rows, pd.DataFrame)
    facts = run.facts["training"]
    assert run.facts["params"] == 12
    assert facts["steps"] * 4 / facts["epochs"] == pytest.approx(len(division.train))
    assert not (root / "raw").exists()


def test_weights_that_learned_from_other_cases_are_not_gone_on_from(tmp_path, folder):
    run, films, division, nnunet = begun(tmp_path)
    nnunet.write()
    weights = run.files.nnunet / "results" / "checkpoint_latest.pth"
    weights.parent.mkdir()
    weights.touch()
    nnunet.write()
    assert weights.exists()
    other = SimpleNamespace(**{**vars(division), "digest": "other"})
    Nnunet(run, {"a": films}, other).write()
    assert not weights.exists()


def test_what_it_failed_of_is_told_in_one_line(tmp_path, folder):
    _, films, _, nnunet = begun(tmp_path)
    nnunet.write()
    (folder / "nnUNetv2_predict").write_text("#!/bin/sh\necho one\necho no memory left\nexit 3\n")
    with pytest.raises(BadInput, match=r"log\.txt: nnU-Net failed: no memory left"):
        nnunet.predict()
    (folder / "nnUNetv2_predict").unlink()
    with pytest.raises(BadInput, match=r"nnUNetv2_predict: is not there"):
        nnunet.predict()
    assert case_name("a", "x") != case_name("a", "y")
    assert len(films) > 0
