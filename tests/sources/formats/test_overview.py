"""The table of formats: what is read, what is refused, and that the page says so."""

from pathlib import Path

import pytest

import spinelib
from spinelib.core.errors import BadInput
from spinelib.sources.formats.overview import BEGIN, END, format_rows, formats_table, put_into

PAGE = Path(spinelib.__file__).parents[1] / "docs" / "how-to" / "own-films.md"
REFUSED = {
    "TIFF with several pages": "several p",
    "GIF": "GIF",
    "PDF": "PDF",
    "DICOM with several frames": "2 frames",
    "NIfTI (.nii.bz2)": "Unpack",
    "NIfTI that does not say how the patient lies": "does not say how the patient lies",
    "Analyze (.hdr and .img)": "as one .nii.gz file",
    "PNG, 255 outside": "looks inverted",
    "PNG, a picture": "grey levels",
    "Labelme: points alone": "outlines nothing",
    "Labelme: a name that nobody knows": "labels.yaml",
    "COCO JSON: boxes alone": "with a box alone",
    "YOLO: boxes alone": "is a box alone",
    "CVAT's own XML": "export them as one of these",
    "VIA's own JSON": "export them as one of these",
    "zip with a password": "password",
    "zip with paths that lead outside": "leads outside",
}


@pytest.fixture(scope="module")
def table():
    return format_rows()


def test_what_is_read_and_what_is_refused_with_which_words(table):
    refused = {row.kind: row.refused for row in table if row.refused}
    assert set(refused) == set(REFUSED)
    for kind, words in REFUSED.items():
        assert words in refused[kind]
    # A place on this machine is no part of a message.
    assert not any("/tmp" in words for words in refused.values())


def test_the_page_holds_the_table_that_the_command_prints():
    text = PAGE.read_text(encoding="utf-8")
    assert text == put_into(text, formats_table()), "run python -m spinelib.sources.formats --into " + str(PAGE)


def test_the_table_goes_between_the_marks():
    assert put_into(f"a\n{BEGIN}old{END}\nb", "| new |") == f"a\n{BEGIN}\n\n| new |\n\n{END}\nb"
    with pytest.raises(BadInput, match="has not the marks"):
        put_into("a page", "| new |")
