"""Pages: an executed notebook as one self-contained HTML file, and the index of a study.

No page asks the network for anything: style, figures and formulas are embedded. One script sorts and
chooses rows of the index, named by its hash in the policy of the page; nothing else may run, and all can be read without.
"""
