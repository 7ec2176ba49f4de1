"""Transcripts of others: whose they are, what is read of them, and what a hostile one can do: nothing."""

import json
import os
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from accounts import name_users
from hypothesis import given
from hypothesis import strategies as st
from trials import CHARACTERS, trials

from quadfit_tui.teaching.classroom import transcript_reader
from quadfit_tui.teaching.classroom.transcript_reader import GrowingTranscripts, answers_of, read_transcripts
from quadfit_tui.teaching.course.transcript import FILE_NAME
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line

NOON = datetime(2026, 9, 21, 12, 0, 0, tzinfo=UTC)


def lines_of(*events):
    """The lines of a transcript with these events, each linked to the one before."""
    lines = []
    for number, event in enumerate(events):
        entry = Entry(event, NOON, "rate", 1, "0123456789abcdef", step="ten", answer="140")
        lines.append(format_line(entry, number, lines[-1] if lines else None))
    return lines


WHOLE = lines_of(Event.BEGIN, Event.SEEN, Event.ANSWER, Event.DONE)


def text(lines):
    return b"".join(line + b"\n" for line in lines)


def told(content):
    found = answers_of(content, "anna")
    return [entry.event for entry in found.entries], found.cut, found.unreadable


def test_a_whole_transcript_is_read():
    assert told(text(WHOLE)) == (["begin", "seen", "answer", "done"], 0, 0)
    assert told(text(WHOLE)[:-1]) == told(text(WHOLE))  # the end of the last line is still to be written
    assert told(b"") == ([], 0, 0)


def test_truncated_line_counted():
    cut = WHOLE[2][:40]
    after = format_line(Entry(Event.SEEN, NOON, "rate", 1, "0123456789abcdef", step="tiny"), 3, cut)
    assert told(text([*WHOLE[:2], cut, after])) == (["begin", "seen", "seen"], 1, 0)
    assert told(text(WHOLE)[:-20]) == (["begin", "seen", "answer"], 1, 0)


def test_invalid_line_counted_and_ignored():
    hostile = json.dumps({**json.loads(WHOLE[2]), "t": "\x1b[2J"}).encode()
    assert told(text([*WHOLE, hostile])) == (["begin", "seen", "answer", "done"], 0, 1)


def test_empty_line_has_no_entry():
    first = format_line(Entry(Event.BEGIN, NOON, "rate", 1, "0123456789abcdef"), 1, b"")
    assert told(b"\n" + first + b"\n\n") == (["begin"], 0, 0)


def test_invalid_first_line_marks_broken():
    assert [answers_of(content, "anna").is_broken for content in (b"", text(WHOLE), text(WHOLE)[:-9])] == [False] * 3
    for before in (b"\n", b"epoch,lr\n", b"{}\n"):
        found = answers_of(before + text(WHOLE), "anna")
        assert (found.is_broken, len(found.entries)) == (True, len(WHOLE))
    assert answers_of(b"\x00\xff", "anna").is_broken


def test_a_flood_of_lines_is_left_out(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"x\n" * (transcript_reader.MOST_LINES + 1))
    assert read_transcripts([str(tmp_path)])[:2] == ((), (f"{tmp_path}: it has more than 50000 lines",))
    (tmp_path / FILE_NAME).write_bytes(b"x" * (transcript_reader.MOST_BYTES + 1))
    assert read_transcripts([str(tmp_path)])[:2] == ((), (f"{tmp_path}: it is longer than 5000000 bytes",))


@pytest.fixture
def of_others(monkeypatch):
    """Whoever runs the tests is the students, and somebody else the reader."""
    monkeypatch.setattr(transcript_reader.os, "getuid", lambda: 54321)


@pytest.mark.usefixtures("of_others")
def test_duplicate_files_and_unreadable_paths(tmp_path, monkeypatch):
    name_users(monkeypatch, lambda user: f"owner{user}")
    for name in ("ben", "anna", "mallory"):
        (tmp_path / name).mkdir()
    (tmp_path / "anna" / FILE_NAME).write_bytes(text(WHOLE))
    os.mkfifo(tmp_path / "mallory" / FILE_NAME)
    paths = [str(tmp_path / name) for name in ("ben", "anna", "mallory", "nobody", "x\x1b[2J")]
    reading = read_transcripts([*paths, *paths, f"{tmp_path}/anna/{FILE_NAME}", f"{tmp_path}/./anna"])
    assert sorted(len(each.entries) for each in reading.answers) == [0, 4]  # ben has not begun
    assert {each.student for each in reading.answers} == {f"owner{os.geteuid()}"}
    assert reading.left_out == (
        f"{tmp_path}/mallory: it is no regular file",
        f"{tmp_path}/nobody: No such file or directory",
        f"'{tmp_path}/x\\x1b[2J': No such file or directory",
    )


def test_own_transcript_only_when_alone(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / FILE_NAME).write_bytes(text(WHOLE))
    own = str(tmp_path / "own")
    alone = read_transcripts([own])
    assert (alone.is_own, len(alone.answers[0].entries)) == (True, 4)
    why = "it is your own, which counts only as the only PATH"
    assert read_transcripts([own, str(tmp_path)]) == ((), (f"{own}: {why}", f"{tmp_path}: {why}"), False)


def test_student_named_by_file_owner(monkeypatch):
    import pwd

    assert transcript_reader.name_of(0) == pwd.getpwuid(0).pw_name
    assert transcript_reader.name_of(4_000_000_000) == "user 4000000000"
    hostile = pwd.struct_passwd(("an\x1b[2Jna", "x", 1, 1, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: hostile)
    assert transcript_reader.name_of(1) == r"'an\x1b[2Jna'"


# What a student may have put there: whole lines, pieces of them, JSON of any kind in any field, and bytes.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS, max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [*json.loads(WHOLE[2]), "text", "choice", "round", "nr", "attempt", "program", "face", "language", "aside"]
FORGED = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3).map(
    lambda wrong: json.dumps({**json.loads(WHOLE[2]), **wrong}).encode()
)
PIECES = st.sampled_from(WHOLE).flatmap(lambda line: st.integers(0, len(line)).map(lambda end: line[:end]))
HOSTILE = st.lists(
    st.sampled_from(WHOLE) | FORGED | PIECES | st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode)
)


@trials(500)
@given(HOSTILE.map(b"\n".join))
def test_hostile_lines_yield_printable_entries(content):
    found = answers_of(content, "anna")
    lines = [line for line in content.split(b"\n") if line]
    assert len(found.entries) + found.cut + found.unreadable == len(lines)
    for entry in found.entries:
        for field in fields(Entry):
            assert str(getattr(entry, field.name)).isprintable()


@pytest.mark.usefixtures("of_others")
def test_unterminated_line_counts_once(tmp_path):
    path, read = tmp_path / FILE_NAME, []
    transcripts = GrowingTranscripts([str(tmp_path)])
    for end in (-9, -1, None, None):  # a cut line, all but its end, its end
        path.write_bytes(text(WHOLE)[:end])
        read += [entry for _student, entry in transcripts.read_new()]
        assert read == [*answers_of(path.read_bytes(), "anna").entries]
    assert [entry.event for entry in read] == ["begin", "seen", "answer", "done"]
    path.write_bytes(text([*WHOLE, WHOLE[1]]))
    assert [entry.event for _student, entry in transcripts.read_new()] == ["seen"]


@pytest.mark.usefixtures("of_others")
def test_bounded_reads_resume_next_look(tmp_path):
    long = b"x" * 3 * transcript_reader.BYTES_A_LOOK  # longer than any line
    whole = lines_of(Event.BEGIN, *[Event.SEEN] * (3 * transcript_reader.LINES_A_LOOK + 10))
    (tmp_path / FILE_NAME).write_bytes(text([*whole[:9], long, *whole[9:]])[:-1])
    transcripts = GrowingTranscripts([str(tmp_path)])
    looks = [len([*transcripts.read_new()]) for _ in range(12)]
    assert max(looks) <= transcript_reader.LINES_A_LOOK
    assert (sum(looks), looks[-1]) == (len(whole), 0)
