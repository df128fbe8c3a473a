"""The server, with nothing of what every step of a study needs: it answers at once."""

import sys

from spinelib.study.warm import server

server.FOR_ALL = ()
if __name__ == "__main__":
    server.main(sys.argv[1:])
