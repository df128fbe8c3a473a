"""Waiting for what other processes do: for a state, however long a busy machine takes to reach it."""

import time

import psutil

# When something is broken, not when something is slow
LAST_RESORT = 900.0


def wait_until(condition):
    """Wait until the condition holds; it is an error if it never does."""
    end = time.monotonic() + LAST_RESORT
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def is_alive(process):
    """Whether a process (psutil's) runs: one that has ended may stay listed where nobody asks how it ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(process):
    """Wait until a process (psutil's) has ended, whoever's child it is."""
    wait_until(lambda: not is_alive(process))
