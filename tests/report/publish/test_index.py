"""The index of a published study."""

import matplotlib

matplotlib.use("agg")


def test_the_index_says_where_the_numbers_come_from(published):
    html = (published["f"][0] / "index.html").read_text()
    for words in ("0123abcd4567", "2026-01-02", "2 trainings, width 0.25, epochs 9, steps 126, 2 min 10 s of training"):
        assert words in html
    assert "<span>seeds</span>3" in html
    assert "A processor, 2 cores, 8.0 GiB, 1 thread a run" in html
    assert '<div class="banner" role="note">demonstration budget. 126 training steps a network</div>' in html
    assert "make study STUDY=s DATA=folder" in html
    assert "tables with a row for each case" in html
