"""The label numbers of the structures of lumbar volumes, as MRSpineSeg prints them."""

from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE


def test_labels_are_the_printed_numbers():
    label = {name: k for k, name in enumerate(STRUCTURES, 1)}
    assert len(label) == 19
    assert [label[name] for name in ("S", "L5", "T9", "L5/S", "T9/T10")] == [1, 2, 10, 11, 19]


def test_a_disc_is_called_after_its_neighbours_and_stands_in_their_order():
    for disc, below, above in zip(DISCS, VERTEBRAE[:-1], VERTEBRAE[1:], strict=True):
        assert disc == f"{above}/{below}"
