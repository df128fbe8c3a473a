"""Pages: an executed notebook as one self-contained HTML file, and the index of a study.

No page asks the network for anything: style, figures and formulas are embedded. One script sorts and chooses rows of
the index. The page's policy names it by its hash, so that nothing else runs, and without it every row is shown.
"""
