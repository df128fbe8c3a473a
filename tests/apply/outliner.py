"""A small network that has learned to outline phantom spines, in seconds: one that sees what surrounds a pixel."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from spinelib.cases import load_arrays
from spinelib.prediction.normalisation import normalise
from spinelib.sources import prepare

GRID = (128, 64)
FILMS, STEPS = 16, 100


class Outliner(nn.Module):
    """Encoder and decoder over four sizes."""

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(_layer(*pair) for pair in ((1, 8), (8, 16), (16, 32), (32, 32)))
        self.up = nn.ModuleList(_layer(*pair) for pair in ((64, 16), (32, 8), (16, 8)))
        self.head = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        seen = [self.down[0](x)]
        for layer in self.down[1:]:
            seen.append(layer(F.max_pool2d(seen[-1], 2)))
        out = seen.pop()
        for layer in self.up:
            out = layer(torch.cat([F.interpolate(out, scale_factor=2.0), seen.pop()], 1))
        return self.head(out)


def _layer(into, out):
    return nn.Sequential(nn.Conv2d(into, out, 3, padding=1), nn.GroupNorm(4, out), nn.ReLU())


def trained_outliner(folder):
    """The network after STEPS steps on the films of FILMS phantom patients, which are written to `folder`."""
    prepare("phantom", folder, patients=FILMS, size=(256, 128), views=("coronal",), seed=5)
    data = load_arrays(folder, GRID)
    images, labels = normalise(torch.from_numpy(data.images)), torch.from_numpy(data.labels[:, None]).float()
    torch.manual_seed(0)
    network = Outliner()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    for step in range(STEPS):
        chosen = torch.arange(8) + 8 * (step % (FILMS // 8))
        found = network(images[chosen])
        share = torch.sigmoid(found)
        overlap = (share * labels[chosen]).sum() / (share + labels[chosen]).sum()
        loss = F.binary_cross_entropy_with_logits(found, labels[chosen]) - 2 * overlap
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()
