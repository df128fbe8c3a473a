import torch

from spinelib.corruptions import Draws, case_seeds


def test_seeds_belong_to_case_and_corruption_and_draws_to_the_image():
    assert case_seeds(["a", "b"], "blur") == [case_seeds(["a"], "blur")[0], case_seeds(["b"], "blur")[0]]
    assert len({*case_seeds(["a", "b"], "blur"), *case_seeds(["a"], "dose"), *case_seeds(["a"], "blur", 1)}) == 4
    both, one = Draws([5, 6]), Draws([6])
    assert torch.equal(both.uniform(3)[1], one.uniform(3)[0])
    assert torch.equal(both.normal((2, 2))[1], one.normal((2, 2))[0])
    rates = torch.full((1, 50), 30.0)
    assert torch.equal(both.poisson(rates.repeat(2, 1))[1], one.poisson(rates)[0])
