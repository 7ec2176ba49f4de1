"""Where a class is: now.json as its teacher writes it, and as anybody else could; a student who goes along with it."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from homes import confined
from lessons_taken import OF_SMALL, SMALL, TEXT
from tables import table

from quadfit_tui.teaching.classroom.classroom import (
    FILE_NAME,
    MOST_BYTES,
    Classroom,
    Question,
    VoteState,
    content_of,
    now,
)
from quadfit_tui.teaching.classroom.vote import AGAIN, CLOSED, COUNTED, LATE, Vote, where_it_is
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import WithheldFact
from quadfit_tui.teaching.notation.reading.notation import read_lesson

FIRST = Question("small", "guess", 1, VoteState.OPEN, now())
CLOSED_ONE = FIRST.ended(VoteState.CLOSED)
SECOND = CLOSED_ONE.opened(2)


@pytest.fixture
def room(tmp_path):
    (tmp_path / "class").mkdir()
    return Classroom(str(tmp_path / "class"))


@pytest.fixture
def transcript(tmp_path):
    return Transcript(TranscriptLocation(str(tmp_path / "transcript.jsonl"), 0o640))


@pytest.mark.parametrize("question", [FIRST, CLOSED_ONE, SECOND, SECOND.ended(VoteState.SHOWN)])
def test_question_round_trip_through_file(room, question, tmp_path_factory):
    students = Classroom(room.folder)
    assert not students.refresh()
    before = os.umask(0o077)
    try:
        room.publish(question)
    finally:
        os.umask(before)
    assert (students.refresh(), students.question, students.refresh()) == (True, question, False)
    path = os.path.join(room.folder, FILE_NAME)
    assert (os.stat(path).st_mode & 0o777, os.listdir(room.folder)) == (0o644, [FILE_NAME])
    assert os.path.getsize(path) <= MOST_BYTES
    with confined(tmp_path_factory.mktemp("home")):  # of a student
        theirs = Classroom(room.folder)
        assert (theirs.refresh(), theirs.question) == (True, question)


def test_stale_open_question_expires(room):
    room.publish(FIRST._replace(since=now() - timedelta(hours=3)))
    late = Classroom(room.folder)
    assert (late.refresh(), late.question) == (True, room.question)
    assert room.question is not None
    room.publish(FIRST._replace(since=now() - timedelta(hours=5)))
    assert (room.refresh(), room.question) == (True, None)


WHOLE = json.loads(content_of(CLOSED_ONE))


@table(
    "changed",
    [
        {"v": 2}, {"v": None}, {"lesson": "../small"}, {"lesson": "x" * 61}, {"lesson": 3}, {"step": "\x1b[2J"},
        {"step": ""}, {"round": 0}, {"round": 3}, {"round": "1"}, {"round": []}, {"state": "over"}, {"state": []},
        {"since": "today"}, {"since": "2026-13-41T00:00:00+00:00"}, {"since": 5}, {"until": None}, {"until": "x"},
        {"until": []}, {"round": 2}, {"until": ["x"]}, {"state": "open"},
    ],
    ids=str,
)  # fmt: skip
def test_malformed_field_invalidates_question(room, changed):
    put(room, json.dumps({**WHOLE, **changed}).encode())
    assert (room.refresh(), room.question) == (False, None)
    for name in changed:
        put(room, json.dumps({key: value for key, value in WHOLE.items() if key != name}).encode())
        assert (room.refresh(), room.question) == (False, None)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"3", b"null", b"[" * 1000, b"{" * 900, b"\x00" * 100])
def test_nonsense_is_no_question(room, content):
    put(room, content)
    assert (room.refresh(), room.question) == (False, None)


def test_oversized_irregular_or_foreign_file_ignored(room, tmp_path, monkeypatch):
    path = os.path.join(room.folder, FILE_NAME)
    put(room, content_of(FIRST) + b" " * MOST_BYTES)
    assert not room.refresh()
    os.unlink(path)
    (tmp_path / "elsewhere").write_bytes(content_of(FIRST))
    os.symlink(tmp_path / "elsewhere", path)
    assert not room.refresh()
    os.unlink(path)
    os.mkfifo(path)
    assert not room.refresh()
    os.unlink(path)
    put(room, content_of(FIRST))
    if os.geteuid() == 0:
        os.chown(path, 70001, -1)
    else:
        found = os.fstat  # made up: each file has its own owner
        monkeypatch.setattr(os, "fstat", lambda at: os.stat_result((*found(at)[:4], found(at).st_ino, *found(at)[5:])))
    assert not room.refresh()


def put(room, content):
    with open(os.path.join(room.folder, FILE_NAME), "wb") as file:
        file.write(content)


# A student


def test_last_vote_counts_judged_when_shown(transcript):
    vote = Vote(SMALL, FIRST, OF_SMALL, transcript)
    vote.start()
    assert (vote.phase, vote.hides_outcome, vote.where, vote.step.id) == (Phase.ASKED, True, "vote", "guess")
    assert vote.answer("many").startswith("'many'")
    assert (vote.answer("3"), vote.answer("100")) == (COUNTED, COUNTED)
    assert (vote.own, vote.own_answers(), vote.tries) == ("You voted 100.", [], 2)
    assert (vote.hint(), vote.confirm()) == ("There is no hint for this step.", False)
    assert vote.follow(CLOSED_ONE)
    assert not vote.follow(CLOSED_ONE)
    assert (vote.phase, vote.hides_outcome) == (Phase.WAITING, True)
    assert vote.answer("12") == f"{LATE} The one before it does: 100."
    vote.follow(SECOND)
    assert (vote.answer("12"), vote.where) == (COUNTED, "second vote")
    vote.follow(SECOND.ended(VoteState.SHOWN))
    assert (vote.phase, vote.hides_outcome) == (Phase.ANSWERED, False)
    assert vote.feedback == "Right: it is 12. Three times four."
    assert [own.answers for own in vote.own_answers()] == [("12",)]
    vote.leave()
    found = [(entry.event, entry.answer, entry.round, entry.step) for entry in transcript.entries]
    assert found == [(Event.ANSWER, answer, at, "guess") for answer, at in (("3", 1), ("100", 1), ("12", 2))]
    assert [entry.tries for entry in transcript.entries] == [1, 2, 3]
    # For the student's own lesson the last one of the first vote is the answer, as for the report.
    course = Course(SMALL, OF_SMALL, transcript)
    record = course.progress.records["guess"]
    assert ([entry.answer for entry in record.counted], record.is_done) == (["100"], True)
    assert [(own.answers, own.right, own.is_right) for own in course.own_answers()] == [(("100", "12"), "12", True)]


def test_nonvoter_sees_answer_and_vote_closes(transcript):
    vote = Vote(SMALL, FIRST._replace(step="look"), OF_SMALL, transcript)
    vote.start()
    assert not vote.hides_outcome
    vote.follow(FIRST)
    assert (vote.phase, vote.question.place) == (Phase.WAITING, ("small", "look"))
    vote.follow(FIRST._replace(step="look").ended(VoteState.SHOWN))
    assert vote.feedback.startswith("The answer is ")
    assert "above zero" in vote.feedback
    vote.follow(None)
    assert vote.phase is Phase.ANSWERED


def test_vote_withholds_as_much_as_lesson():
    lesson = replace(SMALL, hold=frozenset({WithheldFact.LIMIT}), hold_until="work")
    vote = Vote(lesson, FIRST, OF_SMALL, Transcript(None))
    vote.start()
    assert vote.withheld == {"limit", "forecast", "remedy", "map", "gradient"}
    vote.follow(FIRST.ended(VoteState.CLOSED))
    assert vote.withheld == {"limit", "forecast", "remedy", "map", "gradient"}
    vote.follow(FIRST.ended(VoteState.SHOWN))
    assert vote.withheld == {"limit"}


def test_unrecorded_vote_does_not_count():
    vote = Vote(SMALL, FIRST, OF_SMALL, Transcript(None))
    vote.start()
    assert vote.answer("3") == "This vote does not count, since it is not recorded."


def test_private_vote_does_not_count(tmp_path):
    vote = Vote(SMALL, FIRST, OF_SMALL, Transcript(TranscriptLocation(str(tmp_path / "lessons.jsonl"), 0o600)))
    vote.start()
    assert vote.answer("3") == "This vote does not count, since you alone can read it."


@table("changed", [{"lesson": "other"}, {"step": "other"}, {"step": "read"}, {"step": "write"}])
def test_unknown_question_not_offered(changed):
    assert where_it_is(FIRST, [SMALL]) == "The class is at 'Guess'"
    assert where_it_is(FIRST._replace(**changed), [SMALL]) == ""


def test_dialogue_announces_and_joins_class(room, transcript):
    dialogue = Dialogue(Catalog((SMALL,)), transcript, known=frozenset({SMALL.digest}), classroom=room)

    def say(line):
        return " ".join(dialogue.handle_line(line))

    assert "There is 1 lesson" in " ".join(dialogue.begin())
    assert list(dialogue.refresh()) == []
    assert "The class is at no question." in say("join")
    say("1")
    Classroom(room.folder).publish(FIRST)
    assert list(dialogue.refresh()) == ["The class is at 'Guess'. Type join to answer it."]
    assert list(dialogue.refresh()) == []
    said = say("join")
    assert said.startswith("Vote, to predict: Guess. ")
    assert "How many updates are there? Type a number" in said
    assert "Answer the question first." in say("go")
    assert say("3").startswith(COUNTED)
    assert "You have answered nothing" in say("answers")
    assert say("anew").startswith("This is a question of the class")
    Classroom(room.folder).publish(CLOSED_ONE)
    pause = "Tell your neighbor which answer is right, and why."
    late = f"{LATE} The one before it does: 3."
    assert say("12") == f"{CLOSED} {pause} {late}"  # before anybody has looked
    assert say("12") == say("answer 12") == late
    assert say("where").startswith("Start: ")
    Classroom(room.folder).publish(SECOND)
    assert " ".join(dialogue.refresh()).startswith(f"Second vote. {AGAIN}")
    say("12")
    Classroom(room.folder).publish(SECOND.ended(VoteState.CLOSED))
    assert list(dialogue.refresh()) == [CLOSED, "Wait for the class."]
    Classroom(room.folder).publish(SECOND.ended(VoteState.SHOWN))
    said = " ".join(dialogue.refresh())
    assert said.startswith("You answered 12. Now the run. ")
    assert said.endswith("Right: it is 12. Three times four. Press Enter to go on.")
    assert say("").startswith("Step 1 of 5, to read: Read.")  # the own lesson
    say("join")
    assert say("quit") == "You left at step 1; come back at any time."
    assert [entry.round for entry in transcript.entries if entry.event is Event.ANSWER] == [1, 2]


def test_voted_step_hides_its_answer_until_shown(room, transcript):
    def own_course():
        course = Course(SMALL, OF_SMALL, transcript, voted_step=lambda: room.step_under_vote("small"))
        course.start()
        return course

    own_course().confirm()
    room.publish(FIRST)
    vote = Vote(SMALL, FIRST, OF_SMALL, transcript)
    vote.start()
    vote.answer("3")
    for question in (FIRST, CLOSED_ONE, SECOND, SECOND.ended(VoteState.CLOSED)):
        room.publish(question)
        course = own_course()
        assert (course.step.id, course.phase, course.feedback, course.own_answers()) == ("guess", Phase.ASKED, "", [])
        joins = "The class votes on this question now: Esc, then V joins."
        assert [course.answer("12"), course.skip(), course.skip(), course.answer("12")] == [joins] * 4
    assert [entry.answer for entry in transcript.entries if entry.event is Event.ANSWER] == ["3"]
    room.publish(SECOND.ended(VoteState.SHOWN))
    course = own_course()
    assert (course.step.id, course.phase, course.own_answer) == ("guess", Phase.ANSWERED, "3")
    assert course.pass_vote("guess")
    assert (course.step.id, course.pass_vote("guess")) == ("look", False)


def test_own_answer_before_vote_stays_in_sight(transcript):
    course = Course(SMALL, OF_SMALL, transcript, voted_step=lambda: "guess")
    alone = Course(SMALL, OF_SMALL, transcript)
    alone.start()
    alone.confirm()
    alone.answer("3")
    course.start()
    assert (course.step.id, course.phase, course.own_answer) == ("guess", Phase.ANSWERED, "3")


def test_abandoned_vote_keeps_nobody_waiting(room):
    room.publish(FIRST)
    assert (room.step_under_vote("small"), room.step_under_vote("other")) == ("guess", "")
    room.publish(FIRST._replace(since=now() - timedelta(minutes=61)))
    assert (room.question.step, room.step_under_vote("small")) == ("guess", "")


def test_dialogue_leaves_voted_step_to_class(room, transcript):
    dialogue = Dialogue(Catalog((SMALL,)), transcript, known=frozenset({SMALL.digest}), classroom=room)

    def say(line):
        return " ".join(dialogue.handle_line(line))

    Classroom(room.folder).publish(FIRST)
    heard = list(dialogue.begin(SMALL))
    assert heard[0] == "The class is at 'Guess'. Type join to answer it."
    assert "to predict: Guess" in say("")
    assert say("12") == "The class votes on this question now. Type join to vote."
    say("join")
    assert say("3").startswith(COUNTED)
    Classroom(room.folder).publish(CLOSED_ONE.ended(VoteState.SHOWN))
    assert " ".join(dialogue.refresh()).startswith("You answered 3. Now the run.")
    assert say("").startswith("Step 3 of 5, to answer: Look.")  # the outcome of the second was seen with the class


def test_false_lesson_not_joined(room, transcript):
    wrong = read_lesson(TEXT.replace("answer=12", "answer=13"))
    dialogue = Dialogue(Catalog((wrong,)), transcript, classroom=room)
    room.publish(FIRST)
    assert any("states what is not true" in text for text in dialogue.handle_line("join"))
    assert dialogue._open is None
