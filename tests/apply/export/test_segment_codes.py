import pytest

from spinelib.apply.export.segment_codes import structure_code
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES


@pytest.mark.parametrize("name", [*LEVELS, *STRUCTURES, "C2", "C7", "vertebra", "spine", "left lung"])
def test_every_structure_that_networks_draw_has_a_code(name):
    category, kind = structure_code(name)
    assert category.value == "91723000"
    assert kind.scheme_designator == "SCT"
    assert 0 < len(kind.meaning) <= 64


def test_codes_say_what_is_meant():
    words = {
        "T1": "T1 vertebra",
        "S": "Sacrum",
        "L4/L5": "fourth lumbar",
        "T12/L1": "twelfth thoracic",
        "L5/S": "L5 and S1",
    }
    for name, said in words.items():
        assert said.casefold() in structure_code(name)[1].meaning.casefold()


def test_a_name_that_no_table_has_is_refused():
    with pytest.raises(BadInput, match="no code"):
        structure_code("somewhere")
