import pytest

from spinelib.apply.export import EXPORTS, export_results
from spinelib.core.errors import BadInput


def test_kinds_have_names_and_functions():
    assert list(EXPORTS) == ["labelme", "coco", "nnunet", "dicomseg"]
    assert all(callable(entry.write) and entry.title for entry in EXPORTS.values())


def test_several_kinds_go_beside_each_other_and_what_was_left_out_is_told(results, tmp_path):
    found = export_results(results, ["labelme", "nnunet"], tmp_path / "out")
    assert [path.name for path in found] == ["labelme", "nnunet", "left_out.csv"]
    assert "flat.png,all,shows one grey value only" in found[-1].read_text(encoding="utf-8")


def test_an_unknown_kind_is_refused_with_the_nearest(results, tmp_path):
    with pytest.raises(BadInput, match="Did you mean 'labelme'"):
        export_results(results, ["labelm"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_folder_of_the_results_is_not_written_to(results):
    with pytest.raises(BadInput, match="is or holds the source"):
        export_results(results, ["labelme"], results)
