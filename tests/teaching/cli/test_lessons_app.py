"""Lessons on the command line of the app: what is refused, and what is recorded when it has ended."""

import errno
import os
from datetime import UTC, datetime

import pytest
from command_line import called

from quadfit_tui import main as command_line
from quadfit_tui.core.files import open_file
from quadfit_tui.teaching.course.transcript_entry import Entry, Event


@pytest.mark.parametrize("fails", [False, True])
def test_what_could_not_be_recorded_is_tried_once_more_when_the_app_has_ended(monkeypatch, tmp_path, fails):
    from quadfit_tui.ui.app import QuadfitApp

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def run(app, **_):
        with monkeypatch.context() as patched:
            patched.setattr(open_file, "append", full)
            now = datetime(2026, 11, 25, tzinfo=UTC)
            app.teaching.own_transcript().write(Entry(Event.ANSWER, now, "rate", 1, "0" * 16, step="ten", answer="140"))
        if fails:
            monkeypatch.setattr(open_file, "append", full)

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "lessons").mkdir()
    monkeypatch.setattr(command_line, "refuse_without_terminal", lambda: None)
    monkeypatch.setattr(QuadfitApp, "run", run)
    done = called("--no-settings")
    path = "~/lessons/transcript.jsonl"
    told = f"quadfit-tui: not all of your answers are recorded: '{path}' cannot be written: No space left on device\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", told * fails)
    assert ("140" in (tmp_path / "lessons/transcript.jsonl").read_text()) != fails
