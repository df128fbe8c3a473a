"""Pages: an executed notebook as one self-contained HTML file, and the index of a study.

No page asks the network for anything: style, figures and formulas are embedded, and there are no scripts.
"""
