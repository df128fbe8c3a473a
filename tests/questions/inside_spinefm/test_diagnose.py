"""The figures of single stages, and of walks in which the truth stands in for some."""

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.questions.inside_spinefm import diagnose
from spinelib.questions.inside_spinefm.diagnose import (
    CHAINS,
    chain_figures,
    detector_figures,
    ends_figures,
    main,
    predictor_figures,
    report,
    segmenter_figures,
)
from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.segmenter import Segmenter
from tests.spinefm.films import column, geometry
from tests.spinefm.made_runs import leave

ALL = np.arange(3)


@pytest.fixture
def pipeline(known):
    torch.manual_seed(0)
    side = geometry(known)
    parts = Detector(side, width=0.125), Segmenter(side, "tiny"), PointPredictor(), EndClassifier(side, width=0.125)
    made = SpineFM(*parts)
    for stage in made.stages.values():
        stage.eval()
    return made


def rough(known, shift=1.0):
    mask = np.zeros(known.grid, bool)
    return [[Detection(0.9, (x + shift, y), mask) for x, y in centres] for centres in known.centres]


def test_a_true_chain_is_faultless_and_an_untrained_one_is_not(pipeline, data, known):
    table = chain_figures(pipeline, data, known, ALL, rough(known), ["all", "start, ends"]).set_index("true")
    assert table.loc["all", "identified"] == 1
    assert table.loc["all", "dice_identified"] > 0.95
    assert table.loc["all", "false_detections"] == 0
    assert table.loc["start, ends", "identified"] < 0.7
    assert set(CHAINS) > {"all", "nothing"}


def test_a_segmenter_that_answers_with_its_prompt_keeps_the_whole_error(pipeline, known):
    class Middle(torch.nn.Module):
        """Answers with a square around the prompt, or with the true vertebra."""

        def __init__(self, inner, corrects):
            super().__init__()
            self.geometry, self.corrects = inner.geometry, corrects
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def segment(self, films, which, points):
            stored = to_one_channel(torch.from_numpy(known.films))
            out = torch.full((len(points), *known.grid), -9.0)
            for b, (x, y) in enumerate(points.tolist()):
                i = next(k for k in range(3) if torch.equal(stored[k], films[which[b]]))
                if self.corrects:
                    x, y = known.centres[i][np.linalg.norm(known.centres[i] - [x, y], axis=1).argmin()]
                top, left = round(y - 5.5), round(x - 5.5)
                out[b, top : top + 12, left : left + 12] = 9.0
            return out

    inner = pipeline.segmenter
    rows = {}
    for corrects in (False, True):
        pipeline.segmenter = Middle(inner, corrects)
        rows[corrects] = segmenter_figures(pipeline, known, ALL, (0.0, 0.3)).set_index("offset")
    assert rows[False].loc[0.3, "slope"] == pytest.approx(1, abs=0.2)
    assert rows[True].loc[0.3, "slope"] == pytest.approx(0, abs=0.05)
    assert rows[True].loc[0.3, "dice"] > 0.95 > rows[False].loc[0.3, "dice"]
    assert rows[False].loc[0.0, "error"] < 0.05
    assert rows[True].loc[0.3, "vertebrae"] == 18


def test_figures_of_detections(pipeline, known):
    found = rough(known)
    found[1] = []
    found[2] = [found[2][k] for k in (0, 1, 3, 4)]
    figures = detector_figures(pipeline, known, ALL, found)
    assert figures["precision"] == 1
    assert figures["recall"] == pytest.approx(10 / 18)
    assert figures["films with a start"] == pytest.approx(2 / 3)
    assert figures["sound"] == pytest.approx(1 / 2)
    assert figures["error"] == pytest.approx(1 / 12, abs=1e-3)


def test_figures_of_predictor_and_ends(pipeline, known):
    misses = predictor_figures(pipeline, known, ALL, noise=(0.0, 0.5)).set_index("noise")
    assert misses.loc[0.0, "straight"] < 0.6 < misses.loc[0.0, "miss"]
    assert misses.loc[0.5, "straight"] > misses.loc[0.0, "straight"] + 0.2
    shares = ends_figures(pipeline, known, ALL)
    np.testing.assert_allclose(shares.drop(columns="count").sum(1), 1)
    assert shares["count"].to_dict() == {"background": 18, "vertebra": 12, "upper end": 3, "lower end": 3}


def test_a_run_is_read_back_and_reported(data, tmp_path, capsys, monkeypatch):
    with pytest.raises(BadInput, match="is no folder"):
        main([str(tmp_path / "nothing"), str(tmp_path)])
    run, built = leave(tmp_path / "run", column(8))
    seen = []
    monkeypatch.setattr(diagnose, "load_arrays", lambda folder, grid: seen.append((folder, grid)) or data)
    monkeypatch.setattr(
        diagnose, "report", lambda pipeline, films, count: seen.append(pipeline) or report(pipeline, films, 2)
    )
    main([str(run.folder), str(tmp_path / "data"), "--films", "2", "--levels", "7", "--passes", "2"])
    (where, pipeline) = seen
    assert where == (tmp_path / "data", data.grid)
    for name, stage in pipeline.stages.items():
        torch.testing.assert_close(stage.state_dict(), built.pipeline.stages[name].state_dict())
        assert not stage.training
    assert pipeline.segmenter.geometry == built.pipeline.segmenter.geometry
    assert (pipeline.rules.levels, pipeline.rules.passes) == (7, 2)
    said = capsys.readouterr().out
    for words in ("2 films of 128 x 64 px", "slope", "straight", "true class", "all but the segmenter"):
        assert words in said
