import numpy as np

from spinelib.phantom.projection import FilmFrame


def test_projection_magnifies_what_is_nearer_the_source():
    frame = FilmFrame(2.0, (-50.0, 100.0), 0, 0, 100, 50, (0.0, 0.0), 1000.0, 0.0)
    plane, near = frame.project(np.array([[10.0, 0.0, 20.0], [10.0, 100.0, 20.0]]))
    np.testing.assert_allclose(plane, [(10 + 50) / 2, (100 - 20) / 2])
    np.testing.assert_allclose(near, [(10 / 0.9 + 50) / 2, (100 - 20 / 0.9) / 2])
    assert frame.columns(3).tolist() == [-50, -48, -46]
    assert frame.rows(3).tolist() == [100, 98, 96]
