"""The one command line, `spinelib`: a module per command, which takes words and prints; the work is done elsewhere."""
