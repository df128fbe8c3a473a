"""Where a kernel's sockets and settings go when the usual places do not do."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.runs import kernel_place as module
from spinelib.runs.kernel_place import kernel_place


@pytest.fixture(autouse=True)
def _usual(monkeypatch):
    yield
    monkeypatch.undo()
    tempfile.tempdir = None


def temporary(monkeypatch, folder):
    monkeypatch.setenv("TMPDIR", str(folder))
    tempfile.tempdir = None


def bound(given):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        tried.bind(f"{given['ip']}-5")
    return Path(given["ip"]).parent


def test_sockets_are_in_the_temporary_folder_and_removed(tmp_path, monkeypatch):
    with tempfile.TemporaryDirectory(prefix="s", dir="/tmp") as short:
        temporary(monkeypatch, short)
        with kernel_place() as given:
            assert given["transport"] == "ipc"
            folder = bound(given)
            assert folder.parent == Path(short)
            assert Path(given["connection_file"]).parent == folder
        assert not folder.exists()


@pytest.mark.parametrize("letters", [70, 90, 110, 200])
def test_a_long_temporary_folder_is_left_for_a_short_one(tmp_path, monkeypatch, letters):
    long = tmp_path / ("x" * letters)
    long.mkdir()
    temporary(monkeypatch, long)
    with kernel_place() as given:
        assert bound(given).parent == (long if len(f"{long}/spine-12345678/k-9") < 108 else Path("/tmp"))
    assert not list(long.iterdir())


def test_ports_are_used_where_no_folder_has_sockets_or_none_is_asked_for(monkeypatch):
    with kernel_place(local=False) as given:
        assert set(given) == {"connection_file"}
    monkeypatch.setattr(module, "_binds", lambda path: False)
    with kernel_place() as given:
        assert set(given) == {"connection_file"}
        assert Path(given["connection_file"]).parent.is_dir()
    assert not Path(given["connection_file"]).parent.exists()


def test_settings_move_where_home_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/proc/none")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "own"))
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    with kernel_place() as given:
        place = Path(given["connection_file"]).parent
        assert os.environ["MPLCONFIGDIR"] == f"{place}/mplconfigdir"
        assert os.environ["IPYTHONDIR"] == str(tmp_path / "own")
    assert "MPLCONFIGDIR" not in os.environ
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", "/proc/none")
    with kernel_place() as given:
        assert "MPLCONFIGDIR" not in os.environ
        assert os.environ["IPYTHONDIR"].endswith("/ipythondir")


def test_without_any_temporary_folder_tmpdir_is_named(monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with (
        pytest.raises(BadInput, match=r"^TMPDIR: no temporary folder can be written \(No space left on device\)"),
        kernel_place(),
    ):
        pass
