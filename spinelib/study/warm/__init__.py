"""Steps of a job by a fork of one process that has loaded everything, instead of by processes that load it each.

`python -m papermill`, its kernel and `python -m spinelib.report` load torch, Jupyter and this library for seconds.
A study on this machine (Linux, profile local) starts one `server`, which loads them once and runs nothing. The rules
call the `client` instead of ``python -m``: it has the server fork a process for the step, or starts the step as
always where no server answers. What runs is the same, process by process: own process id, own end, own signals.
"""
