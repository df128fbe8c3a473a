import numpy as np
import pytest
import torch
from torch import nn

from spinelib.models.objective import Objective, dice_by_class
from spinelib.prediction.precision import Precision
from spinelib.training.average import Average, floating
from spinelib.training.code import code_of, meaning, reached
from spinelib.training.guard import Guard
from spinelib.training.losses import weighted_heads
from spinelib.training.order import Order
from spinelib.training.progress import Progress
from spinelib.training.state import Counters
from spinelib.training.validation import validate


def test_order_shows_every_case_equally_often_in_full_batches():
    index = np.array([3, 5, 7, 11, 13])
    batches = [Order(index, 8, seed=1).batch(step) for step in range(5)]
    assert {len(batch) for batch in batches} == {8}
    stream = torch.cat(batches).reshape(8, 5)
    assert all(sorted(one_pass.tolist()) == index.tolist() for one_pass in stream)
    assert len({tuple(one_pass.tolist()) for one_pass in stream}) > 4


def test_order_of_a_step_does_not_depend_on_the_steps_before():
    whole = Order(np.arange(10), 4, seed=0)
    expected = [whole.batch(step) for step in range(9)]
    assert torch.equal(Order(np.arange(10), 4, seed=0).batch(8), expected[8])
    assert not torch.equal(Order(np.arange(10), 4, seed=1).batch(8), expected[8])


def test_average_is_the_recursion_and_the_model_gets_its_weights_back():
    model = nn.BatchNorm1d(2)
    average, mean = Average(model, 0.9), model.weight.detach().clone()
    for step in range(200):
        model.weight.data.fill_(float(step))
        average.update(step)
        decay = min(0.9, (2 + step) / (11 + step))
        mean = decay * mean + (1 - decay) * step
    with average.applied():
        torch.testing.assert_close(model.weight.data, mean, rtol=1e-5, atol=1e-5)
    assert (model.weight.data == 199).all()


def test_average_switched_off_is_the_model_itself():
    model = nn.Linear(2, 2)
    before = model.weight.clone()
    average = Average(model, 0.0)
    average.update(0)
    with average.applied():
        assert torch.equal(model.weight, before)


def test_guard_finds_the_step_and_gives_the_last_good_weights_back():
    model = nn.Linear(2, 2)
    guard = Guard(model, every=4)
    for value in (3.0, 2.0):
        guard.note(torch.tensor(value), torch.tensor(1.0))
    model.weight.data.fill_(7.0)
    assert guard.read() == ([3.0, 2.0], None)
    for loss, norm in ((1.0, 1.0), (1.0, torch.inf), (torch.nan, 1.0)):
        guard.note(torch.tensor(loss), torch.tensor(norm))
    assert not guard.full
    model.weight.data.fill_(torch.nan)
    assert guard.read()[1] == 1
    assert (model.weight == 7).all()
    assert all(value.isfinite().all() for value in floating(model))


@pytest.mark.parametrize("spoilt", [2, 5])
def test_a_late_guard_gives_each_loss_once_and_finds_the_same_step(spoilt):
    model = nn.Linear(2, 2)
    guard, seen, bad_step, step = Guard(model, every=2, late=True), [], None, 0
    while bad_step is None:
        model.weight.data.fill_(float(step))
        guard.note(torch.tensor(torch.nan if step == spoilt else float(step)), torch.tensor(1.0))
        step += 1
        if guard.full:
            losses, bad = guard.read(wait=False)
            bad_step = None if bad is None else step - guard.unread - len(losses) + bad
            seen += losses
    assert bad_step == spoilt
    assert seen[:spoilt] == [float(k) for k in range(spoilt)]
    # The weights at the end of the last round without a bad loss.
    assert (model.weight == spoilt // 2 * 2 - 1).all()


def test_a_late_guard_that_waits_gives_everything():
    model = nn.Linear(2, 2)
    guard = Guard(model, every=2, late=True)
    for value in (1.0, 2.0):
        guard.note(torch.tensor(value), torch.tensor(1.0))
    assert guard.read(wait=False) == ([], None)
    assert guard.unread == 2
    guard.note(torch.tensor(3.0), torch.tensor(1.0))
    assert guard.read() == ([1.0, 2.0, 3.0], None)
    assert guard.unread == 0
    assert guard.read() == ([], None)


def test_dice_counts_foreground_classes_that_are_there():
    labels = torch.tensor([[[0, 1, 2, 2]], [[0, 0, 1, 1]]], dtype=torch.uint8)
    guess = torch.tensor([[[0, 1, 2, 0]], [[0, 0, 1, 0]]])
    output = nn.functional.one_hot(guess, 4).movedim(-1, 1).float()
    expected = torch.tensor([[1, 2 / 3, torch.nan], [2 / 3, torch.nan, torch.nan]])
    torch.testing.assert_close(dice_by_class(output, labels), expected, equal_nan=True)
    binary = torch.tensor([[[[1.0, -1, 1, 1]]]])
    assert dice_by_class(binary, torch.tensor([[[1, 0, 0, 1]]])).item() == pytest.approx(0.8)


def test_validation_is_the_mean_over_cases_whatever_the_batches(toy_cases):
    from spinelib.core.devices import Store

    torch.manual_seed(0)
    model = nn.Conv2d(1, 1, 3, padding=1)
    store = Store(toy_cases.images, {"labels": toy_cases.labels}, torch.device("cpu"))
    index = torch.arange(11)
    aim = Objective(weighted_heads)
    found = [validate(model, aim, store, index.split(n), Precision(), False) for n in (1, 4, 11)]
    scores = [measures["dice"] for _, measures in found]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6) == pytest.approx(scores[2], abs=1e-6)
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-5)


def test_higher_score_or_then_lower_loss_is_better():
    counters = Counters()
    assert counters.better(-0.5, 1.0, 1, {"dice": 0.1})
    assert not counters.better(-0.6, 0.5, 2, {"dice": 0.2})
    assert not counters.better(-0.5, 1.0, 3, {"dice": 0.3})
    assert counters.waiting == 2
    assert counters.better(-0.5, 0.9, 4, {"dice": 0.4})
    assert (counters.best_epoch, counters.waiting, counters.best) == (4, 0, {"dice": 0.4})


def test_progress_in_a_log_is_a_few_lines_with_the_time_left(capsys):
    with Progress(2000, "step") as bar:
        for step in range(1, 2001):
            bar.update(step, "loss 1", last=step == 2000)
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[0].startswith("step 1/2000 loss 1 (")
    assert lines[0].endswith(" left)")
    assert lines[-1] == "step 2000/2000 loss 1"


def test_progress_in_a_notebook_updates_one_display(monkeypatch):
    shown = []

    class Handle:
        def update(self, bar):
            shown.append((repr(bar), bar._repr_html_()))

    monkeypatch.setattr("spinelib.training.progress._notebook_display", Handle)
    with Progress(2000, "step") as bar:
        for step in range(1, 2001):
            bar.update(step, "loss <1>", last=step == 2000)
    assert 2 <= len(shown) < 20
    assert 'value="2000"' in shown[-1][1]
    assert "&lt;1&gt;" in shown[-1][1]


def test_progress_switched_off_prints_nothing(capsys):
    with Progress(3, enabled=False) as bar:
        bar.update(3, last=True)
    assert capsys.readouterr().out == ""


def test_progress_tells_why_it_halted(capsys):
    with pytest.raises(ValueError, match="no more"), Progress(3, "step"):
        raise ValueError("no more")
    assert "halted: no more" in capsys.readouterr().out


def test_better_words_do_not_change_what_code_means():
    code = 'def rate(step):\n    """Old words."""\n    return 0.1 * step\n'
    words = 'def rate(step):\n    """New words."""\n\n    # a reason\n    return 0.1 * step\n'
    assert meaning(code) == meaning(words)
    assert meaning(code) != meaning(code.replace("0.1", "0.2"))
    assert meaning('x = """text"""') != meaning('x = """other"""')


def test_code_of_a_training_is_its_own_network_and_the_loop_and_no_other_network():
    names = reached(["spinelib.training.fitting", "spinelib.training.training", "spinelib.models.mdwcnet"])
    assert {"spinelib.models.mdwc_blocks", "spinelib.training.loop", "spinelib.training.augmentation.geometry"} <= set(
        names
    )
    assert not {"spinelib.models.unet", "spinelib.models.catalogue", "spinelib.cases"} & set(names)


def test_code_of_a_training_knows_its_objective():
    network = nn.Conv2d(1, 1, 1)
    plain = Objective(weighted_heads)
    assert code_of(network, plain) == code_of(nn.Conv2d(1, 2, 3), plain)
    joint = type("Joint", (Objective,), {"__module__": "spinelib.models.seg4reg_objective"})(weighted_heads)
    assert code_of(network, joint) != code_of(network, plain)
