"""The loops that race: all learn, on the same cases, and ours is the real one."""

import multiprocessing

import numpy as np
import pytest
import torch

from benchmarks import bench_scaling, bench_study, loops, optional, peers, transforms
from benchmarks.synthetic import cases
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.training.losses import cross_entropy_dice

FILM, VOLUME = (64, 32), (4, 32, 32)


def shared(grid, method):
    return loops.setting(method, cases(6, grid, "train"), 2, torch.device("cpu"), 0, 0.125)


@pytest.mark.parametrize(("grid", "method"), [(FILM, "unet"), (VOLUME, "unet3d")])
def test_every_loop_changes_its_own_network_alone(grid, method, tmp_path, monkeypatch):
    setting = shared(grid, method)
    models = []

    def kept(self, make=loops.Setting.model):
        models.append(make(self))
        return models[-1]

    monkeypatch.setattr(loops.Setting, "model", kept)
    own = loops.trainer(setting, tmp_path)
    steps = [loops.ours(own), loops.plain(setting), loops.plain(setting, "float32+channels_last")]
    steps += [loops.monai(setting), loops.monai(setting, "bfloat16+channels_last")]
    start = torch.cat([p.detach().flatten() for p in setting.network.parameters()])
    for step, model in zip(steps, models, strict=True):
        before = [torch.cat([p.detach().flatten() for p in each.parameters()]) for each in models]
        step()
        after = [torch.cat([p.detach().flatten() for p in each.parameters()]) for each in models]
        changed = [not torch.equal(one, other) for one, other in zip(before, after, strict=True)]
        assert [bool(c) for c in changed] == [each is model for each in models]
    assert torch.equal(start, torch.cat([p.detach().flatten() for p in setting.network.parameters()]))


def test_a_frozen_batch_trains_as_well(tmp_path):
    own = loops.trainer(shared(FILM, "unet"), tmp_path)
    step, before = loops.frozen(own), [p.clone() for p in own.model.parameters()]
    step()
    assert any(not torch.equal(a, b) for a, b in zip(before, own.model.parameters(), strict=True))


@pytest.mark.parametrize("channels", [1, 4])
def test_the_textbook_loss_is_ours(channels):
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(2, channels, 9, 7, generator=random)
    labels = torch.randint(0, max(2, channels), (2, 9, 7), generator=random)
    assert loops.textbook_loss(logits, labels) == pytest.approx(cross_entropy_dice(logits, labels).item(), rel=1e-5)


@pytest.mark.parametrize("grid", [FILM, VOLUME])
def test_peers_move_labels_with_their_image(grid):
    data = cases(4, grid)
    # The picture is its own outline: after any move both must still agree.
    data.images[:, 0] = np.where(data.labels > 0, 255, 0)
    chain, items = transforms.monai_chain(grid), transforms.monai_items(data)
    plain = transforms.Plain(data)
    for found in ([plain[i] for i in range(4)], [(c["image"], c["label"][0]) for c in map(chain, items)]):
        for image, labels in found:
            assert tuple(image.shape) == (1, *grid)
            assert tuple(labels.shape) == grid
            bright, dark = image[0][labels > 0].float().mean(), image[0][labels == 0].float().mean()
            assert abs(float(bright - dark)) > 1.0


def test_a_foreign_loop_goes_one_step_at_each_call():
    said = []

    def run(wait):
        for number in range(2):
            said.append(number)
            wait()

    step = optional.gated(run)
    step()
    assert said == [0]
    step()
    assert said == [0, 1]
    with pytest.raises(RuntimeError, match="ended"):
        step()


def test_peers_that_are_missing_are_named(monkeypatch, capsys):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    assert optional.contenders(shared(FILM, "unet"), "float32") == {}
    assert capsys.readouterr().out == "Lightning: not installed, left out\nnnU-Net: not installed, left out\n"


def test_the_overhead_is_what_no_working_cell_took():
    def cell(source, seconds):
        return {"cell_type": "code", "source": [source], "metadata": {"papermill": {"duration": seconds}}}

    cells = [cell("history = experiment.train(run, model)", 30.0), cell("run.figure(plots.training(h))", 2.0)]
    cells += [cell("scored = experiment.evaluate(run, model, sets)\nscored", 5.0), cell("x = 1", None)]
    notebook = {"cells": [{"cell_type": "markdown", "source": ["train("], "metadata": {}}, *cells]}
    notebook["metadata"] = {"papermill": {"duration": 40.0}}
    assert bench_study.notebook_times(notebook) == (35.0, 40.0)


def test_no_finished_run_is_said_and_gives_no_row(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SPINE_REPORTS", str(tmp_path))
    assert list(bench_study.rows()) == []
    assert "make study" in capsys.readouterr().out


def test_the_exponent_of_proportional_work_is_one():
    times = {n: np.full((3, 2), 0.5 * n) for n in (2, 4, 8)}
    assert bench_scaling._fitted("work", times, "cases").ours == pytest.approx(1.0)
    halved = {n: np.full((3, 2), 8 / n) for n in (1, 2, 4)}
    assert bench_scaling._fitted("work", halved, "cores", -1).ours == pytest.approx(1.0)


def test_the_scaling_table_is_a_case_table():
    rows = bench_scaling._case_table(3, np.random.default_rng(0))
    assert list(rows.columns) == CASE_COLUMNS
    assert len(rows) == 3 * bench_scaling.PATIENTS * 2
    assert not multiprocessing.active_children()
