"""A class without accounts: students known by names that have tokens; reported, voting, drawing as any other."""

import csv
import json
import os

import pytest
from accounts import own_files
from lessons_taken import OF_SMALL, SMALL

from quadfit_tui.core.files import access, class_records
from quadfit_tui.core.files.class_records import TOKENS, format_tokens, parse_tokens, student_folders
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.teaching.classroom.classroom import Question, VoteState, now
from quadfit_tui.teaching.classroom.pace import Pace
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import csv_lines, report_table
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.classroom.transcript_reader import OWN, read_transcripts
from quadfit_tui.teaching.classroom.vote import Vote
from quadfit_tui.teaching.course.transcript import FILE_NAME, Transcript, location_in

NAMES = ["Anna Großmann", "Ben", "张三"]
SAID = "Tokens tell the students apart: whoever has one answers in its name."
LOOK = SMALL.by_id["look"]
QUESTION = Question("small", "look", 1, VoteState.OPEN, now())


@pytest.fixture
def records(tmp_path):
    """The folder of such a class, of which the last one has not begun."""
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / TOKENS).write_bytes(format_tokens({name: f"token{number:016}" for number, name in enumerate(NAMES)}))
    for name in NAMES:
        (folder / name).mkdir()
    for name, letter in zip(NAMES[:2], "ab", strict=True):  # the right one, and a wrong one
        vote = Vote(SMALL, QUESTION, OF_SMALL, transcript(folder, name))
        vote.start()
        assert vote.answer(letter).startswith("Counted.")
    return folder


def transcript(folder, name):
    return Transcript(location_in(str(folder / name)))


def test_student_folders_require_own_records(records, monkeypatch):
    assert student_folders(str(records)) == {name: str(records / name) for name in NAMES}
    assert parse_tokens((records / TOKENS).read_bytes()).keys() == {*NAMES}
    monkeypatch.setattr(class_records.os, "getuid", lambda: 54321)
    assert student_folders(str(records)) is None  # of somebody who would pass own answers off as those of others


@pytest.mark.parametrize("at", range(len(NAMES)))
def test_any_token_line_can_be_removed(records, at):
    lines = (records / TOKENS).read_text(encoding="utf-8").splitlines(keepends=True)
    (name,) = json.loads(f"{{{lines.pop(at + 1).strip().rstrip(',')}}}")
    assert parse_tokens("".join(lines).encode()).keys() == {*NAMES} - {name}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"a": 1}', b"[" * 100_000])
def test_folder_without_tokens_rejected(tmp_path, content):
    assert student_folders(str(tmp_path)) is None
    assert student_folders(str(tmp_path / "absent")) is None
    (tmp_path / TOKENS).write_bytes(content)
    assert not student_folders(str(tmp_path))


def test_no_name_leads_elsewhere(records):
    names = ["..", ".", "", "/etc", "Ben/../..", "link", "file", "absent", "Ben"]
    (records / TOKENS).write_bytes(format_tokens(dict.fromkeys(names, "x" * 22)))
    (records / "link").symlink_to("/etc")
    (records / "file").touch()
    assert student_folders(str(records)) == {"Ben": str(records / "Ben")}
    (records / TOKENS).unlink()
    (records / TOKENS).symlink_to("/etc/passwd")
    assert student_folders(str(records)) is None


def test_report_identifies_students_by_token(records):
    reading = read_transcripts([str(records)])
    assert (reading.left_out, reading.is_own) == ((), False)
    assert [(each.student, each.has_token, len(each.entries)) for each in reading.answers] == [
        ("Anna Großmann", True, 1),
        ("Ben", True, 1),
        ("张三", True, 0),
    ]
    report = Report([SMALL], reading.answers)
    lines = report_table(report)
    assert lines[0] == SAID
    assert "small: 2 of 3 have begun; not yet: 张三" in lines
    rows = [*csv.DictReader(csv_lines(report))]
    assert {(row["student"], row["identity"]) for row in rows} == {(name, "token") for name in NAMES}


def test_tokens_distinguished_from_accounts(records, tmp_path, monkeypatch):
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / FILE_NAME).write_bytes((records / "Ben" / FILE_NAME).read_bytes())
    paths = [str(records), str(tmp_path / "eve"), str(records)]
    assert [each.student for each in read_transcripts(paths).answers] == NAMES  # the own one does not count
    records_alone = read_transcripts([str(records)]).answers
    monkeypatch.setattr(class_records.os, "getuid", lambda: 54321)
    answers = read_transcripts(paths).answers
    mixed = report_table(Report([SMALL], [*records_alone, *answers[:1]]))
    assert " ".join(mixed).startswith("Tokens tell these apart, not accounts: Anna Großmann, Ben, 张三; whoever has")
    assert [(each.has_token, len(each.entries)) for each in answers] == [
        (False, 0),
        (False, 1),
    ]  # neither folder is of the reader
    assert SAID not in report_table(Report([SMALL], answers))


def test_one_alone_is_the_own_page(records):
    assert read_transcripts([str(records / "Ben")]).is_own
    for name in NAMES[1:]:
        os.rename(records / name, records / f"{name} is gone")
    alone = read_transcripts([str(records)])  # the only student is not whoever reads
    assert ([each.student for each in alone.answers], alone.is_own) == (NAMES[:1], False)


def test_student_paths_in_any_form(records, monkeypatch):
    monkeypatch.chdir(records.parent)
    folders = [str(records / name) for name in NAMES]
    for paths in (folders, ["records/Anna Großmann", f"records/./Ben/{FILE_NAME}", folders[2]], [*folders, "records"]):
        reading = read_transcripts(paths)
        assert ([each.student for each in reading.answers], reading.left_out) == (NAMES, ())
        assert all(each.has_token for each in reading.answers)
        tally, pace = Tally(paths, SMALL, LOOK, OF_SMALL), Pace(paths, [SMALL])
        assert tally.refresh(QUESTION)
        assert pace.refresh()
        assert (tally.students, tally.answered(1), tally.silent(1)) == (3, 2, ["张三"])
        assert pace.places(SMALL).not_begun == tuple(NAMES)


def test_accounts_and_tokens_are_one_class(records, tmp_path, monkeypatch):
    (tmp_path / "eve").mkdir()
    vote = Vote(SMALL, QUESTION, OF_SMALL, Transcript(location_in(str(tmp_path / "eve"))))
    vote.start()
    vote.answer("c")
    own_files(monkeypatch, lambda path: 70000 if "eve" in path else os.getuid())
    tally = Tally([str(records / "Anna Großmann"), str(tmp_path / "eve"), str(records / "Ben")], SMALL, LOOK, OF_SMALL)
    tally.refresh(QUESTION)
    assert (tally.students, tally.answered(1), tally.left_out) == (3, 3, {})


def test_own_folders_left_out(records):
    folders = [str(records / name) for name in NAMES]
    (records / TOKENS).unlink()  # so that nobody else's they are
    tally = Tally(folders, SMALL, LOOK, OF_SMALL)
    assert tally.refresh(QUESTION)
    assert (tally.students, tally.left_out) == (0, dict.fromkeys(folders, OWN))


def test_hard_linked_record_left_out(records):
    os.link(records / "Ben" / FILE_NAME, records / "张三" / FILE_NAME)
    reading = read_transcripts([str(records)])
    assert [each.student for each in reading.answers] == NAMES[:2]
    assert reading.left_out == (f"{records}/张三: it is the file of Ben by another name (a hard link)",)


def test_votes_and_silent_students(records):
    tally, pace = Tally([str(records)], SMALL, LOOK, OF_SMALL), Pace([str(records)], [SMALL])
    assert tally.refresh(QUESTION)
    assert pace.refresh()
    assert (tally.students, tally.answered(1), tally.right(1), tally.silent(1)) == (3, 2, 1, ["张三"])
    places = pace.places(SMALL)
    assert sum(map(len, (*places.steps, places.ended, places.not_begun))) == 3
    vote = Vote(SMALL, QUESTION, OF_SMALL, transcript(records, "张三"))
    vote.start()
    vote.answer("a")
    assert tally.refresh(QUESTION)
    assert (tally.answered(1), tally.right(1), tally.silent(1)) == (3, 2, [])


def test_records_private_even_when_confined(records, tmp_path):
    (tmp_path / "page").mkdir()
    access.configure(folder=str(tmp_path / "page"))
    try:
        own = transcript(records, "Ben")
        assert (own.is_recorded, own.is_shared, own.readers, len(own.entries)) == (True, True, ReadAccess.GIVEN, 1)
        own.write(own.entries[0])
        assert (own.is_recorded, len(own.entries)) == (True, 2)
        file = records / "Ben" / FILE_NAME
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(OSError, match="it is outside"):
            access.read(file, 10_000)
        file.unlink()
        file.symlink_to(records / "Anna Großmann" / FILE_NAME)
        before = file.read_bytes()
        own.write(own.entries[0])
        assert not own.is_recorded
        assert file.read_bytes() == before
        os.rmdir(records / "张三")
        assert not (lost := transcript(records, "张三")).write(own.entries[0])
        assert (lost.is_recorded, (records / "张三").exists()) == (False, False)
    finally:
        access.configure()
