"""The votes of a class: thirty students' own files, with late, second, flooded and hostile ones among them."""

import json
import os
from datetime import timedelta

import pytest
from accounts import name_users, own_files
from lessons_taken import OF_SMALL, SMALL
from tables import table

from quadfit_tui.teaching.classroom import transcript_reader
from quadfit_tui.teaching.classroom.classroom import Question, VoteState, now
from quadfit_tui.teaching.classroom.tally import Tally, bar_lines, counted_text
from quadfit_tui.teaching.classroom.transcript_reader import FILE_NAME, MOST_BYTES
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line

LOOK, GUESS = SMALL.by_id["look"], SMALL.by_id["guess"]
RIGHT, BELOW, AT_ZERO = "abc"  # in the order of the file
NAMES = [f"student {number:02}" for number in range(30)]


class Class:
    """Thirty folders, each with an owner of its own: by the system where root makes them, else made up."""

    def __init__(self, folder, monkeypatch):
        self.paths = {name: folder / name for name in NAMES}
        owners = {}
        for number, (name, path) in enumerate(self.paths.items()):
            path.mkdir(parents=True)
            owners[str(path)] = 70000 + number, name
        self.is_root = os.geteuid() == 0
        if not self.is_root:
            own_files(monkeypatch, lambda path: owners[path][0])
        name_users(monkeypatch, dict(owners.values()).__getitem__)
        monkeypatch.setattr(transcript_reader.os, "getuid", lambda: 54321)
        self.owners = owners
        for path in self.paths.values():
            self.own(path)
        self.transcripts = {
            name: Transcript(TranscriptLocation(str(path / FILE_NAME), 0o640)) for name, path in self.paths.items()
        }

    def own(self, path):
        """Has a file belong to the owner of its folder."""
        if self.is_root:
            owner = self.owners[str(path if path.is_dir() else path.parent)][0]
            os.chown(path, owner, -1, follow_symlinks=False)

    def vote(self, name, question, given, asked=LOOK, **others):
        """Writes what the program of a student writes, or a liar."""
        about = {"time": now(), "lesson": SMALL.id, "version": 1, "digest": "0" * 16, "round": question.round}
        about |= {"step": asked.id, "kind": asked.kind, "choice" if asked.is_choice else "answer": given}
        entry = Entry(Event.ANSWER, **{**about, **others})
        self.transcripts[name].write(entry)
        assert not self.transcripts[name].failure
        self.own(self.paths[name] / FILE_NAME)

    def tally(self, step=LOOK):
        return Tally([str(path) for path in self.paths.values()], SMALL, step, OF_SMALL)


@pytest.fixture
def room(tmp_path, monkeypatch):
    return Class(tmp_path / "home", monkeypatch)


def asked(step=LOOK, **changed):
    return Question(SMALL.id, step.id, 1, VoteState.OPEN, now())._replace(**changed)


def votes(tally, round=1):
    return {bar.text: bar.counts[0] for bar in tally.bars([round])}


def test_thirty_students_vote_twice_late_excluded(room):
    tally, first = room.tally(), asked()
    assert tally.refresh(None)
    assert (tally.students, tally.left_out) == (30, {})
    for name in NAMES[:10]:
        room.vote(name, first, RIGHT)
    for name in NAMES[10:24]:
        room.vote(name, first, BELOW)
    room.vote(NAMES[10], first, AT_ZERO)  # another mind: the last one counts
    assert tally.refresh(first)
    assert not tally.refresh(first)
    assert counted_text(tally, first) == "24 of 30 have answered."
    room.vote(NAMES[24], first, RIGHT)  # just before it is closed
    closed = first.ended(VoteState.CLOSED)
    assert tally.refresh(closed)
    expected = {"above zero": 11, "below zero": 13, "at zero": 1}
    assert votes(tally) == expected
    assert (tally.right(1), tally.silent(1)) == (11, NAMES[25:])
    assert tally.advice(1).startswith("Some are right, some are not: let them discuss it")
    room.vote(NAMES[25], first, RIGHT)
    room.vote(NAMES[0], first, BELOW)
    assert not tally.refresh(closed)
    second = closed.opened(2)
    for name in NAMES[:21]:
        room.vote(name, second, RIGHT)
    for name in NAMES[21:]:
        room.vote(name, second, BELOW)
    room.vote(NAMES[29], first, RIGHT)  # a vote of the first round, in the second one
    tally.refresh(second)
    tally.refresh(second.ended(VoteState.SHOWN))
    assert (votes(tally), votes(tally, 2)["above zero"], tally.answered(2)) == (expected, 21, 30)
    assert tally.advice(2).startswith("Most are right")
    rows = bar_lines(tally, [1, 2], 74, marks=True)
    assert rows[0].split() == ["first", "vote", "second", "vote"]
    (right,) = (row for row in rows if row.startswith("✓"))
    assert "above zero" in right
    assert [int(part) for part in right.split() if part.isdigit()] == [11, 21]
    assert all(len(row) <= 74 for row in rows)


def test_late_start_counts_by_timestamps(room):
    """A program that starts later counts the same votes, since it goes by their times."""
    opened = now() - timedelta(minutes=10)
    closed = asked(since=opened, until=(opened + timedelta(minutes=2),), state=VoteState.CLOSED)
    for name, minutes in ((NAMES[0], 1), (NAMES[1], 2), (NAMES[2], 3), (NAMES[3], -60)):
        room.vote(name, closed, RIGHT, time=opened + timedelta(minutes=minutes))
    tally = room.tally()
    tally.refresh(closed)
    assert votes(tally)["above zero"] == 2
    for name, minutes in ((NAMES[4], 4), (NAMES[5], 1)):
        room.vote(name, closed, RIGHT, time=opened + timedelta(minutes=minutes))
    other = room.tally()
    other.refresh(closed.opened(2))  # in the second vote, the first one has ended as it did
    assert other.answered(1) == 3
    again = asked(since=now())  # the next class
    tally.refresh(again)
    assert tally.answered(1) == 0


def test_reopened_vote_continues(room):
    tally, first = room.tally(), asked()
    room.vote(NAMES[0], first, RIGHT)
    closed = first.ended(VoteState.CLOSED)
    tally.refresh(closed)
    room.vote(NAMES[1], first, RIGHT)
    assert not tally.refresh(closed)
    tally.refresh(first)
    assert tally.answered(1) == 2


@table(
    "changed",
    [
        {"round": 0}, {"round": 2}, {"round": 3}, {"step": "guess"}, {"version": 2}, {"lesson": "other"},
        {"choice": "f"}, {"choice": "", "answer": "a"}, {"time": now() - timedelta(days=1)},
    ],
    ids=lambda changed: " ".join(changed),  # each worker has the time of its own
)  # fmt: skip
def test_what_is_no_vote_does_not_count(room, changed):
    tally, first = room.tally(), asked()
    room.vote(NAMES[0], first, RIGHT, **changed)
    tally.refresh(first)
    assert (tally.answered(1), tally.students, tally.advice(1)) == (0, 30, "")


def test_numbers_judged_rare_ones_grouped(room):
    tally, first = room.tally(GUESS), asked(GUESS)
    for name in NAMES[:12]:
        room.vote(name, first, "12.0" if name == NAMES[3] else "12", GUESS)
    for number, name in enumerate(NAMES[12:22], 30):
        room.vote(name, first, str(number), GUESS)
    room.vote(NAMES[22], first, "\x1b[2Jmany", GUESS)  # no number
    tally.refresh(first)
    bars = tally.bars([1])
    assert (bars[0].text, bars[0].counts, bars[0].is_right) == ("12", (12,), True)
    assert (len(bars), bars[-1].text, bars[-1].counts) == (7, "others", (5,))
    assert tally.answered(1) == 22
    assert "\x1b" not in "".join(bar_lines(tally, [1], 74, marks=False))


def test_rare_right_number_has_its_mark(room):
    tally, first = room.tally(GUESS), asked(GUESS)
    for number, name in enumerate(NAMES[:12]):
        room.vote(name, first, str(30 + number // 2), GUESS)
    for name, text in zip(NAMES[12:14], ("12", "99"), strict=True):
        room.vote(name, first, text, GUESS)
    tally.refresh(first)
    assert [bar[1:] for bar in tally.bars([1])[6:]] == [("others", (2,), False)]  # nothing of which is right
    assert [bar[1:] for bar in tally.bars([1], marks=True)[6:]] == [("12", (1,), True), ("others", (1,), False)]
    assert tally.right(1) == 1


def test_flood_read_in_bounded_steps(room):
    tally, first = room.tally(), asked()
    path = room.paths[NAMES[0]] / FILE_NAME
    path.write_bytes(b'{"v": 1}\n' * 1000)
    room.own(path)
    room.vote(NAMES[0], first, RIGHT)
    room.vote(NAMES[1], first, RIGHT)
    seen = []
    for _ in range(4):
        tally.refresh(first)
        seen.append(tally.answered(1))
    assert seen == [1, 1, 1, 2]  # 256 lines a look; nobody else waits
    long = room.paths[NAMES[2]] / FILE_NAME
    long.write_bytes(b"x" * 150_000 + b"\n" + format_line(_entry(first), 0, None) + b"\n")
    room.own(long)
    seen = []
    for _ in range(4):
        tally.refresh(first)
        seen.append(tally.answered(1))
    assert seen == [2, 2, 3, 3]  # 64 KB a look
    with long.open("ab") as file:
        file.truncate(MOST_BYTES + 1)
    assert tally.refresh(first)
    assert tally.left_out == {str(room.paths[NAMES[2]]): f"it is longer than {MOST_BYTES} bytes"}
    assert tally.answered(1) == 3  # what was voted before counts


def _entry(question):
    return Entry(
        Event.ANSWER, now(), SMALL.id, 1, "0" * 16, step=LOOK.id, kind=LOOK.kind, choice=RIGHT, round=question.round
    )


def test_hostile_files_are_left_out_and_told(room, tmp_path):
    first = asked()
    line = format_line(_entry(first), 0, None) + b"\n"
    (tmp_path / "secret").write_bytes(line)
    for name, make in (
        (NAMES[0], lambda path: path.symlink_to(tmp_path / "secret")),
        (NAMES[1], os.mkfifo),
        (NAMES[2], lambda path: path.mkdir()),
    ):
        make(room.paths[name] / FILE_NAME)
    damaged = [json.dumps({**json.loads(line), "step": "\x1b[2J"}).encode(), b"\xff\xfe", b"[" * 4000, b"{}", line]
    content = room.paths[NAMES[4]] / FILE_NAME
    content.write_bytes(b"\n".join(damaged))
    room.own(content)
    tally = room.tally()
    tally.refresh(first)
    assert sorted(os.path.basename(path) for path in tally.left_out) == NAMES[:3]
    assert {*tally.left_out.values()} == {"it is no regular file"}
    assert (votes(tally)["above zero"], tally.students) == (1, 27)
    content.unlink()  # another file in its place is read from its begin
    content.write_bytes(line)
    room.own(content)
    tally.refresh(first)
    tally.refresh(first)
    assert tally.answered(1) == 1


def test_teachers_transcript_excluded(room, monkeypatch):
    monkeypatch.setattr(transcript_reader.os, "getuid", lambda: 70000)
    tally = room.tally()
    tally.refresh(None)
    assert (tally.students, NAMES[0] in tally.silent(1)) == (29, False)
