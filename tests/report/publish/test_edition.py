"""What one study publishes, while it is put together."""

import matplotlib

from spinelib.report.publish.study import publish
from spinelib.report.publish.tables import compact
from tests.report.sample import SUMMARY

matplotlib.use("agg")
from tests.report.publish.made import SOURCE, files


def test_weights_notebooks_and_folders_of_the_machine_stay_away(published):
    for folder, _ in published.values():
        for name, data in files(folder).items():
            assert name.rsplit(".", 1)[1] in ("html", "csv", "json", "png", "webp")
            assert SOURCE.encode() not in data or folder.name == "m"
            assert b"/home/" not in data
        assert "cases.csv" not in files(folder)
    assert "source $DATA" in (published["f"][0] / "study.json").read_text()


def test_a_file_above_the_limit_is_left_out_and_named(studies, tmp_path, monkeypatch):
    monkeypatch.setattr("spinelib.report.publish.edition.FILE_LIMIT", len(compact(SUMMARY)))
    monkeypatch.setattr("spinelib.report.publish.edition.Edition.add", _forgiving)
    said = publish(studies["m"], tmp_path / "s")
    assert "files of more than 1 MiB (1): summary.csv" in said
    assert not (tmp_path / "s" / "summary.csv").exists()
    assert 'href="summary.csv"' not in (tmp_path / "s" / "index.html").read_text()


def _forgiving(edition, path, text):
    from spinelib.report.publish.edition import FILE_LIMIT, OVER

    if path == "summary.csv" and len(text) >= FILE_LIMIT:
        edition.tell(OVER, path)
    else:
        edition.files[path] = text.encode()
