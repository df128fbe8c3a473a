from importlib import metadata
from pathlib import Path

import spinelib
from spinelib.core import shipped as module
from spinelib.core.shipped import shipped


def test_in_a_checkout_the_files_of_the_project_lie_at_its_root():
    assert shipped("studies", "smoke.yaml").is_file()
    assert shipped() == Path(spinelib.__file__).parents[1]


def test_elsewhere_they_lie_where_the_wheel_put_them(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "site-packages")

    class File:
        def __init__(self, path):
            self.path = path

        def locate(self):
            return self.path

    there = tmp_path / "prefix" / "share" / "spinelib"
    listed = [File(tmp_path / "site-packages" / "spinelib" / "core" / "x.py"), File(there / "studies" / "smoke.yaml")]
    monkeypatch.setattr(metadata, "files", lambda name: listed)
    assert shipped("studies", "smoke.yaml") == there / "studies" / "smoke.yaml"
    monkeypatch.setattr(metadata, "files", lambda name: None)
    monkeypatch.setattr(module.sys, "prefix", str(tmp_path / "env"))
    assert shipped("studies") == tmp_path / "env" / "share" / "spinelib" / "studies"


def test_with_a_target_of_pip_they_lie_beside_the_library(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    (tmp_path / "share" / "spinelib" / "studies").mkdir(parents=True)
    assert shipped("studies", "smoke.yaml") == tmp_path / "share" / "spinelib" / "studies" / "smoke.yaml"
