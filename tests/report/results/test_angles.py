"""Cobb angles of a published study, in a board and in sentences."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.angles import angle, angle_holds, below_answer, published_angle_board, routes
from tests.report.results.made import write


def row(name, route, smape, rank, near="all", width=1.0, dataset="aasce"):
    errors = {
        f"{metric}{side}": value
        for metric, mean in (("smape", smape), ("cmae", 2 * smape), ("cobb_error", smape / 2))
        for side, value in (("", mean), ("_low", mean - width), ("_high", mean + width))
    }
    about = {"dataset": dataset, "near_duplicate": near, "name": name, "route": route, "rank": rank}
    return about | errors | {"icc": 0.914, "unread": 1, "films": 40}


@pytest.fixture
def study(tmp_path):
    rows = [
        row("seg4regplus/full", "network", 10.0, 2),
        row("unet/full", "mask", 8.0, 1),
        row("seg4regplus/full", "mask", 12.5, 3),
        row("unet/small", "mask", 7.0, 4),
        row("fcn8s/full", "mask", 14.0, 5),
        row("reference masks", "mask", 2.0, None),
        row("unet/full", "mask", 8.5, 1, near="excluded"),
        row("unet/full", "mask", 99.0, 1, dataset="phantom"),
    ]
    return write(tmp_path, questions__40_cobb__cobb=rows)


def test_the_board_follows_the_ranks_and_ends_with_the_reference(study):
    kind, table, *_ = published_angle_board(study, "aasce").split("\n\n")
    assert kind == "From scratch:"
    head, _, *lines = table.splitlines()
    assert head.startswith("| entry | route | SMAPE % | SMAPE % without near-duplicates | CMAE ° | major ° | ICC |")
    assert lines[0] == (
        "| U-Net | mask | 8.0 [7.0, 9.0] | 8.5 [7.5, 9.5] | 16.0 [15.0, 17.0] | 4.0 [3.0, 5.0] | 0.91 | 1 | 40 |"
    )
    assert len(lines) == 5
    assert lines[-1].startswith("| reference masks | mask | 2.0 [1.0, 3.0] |  |")


def test_variants_stand_on_a_board_of_their_own_beside_the_whole_method(study):
    *_, kind, table = published_angle_board(study, "aasce").split("\n\n")
    assert kind == "Variants:"
    # The fixture's ranks are kept as the order; other methods have no variant here.
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [
        "| U-Net",
        "| U-Net, small",
        "| reference masks",
    ]


def test_one_entry_by_one_route(study):
    assert angle(study, "aasce", "unet/full", "mask") == "8.0 [7.0, 9.0]"
    assert angle(study, "aasce", "unet/full", "mask", near="excluded") == "8.5 [7.5, 9.5]"
    assert angle(study, "aasce", "seg4regplus/full", "network", "cmae") == "20.0 [19.0, 21.0]"
    with pytest.raises(BadInput, match=r"0 rows for unet/full by network on aasce.*make publish"):
        angle(study, "aasce", "unet/full", "network")


@pytest.mark.parametrize(("published", "words"), [(8.9, "holds it"), (9.1, "lies below it"), (6.9, "lies above it")])
def test_a_published_number_lies_within_the_interval_or_beside_it(study, published, words):
    assert angle_holds(study, "aasce", "unet/full", "mask", "smape", published) == words


def test_two_routes_of_one_network_stand_side_by_side(study):
    words = routes(study, "aasce", "seg4regplus/full")
    assert words == "12.5 [11.5, 13.5] % from the mask, 10.0 [9.0, 11.0] % answered by the network"


def test_plain_outlines_of_other_methods_are_counted(study):
    # Of unet/full (8) and fcn8s/full (14) one errs less than the network's answer (10).
    assert below_answer(study, "aasce", "seg4regplus/full", "seg4regplus") == "1 of 2"
