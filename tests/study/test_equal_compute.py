"""Widths at which networks compute alike."""

import json

import pytest

from spinelib.core.errors import BadInput
from spinelib.runs.kinds import EQUAL
from spinelib.study import operations
from spinelib.study.equal_compute import nearest_width
from spinelib.study.operations import built_size
from tests.study.example import read, run
from tests.tiny import PARAMETERS, write_notebook

GMAC = 0.1


@pytest.fixture
def root(root):
    extra = 'width = 1.0\nepochs = 1\nrecipe = "common"\nlocal = True\ngrid = [1, 1]\n'
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + extra)
    return root


@pytest.mark.parametrize("wanted", [0.001, 0.02, 1.0, 50.0])
def test_the_nearest_width_is_found_whatever_the_size(wanted):
    width, found = nearest_width(lambda width: 3 * width**2, wanted)
    assert found == pytest.approx(wanted, rel=0.03)
    assert width == pytest.approx((wanted / 3) ** 0.5, rel=0.06)


def test_where_channels_jump_the_nearer_side_is_taken():
    def stairs(width):
        return float(max(1, round(8 * width))) ** 2

    assert nearest_width(stairs, 9.5)[1] == 9
    assert nearest_width(stairs, 15)[1] == 16
    width, found = nearest_width(stairs, 1e9)
    assert (width, found) == (8, 64**2)
    assert nearest_width(stairs, 1e-9)[1] == 1


def computed(job, dataset="phantom"):
    shape = (2, *job.parameters["grid"])
    return built_size(job.parameters["method"], job.parameters["variant"], job.parameters["width"], shape, ())[1] / 2e9


def test_every_network_of_a_study_computes_alike_and_says_its_width_in_its_name(root):
    runs = [{"notebook": "10_train", "methods": ["unet", "fcn8s", "deeplabv3plus"], "trained_on": "tiny"}]
    study = read(root, runs=runs, defaults={"compute": GMAC, "epochs": 1}, questions=[], comparisons=[])
    found = [computed(job) for job in study.runs.values()]
    assert all(GMAC / EQUAL <= each <= GMAC * EQUAL for each in found)
    for job in study.runs.values():
        assert f"-w{job.parameters['width']:g}".replace(".", "p") in job.id
        assert "compute" not in job.parameters


def test_seeds_of_a_network_share_the_search_for_its_width(root, monkeypatch):
    counted = []
    monkeypatch.setattr(operations, "built_size", lambda *built: counted.append(built) or built_size(*built))
    given = run(compute=GMAC, variants=["full"]) | {"questions": [], "comparisons": []}
    read(root, **given)
    once = len(counted)
    given["runs"][0]["seeds"] = [0, 1, 2]
    assert len(read(root, **given).runs) == 3
    assert len(counted) == 2 * once > 0


def test_what_was_found_is_kept_in_the_studys_folder_and_an_edit_of_it_is_not_believed(root, monkeypatch):
    monkeypatch.chdir(root)
    given = run(compute=GMAC, variants=["full"]) | {"questions": [], "comparisons": []}
    study = read(root, **given)
    assert not study.files.widths.exists()
    study.folder.mkdir(parents=True)
    (study.folder / "results.csv").write_text("somebody's")
    assert read(root, **given).runs == study.runs
    assert not study.files.widths.exists(), "nothing is written to a folder of somebody else"
    (study.folder / "results.csv").unlink()
    study.files.facts.touch()
    assert read(root, **given).runs == study.runs
    counted = []
    monkeypatch.setattr(operations, "built_size", lambda *built: counted.append(built) or built_size(*built))
    assert read(root, **given).runs == study.runs
    assert counted == []
    kept = json.loads(study.files.widths.read_text())
    study.files.widths.write_text(json.dumps(dict.fromkeys(kept, 1.0) | {"seal": kept["seal"]}))
    assert read(root, **given).runs == study.runs
    assert counted


def test_a_run_says_width_or_compute_and_its_own_word_counts(root):
    with pytest.raises(BadInput, match="has both 'width' and 'compute'"):
        read(root, **run(width=0.5, compute=GMAC))
    own = {"questions": [], "comparisons": [], "defaults": {"compute": GMAC, "epochs": 1}}
    for entry, width in ((run(width=0.5), 0.5), (run(method="spinefm", variants=["full"]), 1.0)):
        study = read(root, **entry, **own)
        assert {job.parameters["width"] for job in study.runs.values()} == {width}
    both = own | {"defaults": own["defaults"] | {"width": 1.0}}
    with pytest.raises(BadInput, match="the defaults have both"):
        read(root, **run(), **both)
    published = read(root, **run(recipe="published", variants=["full"]), **own)
    assert {job.parameters["width"] for job in published.runs.values()} == {1.0}, "that of the paper"
    with pytest.raises(BadInput, match="which is no single network"):
        read(root, **run(method="spinefm", variants=["full"], compute=GMAC))
    for wrong in (0, -1.0, "much"):
        with pytest.raises(BadInput, match=r"'compute' in (run 1|the defaults) is"):
            read(root, **run(), questions=[], comparisons=[], defaults={"compute": wrong, "epochs": 1})


def test_where_no_width_comes_near_the_nearest_is_named_and_nothing_runs(root):
    with pytest.raises(
        BadInput, match=r"no width gives equal compute: unet computes .* at width 0\.01, the nearest to 1e-09"
    ):
        read(root, **run(compute=1e-9, variants=["full"]))


def test_a_smaller_scale_asks_for_as_much_less_as_its_channels_and_pixels_shrink(root):
    scales = {"small": {"patients": 1, "width": 0.5, "size": 0.5, "epochs": 1, "seeds": 1}}
    asked = {"questions": [], "comparisons": [], "grid": [128, 64], "scales": scales}
    from spinelib.study.plan import read_study

    study = read(root, **run(compute=16 * GMAC, variants=["full"]), **asked)
    small = read_study(study.file, "my films", "small")
    (job,) = small.runs.values()
    assert job.parameters["grid"] == [64, 32]
    assert computed(job) == pytest.approx(GMAC, rel=0.05)
