"""Every corruption that the table looks for among objects lies there under its name."""

from spinelib.corruptions import objects
from spinelib.corruptions.table import CORRUPTIONS


def test_the_objects_of_the_table_are_those_that_there_are():
    named = {name for name, entry in CORRUPTIONS.items() if entry.family == "objects"}
    assert named == set(objects.__all__)
    for name in named:
        assert CORRUPTIONS[name].change is getattr(objects, name)
