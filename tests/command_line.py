"""Runs the command line for tests, and reads its one line of a refusal."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

import quadfit_tui

ROOT = Path(quadfit_tui.__file__).parent.parent
PROGRAM = [sys.executable, "-m", "quadfit_tui"]


def program(*args, python=(), stdout=subprocess.PIPE, folder=ROOT, **more):
    """Runs the program as a user does, in a process of its own."""
    return subprocess.run(
        [PROGRAM[0], *python, *PROGRAM[1:], *args],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
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


def started(*args):
    """The app that a command line starts, made in this process and not run."""
    from quadfit_tui.cli import main as command_line
    from quadfit_tui.core.files import access
    from quadfit_tui.ui.app import QuadfitApp

    apps = []
    with (
        mock.patch.object(command_line, "_refuse_without_terminal"),
        mock.patch.object(QuadfitApp, "run", lambda app, **_: apps.append(app)),
        mock.patch.dict(os.environ),
        pytest.raises(SystemExit) as end,
    ):
        command_line.main([str(arg) for arg in args])
    gc.enable()  # which the app does once it has been seen
    access.configure()
    assert end.value.code == 0
    (app,) = apps
    return app
