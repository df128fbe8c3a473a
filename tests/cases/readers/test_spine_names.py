import pytest

from spinelib.cases.readers.spine_names import is_spine, is_vertebra, level_of


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("T1", "T1"),
        ("t-1", "T1"),
        ("Th12", "T12"),
        ("L05", "L5"),
        ("vertebra L3", "L3"),
        ("L3_body", "L3"),
        ("C7", "C7"),
        ("S1", "S1"),
        ("L6", "L6"),
        (" T 4 ", "T4"),
        ("T14", None),
        ("C8", None),
        ("T0", None),
        ("T1 upper", None),
        ("D1", None),
        ("L4/L5", None),
        ("", None),
    ],
)
def test_levels_are_read_as_people_write_them(name, level):
    assert level_of(name) == level
    assert is_spine(name) == (level is not None)


@pytest.mark.parametrize("name", ["vertebra", "Vertebrae", "vertebra_3", "vertebral body", "VB", "v", "v12", "椎体"])
def test_words_for_one_vertebra(name):
    assert is_vertebra(name)
    assert is_spine(name)
    assert level_of(name) is None


@pytest.mark.parametrize("name", ["spine", "Spine", "spinal_column", "vertebral column", "lumbar spine", "脊柱"])
def test_words_for_the_column(name):
    assert is_spine(name)
    assert not is_vertebra(name)


@pytest.mark.parametrize(
    "name", ["femoral_head", "R marker", "pelvis", "disc", "sacrum", "v_marker", "spinous process"]
)
def test_other_words_are_not_the_spine(name):
    assert not is_spine(name)
