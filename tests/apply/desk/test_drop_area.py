"""Films that arrive in parts are kept whole and handed on together."""

import pytest

from spinelib.apply.desk.drop_area import DropArea
from spinelib.core.errors import BadInput


@pytest.fixture
def taken():
    return []


def area(folder, taken):
    return DropArea(folder, lambda paths: taken.append(paths) or f"{len(paths)} read")


def part(area, name, content, last=True):
    area._handle_custom_msg({"do": "part", "name": name, "last": last}, [memoryview(content)])


def test_parts_become_one_file_and_a_drop_is_handed_on_at_its_end(tmp_path, taken):
    found = area(tmp_path, taken)
    part(found, "a.png", b"12", last=False)
    part(found, "a.png", b"34")
    part(found, "../b.png", b"")
    assert taken == []
    found._handle_custom_msg({"do": "read"}, [])
    assert taken == [[tmp_path / "a.png", tmp_path / "b.png"]]
    assert (tmp_path / "a.png").read_bytes() == b"1234"
    assert found.message == "2 read"


def test_the_same_film_twice_is_one(tmp_path, taken):
    found = area(tmp_path, taken)
    for _ in range(2):
        part(found, "a.png", b"12")
    found.receive()
    assert taken == [[tmp_path / "a.png"]]
    found.receive()
    assert len(taken) == 1


def test_what_cannot_be_kept_or_read_is_said_and_the_next_drop_works(tmp_path, taken):
    found = DropArea(tmp_path / "file", lambda paths: "read")
    (tmp_path / "file").write_text("in the way")
    part(found, "a.png", b"12")
    assert "file" in found.message

    def refuse(paths):
        raise BadInput("a.png", "holds nothing", "Choose another.")

    found = DropArea(tmp_path, refuse)
    part(found, "a.png", b"12")
    found._handle_custom_msg({"do": "read"}, [])
    assert found.message == "a.png: holds nothing. Choose another."
    found.take = lambda paths: "read"
    part(found, "b.png", b"12")
    found.receive()
    assert found.message == "read"
