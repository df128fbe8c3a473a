"""A folder with the notebooks of the example, for a study to be written into."""

import pytest

from tests.tiny import PARAMETERS, write_notebook


@pytest.fixture
def root(tmp_path):
    extra = 'width = 1.0\nepochs = 1\nrate = 0.001\nsources = ["tiny"]\ndevelopment: list[str] = []\ngrid = [1, 1]\n'
    write_notebook(tmp_path / "notebooks" / "10_train.ipynb", PARAMETERS + extra)
    write_notebook(tmp_path / "notebooks" / "00_explore.ipynb", '# parameters\nout = "x"\ndata = ""\n')
    compare = '# parameters\nout = "x"\nresults = ""\nmetric = "dice"\ncomparisons: list[list[str]] = []\n'
    write_notebook(tmp_path / "notebooks" / "90_compare.ipynb", compare)
    (tmp_path / "studies").mkdir()
    return tmp_path
