"""The desk: drop a film, see what was read, drag corners until they are right, keep them as Labelme files.

In a notebook at which a person sits::

    from spinelib.apply import desk
    desk.open_desk(desk.FilmReader("film"), run.folder)
"""

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.reader import FilmReader, pick_reader, released_like
from spinelib.apply.desk.seen import SeenFilm, see_film
from spinelib.apply.desk.show import open_desk
from spinelib.apply.desk.still import desk_figure

__all__ = [
    "Correction",
    "FilmReader",
    "SeenFilm",
    "desk_figure",
    "open_desk",
    "pick_reader",
    "released_like",
    "see_film",
]
