"""Published results: what of a study may enter the repository, small, complete in itself and without images of others.

``python -m spinelib.report.publish reports/STUDY`` writes ``reports/published/STUDY``. A study whose data are all made
by the repository keeps every figure; of any other, only figures that say of themselves that they are plots, and nothing
that names a film, tells a value of a single one or says where it lies. The limits (1 MiB a file, 10 MiB a study), the
compression and the choice of what is left out are ours.
"""
