"""`explain`: the page of the principle as plain text, for whatever reads it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import quadfit_tui
from quadfit_tui.cli.main import main
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.ui.views import VIEWS

ROOT = Path(quadfit_tui.__file__).parent.parent


def explain(*args, python=(), stdout=subprocess.PIPE, encoding="utf-8"):
    """The command in a process of its own, with its standard output in an encoding."""
    return subprocess.run(
        [sys.executable, *python, "-m", "quadfit_tui", "explain", *args],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )


@pytest.fixture(scope="module")
def told():
    """What it prints, and what it loads."""
    return explain(python=["-X", "importtime"])


def test_it_tells_the_steps_and_how_to_read_each_view(told):
    assert told.returncode == 0
    text = told.stdout.decode("utf-8")
    assert text.startswith("The principle\n")
    assert "\x1b" not in text
    for step in range(1, 6):
        assert f"\nStep {step}: " in text
    words = " ".join(text.split())
    assert [name for name, view in VIEWS.items() if f"{name}: {view.reading}" not in words] == []


def test_it_loads_no_screen(told):
    loaded = {line.rpartition(b"|")[2].strip().partition(b".")[0] for line in told.stderr.splitlines()}
    assert b"click" in loaded
    assert not loaded & {b"textual", b"plotext", b"rich"}


def test_in_another_encoding_it_is_ascii(told):
    done = explain(encoding="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert done.stdout.decode().split() == ascii_of(told.stdout.decode("utf-8")).split()
    assert max(map(len, done.stdout.decode().splitlines())) <= 80


def test_a_reader_that_has_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = explain(stdout=writing)
    os.close(writing)
    assert done.returncode in (0, -signal.SIGPIPE)
    assert done.stderr == b""


@pytest.mark.parametrize("args", [["explain", "0:1"], ["explain", "--lr", "1"], ["--lr", "1", "explain"]])
def test_what_it_does_not_take_is_refused_in_a_line(capsys, args):
    with pytest.raises(SystemExit) as end:
        main(args)
    out, err = capsys.readouterr()
    assert (end.value.code, out, len(err.splitlines())) == (2, "", 1)
