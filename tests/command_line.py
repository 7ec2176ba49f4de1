"""Runs the command line for tests, and reads its one line of a refusal."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
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


CLOSED = None  # in the place of one of the standard files


def called(*args, stdin=os.devnull, stdout="", stderr="", encoding="utf-8"):
    """Runs the command line within this process on standard files of its own; gives what `program` does.

    In a twentieth of the time, but without what Python does before and after: for that, and for signals, see `program`.
    A standard file is a name or a descriptor, or CLOSED; standard input may also be bytes that somebody has piped, and
    output is read again where no file for it is given.
    """
    from quadfit_tui.core.files import access
    from quadfit_tui.main import main

    before = signal.getsignal(signal.SIGPIPE)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, mock.patch.dict(os.environ):
        files = [stdin, out.fileno() if stdout == "" else stdout, err.fileno() if stderr == "" else stderr]
        try:
            with _standard_files(files, encoding), pytest.raises(SystemExit) as end:
                main([str(arg) for arg in args])
        finally:
            signal.signal(signal.SIGPIPE, before)
            access.configure()
        texts = [file.seek(0) or file.read().decode(encoding) for file in (out, err)]
    return subprocess.CompletedProcess(args, end.value.code, *texts)


@contextlib.contextmanager
def _standard_files(files, encoding):
    kept, streams, own = [os.dup(number) for number in range(3)], (sys.stdin, sys.stdout, sys.stderr), []
    try:
        for number, (file, mode) in enumerate(zip(files, "rww", strict=True)):
            stream = None
            if file is CLOSED:
                os.close(number)
            else:
                opened = _opened(file)
                os.dup2(opened, number)
                os.close(opened)
                stream = open(number, mode, encoding=encoding, closefd=False)  # noqa: SIM115
                own.append(stream)
            setattr(sys, ("stdin", "stdout", "stderr")[number], stream)
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        for stream in own:
            with contextlib.suppress(OSError):  # what could not be written is to go nowhere else
                stream.close()
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)


def _opened(file):
    if isinstance(file, bytes):
        reading, writing = os.pipe()
        os.write(writing, file)
        os.close(writing)
        return reading
    return os.open(file, os.O_RDWR) if isinstance(file, str) else os.dup(file)


def one_line(stderr):
    """What standard error says, which has to be one line in the program's name."""
    assert len(stderr.splitlines()) == 1, stderr
    assert stderr.startswith("quadfit-tui: ")
    return stderr.strip()


full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def started(*args):
    """The app that a command line starts, made in this process and not run."""
    from quadfit_tui import main as command_line
    from quadfit_tui.core.files import access
    from quadfit_tui.ui.app import QuadfitApp

    apps = []
    with (
        mock.patch.object(command_line, "refuse_without_terminal"),
        mock.patch.object(QuadfitApp, "run", lambda app, **_: apps.append(app)),
        mock.patch.dict(os.environ),
        pytest.raises(SystemExit) as end,
    ):
        command_line.main([str(arg) for arg in args])
    access.configure()
    assert end.value.code == 0
    (app,) = apps
    return app
