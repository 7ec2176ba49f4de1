"""The command line within the process of a test."""

import json
import signal

import pytest

from quadfit_tui import main as command_line
from quadfit_tui.main import main


@pytest.fixture
def call(capsys):
    """Runs the command line within the test's process, which is faster; gives exit code, stdout and stderr."""
    before = signal.getsignal(signal.SIGPIPE)

    def call(*args):
        with pytest.raises(SystemExit) as end:
            main([str(arg) for arg in args])
        return end.value.code, *capsys.readouterr()

    yield call
    signal.signal(signal.SIGPIPE, before)


@pytest.fixture
def begins(monkeypatch):
    """Lets the app be started from a test, without a terminal: what it is given is called with the app, and it ends."""
    from quadfit_tui.ui.app import QuadfitApp

    def begins(run):
        monkeypatch.setattr(command_line, "refuse_without_terminal", lambda: None)
        monkeypatch.setattr(QuadfitApp, "run", lambda app, **_: run(app))

    return begins


@pytest.fixture
def rows(call):
    """Runs `run --format jsonl` and gives its exit code and objects."""

    def rows(*args):
        code, out, _ = call("run", "--format", "jsonl", *args)
        return code, [json.loads(line) for line in out.splitlines()]

    return rows


@pytest.fixture
def completed(call, monkeypatch):
    """What a shell is told that asks how to go on."""

    def completed(words, how="bash_complete"):
        monkeypatch.setenv("_QUADFIT_TUI_COMPLETE", how)
        monkeypatch.setenv("COMP_WORDS", f"quadfit-tui {words}")
        monkeypatch.setenv("COMP_CWORD", str(len(words.split(" "))))
        code, out, err = call()
        assert (code, err) == (0, "")
        return out

    return completed
