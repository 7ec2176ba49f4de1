"""Runs the command line for tests, and reads its one line of a refusal."""

import subprocess
import sys
from pathlib import Path

import pytest

import quadfit_tui

ROOT = Path(quadfit_tui.__file__).parent.parent
PROGRAM = [sys.executable, "-m", "quadfit_tui"]


def program(*args, python=(), stdout=subprocess.PIPE, **more):
    """Runs the program as a user does, in a process of its own."""
    return subprocess.run(
        [PROGRAM[0], *python, *PROGRAM[1:], *args],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        **more,
    )


def one_line(stderr):
    """What standard error says, which has to be one line in the program's name."""
    assert len(stderr.splitlines()) == 1, stderr
    assert stderr.startswith("quadfit-tui: ")
    return stderr.strip()


full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
