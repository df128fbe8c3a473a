"""The parts of a training step: every operator under one kind, what the clock added left out, all of the step told."""

import torch
from torch.autograd.profiler import record_function

from benchmarks import bench_breakdown
from benchmarks.bench_breakdown import KINDS, MARK, PHASES, REST, operations, shares
from benchmarks.bench_matrix import Load


class Event:
    """What of the profiler's events counts."""

    def __init__(self, name, microseconds, parent=None, number=-1):
        self.name, self.self_cpu_time_total, self.cpu_parent, self.sequence_nr = name, microseconds, parent, number
        self.cpu_children = []


def _step(convolution, forward=30):
    loss = Event(f"{MARK}loss", 0)
    backward = Event("autograd::engine::evaluate_function: MulBackward0", 0, None, 7)
    layer = Event("aten::convolution", 0)
    inner = [Event("aten::mul", forward, loss, 7), Event("aten::mul", 10, backward)]
    copies = [Event("aten::copy_", 20, layer), Event("aten::mkldnn_convolution", convolution, layer)]
    return [loss, backward, layer, *inner, *copies]


def test_an_operator_belongs_to_its_phase_backward_as_well_or_to_the_innermost_kind():
    found = shares([_step(40)])
    assert {kind: share for kind, share in found.items() if share} == {"convolution": 0.4, "copies": 0.2, "loss": 0.4}


def test_of_every_operator_the_shortest_of_all_steps_counts():
    assert shares([_step(40, 900), _step(4000, 30)]) == shares([_step(40, 30)])


def test_the_profiler_tells_a_real_step_apart():
    layers = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU())
    inputs = torch.randn(4, 1, 32, 32)

    def step():
        outputs = layers(inputs)
        with record_function(f"{MARK}loss"):
            loss = outputs.softmax(1).square().sum()
        loss.backward()

    found = shares([bench_breakdown._events(step) for _ in range(2)])
    assert all(found[kind] > 0 for kind in ("convolution", "normalisation", "activation", "loss"))
    assert found["optimiser"] == found["pooling"] == found["augmentation"] == 0


def test_convolutions_are_counted_apart_from_products():
    layers = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.Linear(4, 5))
    whole, of_convolutions = operations(lambda: layers(torch.randn(1, 2, 6, 4)))
    assert of_convolutions == 2 * 2 * 3 * 6 * 4
    assert whole == of_convolutions + 2 * 3 * 6 * 4 * 5


def test_the_rows_of_a_network_add_up_to_its_step(monkeypatch):
    monkeypatch.setattr(bench_breakdown, "TURNS", 2)
    found = list(bench_breakdown.of(Load("unet", (32, 16), 4, 0.125, 2, 1, 64)))
    parts = [row for row in found if row.name.startswith("time of a step")]
    assert {row.name.split(": ")[1] for row in parts} == {*KINDS, *PHASES, REST}
    assert abs(sum(row.ratio for row in parts) - 1) < 0.01
    augmented, lost = (next(row.ratio for row in parts if row.name.endswith(kind)) for kind in ("augmentation", "loss"))
    assert augmented > 0
    assert lost > 0
    assert len(found) == len(parts) + 2
