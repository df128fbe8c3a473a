"""Films from the side, and a pipeline that knows their vertebrae, in a folder with its card."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import save_weights
from spinelib.prediction.predictor import Predictor

from ..prediction.made import card
from ..spinefm.films import GRID, LEVELS, column
from ..spinefm.made_readers import Known, built


class Near(Known):
    """Knows the film that an image is most like, whatever its grey scale."""

    def film(self, image):
        stored = torch.from_numpy(self.data.films).float()
        unlike = [(_even(one) - _even(image)).abs().mean() for one in stored]
        return int(np.argmin(unlike))


def _even(image):
    return (image - image.mean()) / image.std()


def mirrored_pair():
    """A film and its mirror image."""
    films = column(2)
    films.images[1], films.labels[1] = films.images[0][..., ::-1], films.labels[0][:, ::-1]
    return films


def knowing(films, folder):
    """The predictor of a pipeline that knows `films`."""
    network = built(films, Near)
    facts = {"method": "spinefm", "classes": LEVELS, "input_grid": GRID, "evaluation_grid": GRID}
    own = card(**facts, pipeline={"named": True})
    folder.mkdir(parents=True)
    save_weights(network, folder / WEIGHTS)
    own.write(folder)
    return Predictor(own, network, folder)


def save_sides(films, folder, times=3):
    """The films, each pixel `times` as wide and high; gives the folder."""
    folder.mkdir()
    for k, image in enumerate(films.images[:, 0]):
        Image.fromarray(image.repeat(times, 0).repeat(times, 1)).save(folder / f"{k}.png")
    return folder
