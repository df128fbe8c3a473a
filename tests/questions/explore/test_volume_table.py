"""Facts of volumes: native sizes, what is labelled, sizes and greys of structures."""

import numpy as np
import pytest

from spinelib.cases import load_arrays, write_labelled
from spinelib.questions import explore
from tests.cases.volumes import SPACING, lumbar, volume_set

GRID = (8, 64, 32)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    volume_set(folder, 3)
    write_labelled({"c1": ("L5", "L4", "L3")}, folder)
    return {"made up": load_arrays(folder, GRID)}


def test_sizes_are_those_of_the_scan(sets):
    facts = explore.volume_facts(sets)
    assert facts[["slices", "rows", "columns"]].to_numpy().tolist() == [[7, 60, 48], [8, 64, 48], [7, 68, 48]]
    assert np.allclose(facts[["slice mm", "row mm", "column mm"]], SPACING, atol=1e-3)
    assert facts["height mm"].tolist() == [90, 96, 102]
    assert facts["depth mm"].tolist() == [60, 60, 60]
    assert facts["labelled"].tolist() == [19, 3, 19]


def test_labelled_and_seen_are_counted_apart(sets):
    table = explore.labelled_table(sets)["made up"]
    assert table.loc["L5"].tolist() == [3, 3]
    assert table.loc["L2"].tolist() == [2, 3]
    assert table.loc["S"].tolist() == [2, 0]


def test_sizes_and_greys_of_structures(sets):
    facts = explore.structure_facts(sets)
    one = facts.query("case == 'c0' and structure == 'L3'").iloc[0]
    wanted = (lumbar()[1] == 4).sum() * np.prod(SPACING) / 1000
    assert one["volume ml"] == pytest.approx(wanted, rel=0.2)
    arrays = sets["made up"]
    assert one["grey"] == np.median(arrays.images[0, 0][arrays.labels[0] == 4])
    # The highest body reaches the upper border of the picture.
    assert set(facts["structure"]) == {"L5", "L4", "L3", "L2", "L1", "T12"} | {
        "L4/L5", "L3/L4", "L2/L3", "L1/L2", "T12/L1", "T11/T12"
    }  # fmt: skip


def test_a_structure_that_the_border_cuts_has_no_size(sets):
    arrays = sets["made up"]
    cut = arrays.labels.copy()
    cut[0, :, -10:, 10:14] = 2
    from dataclasses import replace

    facts = explore.structure_facts({"cut": replace(arrays, labels=cut)})
    assert np.isnan(facts.query("case == 'c0' and structure == 'L5'")["volume ml"].iloc[0])


def test_every_source_may_have_its_grid():
    assert explore.grid_of("b", ["a", "b"], [9, 9], []) == [9, 9]
    assert explore.grid_of("b", ["a", "b"], [9, 9], [[64, 32], [8, 64, 32]]) == [8, 64, 32]
