"""The trials of learning-rate searches: of the runs that made them, as they were kept, and as they were published."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.complexity.rates import COLUMNS, rate_curves, rate_trials, rate_words
from spinelib.runs.published import StudyTables

TRIALS = pd.DataFrame(
    {
        "learning_rate": [1e-3, 1e-3, 3e-3, 3e-3, 1e-2, 1e-2],
        "pilot": [0, 1] * 3,
        "fraction": 0.1,
        "steps": 7,
        "validation_loss": 1.0,
        "validation_score": [0.3, 0.4, 0.6, 0.5, 0.1, 0.2],
        "chosen": [False, False, True, True, False, False],
        "stable": True,
    }
)


def search(results, run, table, **facts):
    folder = results / "runs" / run
    record = json.loads((folder / "run.json").read_text())
    record["facts"] |= facts
    (folder / "run.json").write_text(json.dumps(record))
    table.to_csv(folder / "learning_rates.csv", index=False)


@pytest.fixture
def trials(results):
    search(results, "phantom-unet-full-s0-f0", TRIALS, pilots=[{"steps": 7}])
    longer = pd.concat([TRIALS.assign(chosen=False), TRIALS.assign(fraction=0.2, steps=14)])
    search(results, "phantom-resunet-full-s0-f0", longer.assign(stable=False), pilots=[{"steps": 7}])
    # Taken from another run of the same network, where it stands already.
    search(results, "phantom-plunet-full-s0-f0", TRIALS, rate_from="somewhere")
    return rate_trials(StudyTables(results, False))


def test_trials_of_the_runs_that_searched_stand_with_their_network(trials):
    assert list(trials.columns) == list(COLUMNS)
    assert trials.groupby("name").size().to_dict() == {"unet/full": 6, "resunet/full": 12}
    words = rate_words(trials).set_index("name")
    assert words["learning rate"].tolist() == [3e-3, 3e-3]
    assert words["score"].tolist() == pytest.approx([0.55, 0.55])
    assert words.loc["unet/full", ["steps", "seeds agree"]].tolist() == [7, "yes"]
    assert words.loc["resunet/full", ["steps", "seeds agree"]].tolist() == [14, "no"]


def test_the_figure_shows_the_longest_trials_and_rings_the_pick(trials):
    figure = rate_curves(trials)
    (ax,) = figure.axes
    lines, rings = ax.lines[0::3], ax.lines[2::3]
    assert [line.get_xdata().tolist() for line in lines] == [[1e-3, 3e-3, 1e-2]] * 2
    np.testing.assert_allclose([line.get_ydata() for line in lines], [[0.35, 0.55, 0.15]] * 2)
    assert [(ring.get_xdata()[0], ring.get_markersize()) for ring in rings] == [(3e-3, 10)] * 2
    plt.close(figure)
    with pytest.raises(ValueError, match="no learning rate was searched"):
        rate_curves(trials.head(0))


def test_a_study_without_a_search_has_no_trials(results, tmp_path):
    assert rate_trials(StudyTables(results, False)).empty
    assert rate_trials(StudyTables(tmp_path, True)).empty


def test_published_trials_are_read_back(trials, tmp_path):
    folder = tmp_path / "published" / "questions" / "31_complexity"
    folder.mkdir(parents=True)
    trials.to_csv(folder / "rates.csv", index=False)
    found = rate_trials(StudyTables(tmp_path / "published", True))
    pd.testing.assert_frame_equal(found, trials)
    assert len(rate_words(found)) == 2
