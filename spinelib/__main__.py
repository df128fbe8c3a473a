"""``python -m spinelib``: the command line, also where its script `spinelib` is not on the path."""

import sys

from spinelib.command.line import main

if __name__ == "__main__":
    sys.exit(main())
