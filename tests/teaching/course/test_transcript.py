"""The transcript: what was answered is in the file, whatever happens to it meanwhile."""

import errno
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from full_disk import no_room_for_lines
from homes import live_in

from quadfit_tui.core.files import access
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation, default_location
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, parse_line

ENTRY = Entry(Event.ANSWER, datetime(2026, 11, 25, 17, 54, 28, tzinfo=UTC), "rate", 1, "0" * 16, step="ten", answer="1")


@pytest.fixture
def at(tmp_path):
    return TranscriptLocation(str(tmp_path / "lessons" / "transcript.jsonl"), 0o640)


def answers(transcript):
    return [entry.answer for entry in transcript.of_lesson("rate")]


def test_entries_read_back(at):
    transcript = Transcript(at)
    for answer in "123":
        transcript.write(replace(ENTRY, answer=answer))
    assert transcript.status == "recorded"
    lines = open(at.path, "rb").read().splitlines()  # noqa: SIM115
    assert [parse_line(line).number for line in lines] == [0, 1, 2]
    assert answers(Transcript(at)) == answers(transcript) == ["1", "2", "3"]
    assert transcript.of_lesson("other") == []


def test_unreadable_lines_skipped(at):
    transcript = Transcript(at)
    transcript.write(ENTRY)
    with open(at.path, "ab") as stream:
        stream.write(b'nonsense\n{"n": 2, "t": "20')
    assert answers(Transcript(at)) == ["1"]
    transcript.write(replace(ENTRY, answer="4"))
    assert answers(transcript) == answers(Transcript(at)) == ["1", "4"]
    lines = open(at.path, "rb").read().splitlines()  # noqa: SIM115
    last = parse_line(lines[-1])
    assert (len(lines), last.number) == (4, 3)


def test_full_disk_lines_written_later(at):
    transcript = Transcript(at)
    transcript.write(ENTRY)
    with no_room_for_lines():
        for answer in "23":
            transcript.write(replace(ENTRY, answer=answer))
    assert transcript.status == "not recorded: No space left on device"
    assert answers(transcript) == ["1", "2", "3"]
    assert answers(Transcript(at)) == ["1"]
    transcript.write(replace(ENTRY, answer="4"))
    assert transcript.status == "recorded"
    assert answers(transcript) == answers(Transcript(at)) == ["1", "2", "3", "4"]


def test_finish_retries_unwritten_lines(at):
    transcript = Transcript(at)
    assert transcript.finish() == ""
    with no_room_for_lines():
        transcript.write(ENTRY)
        told = "not all of your answers are recorded: '{}' cannot be written: No space left on device"
        assert transcript.finish() == told.format(at.path)
    assert answers(Transcript(at)) == []
    assert (transcript.finish(), transcript.status) == ("", "recorded")
    assert answers(Transcript(at)) == ["1"]
    assert transcript.finish() == ""
    assert answers(Transcript(at)) == ["1"]
    nowhere = Transcript(None)
    nowhere.write(ENTRY)
    assert nowhere.finish() == ""


@pytest.mark.parametrize("content", [b"epoch,lr\n0,0.5\n", b"{}\n", b"\n"])
def test_damaged_start_reported_and_appended(at, content):
    Transcript(at).write(ENTRY)
    assert Transcript(at).damage == ""
    with open(at.path, "wb") as stream:
        stream.write(content)
    transcript = Transcript(at)
    transcript.write(replace(ENTRY, answer="2"))
    for each in (transcript, Transcript(at)):
        assert (each.status, answers(each)) == ("recorded", ["2"])
        assert each.damage.startswith("What you answered before may be lost")


def test_read_only_file_still_resumes(at, monkeypatch):
    Transcript(at).write(ENTRY)

    def read_only(path, mode, **_):  # noqa: ARG001  the opener's signature
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(access, "open_to_append", read_only)
    transcript = Transcript(at)
    transcript.write(replace(ENTRY, answer="2"))
    assert transcript.status == "not recorded: Read-only file system"
    assert answers(transcript) == ["1", "2"]


@pytest.mark.parametrize("confined", [False, True])
def test_teachers_folder_preferred(tmp_path, monkeypatch, confined):
    live_in(monkeypatch, tmp_path / "anna")
    monkeypatch.setenv("HOME", str(tmp_path / ("ben" if confined else "anna")))  # which somebody could set
    (tmp_path / "anna").mkdir()
    access.configure(confined)
    try:
        own = str(tmp_path / "anna" / "data" / "lessons.jsonl")
        assert default_location(str(tmp_path / "anna" / "data")) == TranscriptLocation(own, 0o600)
        (tmp_path / "anna" / "lessons").mkdir()
        found = default_location(str(tmp_path / "anna" / "data"))
        assert found == TranscriptLocation("~/lessons/transcript.jsonl", 0o640)
        Transcript(found).write(ENTRY)
    finally:
        access.configure()
    written = tmp_path / "anna" / "lessons" / "transcript.jsonl"
    assert parse_line(written.read_bytes()).answer == "1"
    assert stat.S_IMODE(written.stat().st_mode) == 0o640
