"""What a training computes, counted from its parameters."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.models import build_model
from spinelib.models.size import count_operations
from spinelib.protocol.config import RunConfig
from spinelib.study.operations import count_run, divided, known_cases
from spinelib.study.plan import read_study

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture(autouse=True)
def nothing_prepared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_cases_of_digital_patients_are_known_before_they_are_made():
    films, volumes = (read_study(STUDIES / f"{name}.yaml") for name in ("r2mf_paper", "safnet_paper"))
    assert known_cases(films, "phantom") == (684, 0.2)
    assert known_cases(volumes, "phantom_mr") == (172, 0.0)
    assert known_cases(read_study(STUDIES / "spinefm_paper.yaml"), "phantom_lateral") == (540, 0.15)
    real = read_study(STUDIES / "chest.yaml", "some/folder")
    assert known_cases(real, "chest")[0] != known_cases(real, "chest")[0]  # nobody knows


def test_cases_are_divided_as_the_scheme_says():
    volumes = read_study(STUDIES / "safnet_paper.yaml")
    job = volumes.runs["phantom_mr-safnet-full-published-published_folds-s0-f0"]
    assert divided(volumes, RunConfig.of(job.parameters)) == pytest.approx((138, 30))
    films = read_study(STUDIES / "r2mf_paper.yaml")
    joint = divided(films, RunConfig.of(films.runs["phantom-r2mfnet-full-s0-f0"].parameters))
    one = divided(films, RunConfig.of(films.runs["phantom-r2mfnet-full-coronal-s0-f0"].parameters))
    assert joint[0] == pytest.approx(684 * 0.8 * 7 / 8)
    assert one[0] == pytest.approx(joint[0] / 3)
    few = divided(films, RunConfig.of(films.runs["phantom-r2mfnet-full-few-s0-f0"].parameters))
    assert few[0] == 159


def test_a_training_is_three_forward_passes_for_each_image_it_sees():
    study = read_study(STUDIES / "mdwc_paper.yaml")
    one = count_run(study, study.runs["phantom-resunet-full-published-s0-f0"])
    found = count_operations(build_model("resunet", "full", 1, 1, 1.0, two_channels=True), (1, 256, 256))
    assert one.shape == (1, 256, 256)  # the recipe's own size, without local contrast
    assert one.params == found.params
    assert one.operations == pytest.approx(3 * found.flops * 100 * 280 * 0.8 * 7 / 8)
    small = read_study(STUDIES / "mdwc_paper.yaml", "", "small")
    less = count_run(small, small.runs["phantom-resunet-full-shortened-w0p25-s0-f0"])
    assert (less.shape, less.batch) == ((1, 112, 112), 4)
    assert less.operations < one.operations / 500


def test_every_stage_of_a_pipeline_counts():
    small = read_study(STUDIES / "spinefm_paper.yaml", "", "small")
    trained = count_run(small, small.runs["phantom_lateral-spinefm-full-w0p25-s0-f0"])
    taken = count_run(small, small.runs["phantom_lateral-spinefm-no_post-w0p25-pretrained-s0-f0"])
    assert trained.operations > 1e12
    assert taken.operations == 0
    assert taken.params == trained.params > 1e6
    assert [stage.name for stage in trained.stages] == ["detector", "segmenter", "ends"]
    assert taken.stages == ()


@pytest.mark.parametrize(("scale", "recipe"), [("", "published"), ("", "common"), ("small", "common")])
def test_what_learns_from_fewer_films_does_so_in_as_many_steps(tmp_path, scale, recipe):
    (tmp_path / "csxa").mkdir()
    for name in ("sam_vit_b_01ec64.pth", "maskrcnn_resnet50_fpn_coco.pth") if recipe == "published" else ():
        (tmp_path / name).touch()
    study = read_study(STUDIES / "spinefm_paper.yaml", str(tmp_path), scale)
    jobs = [job for job in study.runs.values() if job.parameters["trained_on"] == "phantom_lateral"]
    for method in ("spinefm", "unet"):
        named = [job for job in jobs if (job.parameters["method"], job.parameters["variant"]) == (method, "full")]
        few, every = (
            next(job for job in named if bool(job.parameters.get("train_films")) is less) for less in (True, False)
        )
        assert few.parameters["recipe"] == every.parameters["recipe"] == recipe
        assert count_run(study, few).operations == pytest.approx(count_run(study, every).operations, rel=0.05)


def test_the_published_detector_sees_films_as_torchvision_has_them():
    from spinelib.study.operations import _stage_networks

    given = "small", "full", "small", 0.25, (1760, 1472)
    shapes = [_stage_networks(*given, magnified)["detector"].shape for magnified in (True, False)]
    assert shapes == [(3, 1760, 1472), (3, 960, 800)]  # the latter: its shorter side is 800 px


def test_a_variant_that_is_not_there_is_told():
    study = read_study(STUDIES / "r2mf_paper.yaml")
    job = study.runs["phantom-r2mfnet-full-s0-f0"]
    job.parameters["variant"] = "fulll"
    with pytest.raises(BadInput, match="is not a known variant of r2mfnet"):
        count_run(study, job)
