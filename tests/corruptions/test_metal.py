import torch

from spinelib.corruptions import CORRUPTIONS, corrupt


def test_metal_lies_on_the_labelled_column():
    images, labels = torch.full((1, 1, 128, 96), 60.0), torch.zeros((1, 128, 96), dtype=torch.uint8)
    for row in range(10, 120):
        middle = 30 + row // 4
        labels[0, row, middle - 4 : middle + 4] = 1
    lit = corrupt(CORRUPTIONS["metal"], images, labels, 5, [0]).images[0, 0] > 200
    rows, columns = lit.nonzero().float().T
    assert len(rows) > 50
    assert (columns - (30 + rows / 4)).abs().max() < 7
