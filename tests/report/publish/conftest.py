"""The study of other people's films and of films made here, and both as published."""

import matplotlib
import pytest

from spinelib.report.publish.study import publish

matplotlib.use("agg")
from tests.report.publish.made import FOREIGN, MADE, copied, write_study


@pytest.fixture(scope="package")
def studies(tmp_path_factory):
    foreign = write_study(tmp_path_factory.mktemp("f"), FOREIGN)
    return {"f": foreign, "m": copied(foreign, tmp_path_factory.mktemp("m"), data=MADE)}


@pytest.fixture(scope="package")
def published(studies, tmp_path_factory):
    into = {name: tmp_path_factory.mktemp("into") / name for name in studies}
    return {name: (into[name], publish(folder, into[name])) for name, folder in studies.items()}
