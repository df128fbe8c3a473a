import shutil

import numpy as np
import pytest
from PIL import Image

from .made import PLAIN, read_films


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    return read_films(tmp_path_factory.mktemp("read"))


@pytest.fixture
def edited(results, tmp_path):
    """Results in which somebody has drawn another mask of one film, and that mask."""
    folder = shutil.copytree(results, tmp_path / "edited")
    file = folder / "masks" / PLAIN
    mask = np.zeros((640, 300), np.uint8)
    mask[60:500, 120:180] = 1
    Image.fromarray(mask * 255).save(file)
    return folder, mask
