"""Progress: what the lines of a transcript say of a lesson, whoever wrote them and in whatever order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lessons_taken import SMALL
from tables import table

from quadfit_tui.teaching.course.progress import LessonProgress, Score
from quadfit_tui.teaching.course.transcript_entry import Entry, Event

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
INDEX = {step.id: index for index, step in enumerate(SMALL.steps)}


def progress(*told):
    """Of lines, each told in a few words: `answer look wrong`."""
    entries = []
    for line in told:
        event, step, value = [*line.split(), "", ""][:3]
        got = {"got": value} if event == "answer" else {}
        entries.append(Entry(Event(event), NOON, SMALL.id, 1, "0" * 16, step=step, **got, text=value, hint=1))
    return LessonProgress(SMALL, entries)


def test_the_first_answer_to_a_prediction_counts():
    record = progress("begin", "answer guess wrong", "answer guess right").records["guess"]
    assert [entry.got for entry in record.counted] == ["wrong"]
    assert (record.is_done, record.is_right) == (True, False)


def test_observed_answers_count_until_right():
    record = progress("begin", *(f"answer look {got}" for got in ("wrong", "right", "wrong", "right"))).records["look"]
    assert [entry.got for entry in record.counted] == ["wrong", "right"]
    assert (record.is_done, record.is_right) == (True, True)
    assert not progress("begin", "answer look wrong", "answer look close").records["look"].is_done


def voted(step, *votes):
    """The record of a step after votes, each as `1 wrong`: its round, what it got; `new`: the question was put anew."""
    entries = []
    for vote in votes:
        round, got, *new = vote.split()
        entry = Entry(Event.ANSWER, NOON, SMALL.id, 1, "0" * 16, step=step, round=int(round), got=got)
        entries.append(replace(entry, tries=1 if new else 2))
    return LessonProgress(SMALL, entries).records[step]


@table(("votes", "counted", "second"), [
    (["1 wrong", "1 right"], ["right"], None),
    (["1 right", "1 close", "1 wrong", "2 close", "2 right"], ["wrong"], "right"),
    (["2 wrong", "2 right"], ["right"], "right"),  # who was not there at the first one
    (["0 wrong", "1 right", "2 right"], ["wrong"], "right"),  # who has predicted it before
    (["1 wrong new", "1 close", "1 right new"], ["close"], None),  # after the class was shown what happens
    (["1 wrong", "0 right"], ["wrong"], None),
])  # fmt: skip
def test_last_first_round_vote_counts(votes, counted, second):
    record = voted("guess", *votes)
    assert [entry.got for entry in record.counted] == counted
    assert (record.second_vote.got if record.second_vote else None) == second


@table(("votes", "counted", "second"), [
    (["1 close", "1 wrong", "2 close", "2 wrong", "0 right"], ["wrong", "right"], "wrong"),
    (["1 wrong", "2 wrong", "2 right"], ["wrong", "right"], "right"),
    (["1 wrong", "1 right", "2 wrong"], ["right"], "wrong"),
])  # fmt: skip
def test_changed_votes_are_no_wrong_tries(votes, counted, second):
    record = voted("look", *votes)
    assert [entry.got for entry in record.counted] == counted
    assert record.second_vote.got == second
    assert record.is_done


def test_answers_to_non_questions_ignored():
    """As of another version of the lesson, in which the step was a question."""
    told = [*(f"answer {step} right" for step in ("read", "work", "write")), "said read words", "said work words"]
    assert not any(record.answers or record.said for record in progress("begin", *told).records.values())


@pytest.mark.parametrize(
    ("lines", "skipped"),
    [
        (["skip look"], True),
        (["answer look wrong", "skip look"], True),
        (["answer look right", "skip look"], False),  # by a session that did not know
        (["skip look", "answer look right"], True),
    ],
)
def test_done_step_cannot_be_skipped(lines, skipped):
    found = progress("begin", *lines)
    assert found.records["look"].is_done
    assert found.records["look"].is_skipped == skipped
    assert found.score.done == (not skipped)


@table(
    ("lines", "step"),
    [
        ([], "read"),
        (["seen read"], "read"),
        (["done read"], "guess"),  # there is nothing more to be read
        (["done read", "seen guess", "answer guess wrong"], "guess"),  # what was said to it
        (["done read", "answer guess wrong", "done guess"], "guess"),
        (["done read", "answer guess wrong", "done guess", "seen look"], "look"),
        (["done read", "answer guess wrong", "seen look", "answer look wrong"], "look"),
        (["done read", "answer guess wrong", "seen look", "skip look"], "look"),
        (["done read", "answer guess wrong", "seen look", "skip look", "seen work"], "work"),
        (["done guess", "done work", "seen look"], "read"),
        (["done read", "done guess", "done look", "done work", "said write so"], "write"),
        (["done read", "done guess", "done look", "done work", "said write so", "end"], None),
        (["done foo", "seen foo", "answer foo right"], "read"),
    ],
)
def test_the_place_where_a_student_goes_on(lines, step):
    assert progress("begin", *lines).place == (len(SMALL.steps) if step is None else INDEX[step])


def test_an_attempt_anew_begins_with_nothing():
    lines = ["done read", "answer guess wrong", "hint look", "end"]
    for more, attempt in ((["begin"], 2), (["forget"], 0), (["forget", "begin"], 2), (["begin", "begin"], 3)):
        found = progress("begin", *lines, *more)
        assert (found.attempt, found.is_begun, found.is_ended) == (attempt, attempt > 0, False)
        assert (found.done, found.place, found.records["look"].hints) == (0, 0, 0)
    assert progress("begin", "forget").next_attempt == 2


def test_votes_before_begin_join_first_attempt():
    assert progress("answer guess wrong", "begin").records["guess"].is_done
    assert progress("begin", "forget", "answer guess wrong", "begin").records["guess"].is_done
    assert not progress("answer guess wrong", "begin", "begin").records["guess"].is_done


def test_the_score():
    assert progress().score == Score(0, 5, 0, 1)
    assert progress("begin", "answer look right", "skip guess", "done work").score == Score(2, 5, 1, 1)
    assert progress("begin", "answer look wrong", "answer look right").score == Score(1, 5, 0, 1)


@table(
    ("told", "marks"),
    [
        ((), ["", "", "", "", ""]),
        (("answer guess wrong", "answer look right"), ["", "wrong", "right", "", ""]),
        (("answer look wrong", "skip look", "skip work", "done work"), ["", "", "", "", ""]),
        (("done read", "done work", "said write", "done write"), ["", "", "", "right", ""]),
    ],
)
def test_marks_of_answered_steps(told, marks):
    assert [record.mark for record in progress("begin", *told).records.values()] == marks
