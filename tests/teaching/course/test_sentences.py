"""Explanations with sentences: one's own comes first, then it is asked which of them says what was meant."""

import pytest
from lessons_taken import OF_SMALL, TEXT
from tables import table

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.script import WHICH_SENTENCE, initial_paragraphs, prompt
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

ROWS = """- [x] It goes against the slope.
  There are [?](=one.samples) samples.
- [ ] It goes to the best place.
  It does not know that place.
- [ ] It goes by chance.
  Nothing here is random.
- hint: Look at the arrow.
"""
LESSON = read_lesson(TEXT + ROWS)
STEP = LESSON.by_id["write"]
RIGHT, PLACE, CHANCE = (LESSON.letter(STEP, answer) for answer in STEP.answers)
OWN = "It goes down the hill."


def at_write(lesson=LESSON):
    """A course at its explanation."""
    course = Course(lesson, Facts(lesson, OF_SMALL), Transcript(None))
    course.start()
    for _ in range(4):
        if course.phase is not Phase.READING:
            course.skip()
            course.skip()
        course.confirm()
    assert course.step.id == "write"
    return course


def events(course):
    return [entry.event for entry in course.transcript.entries if entry.step == "write"]


@table(
    ("typed", "is_sentence"),
    [
        ("", False),
        ("it goes down", False),
        ("down " * 3, False),
        ("so it goes down", True),
        ("它沿着斜率下降", False),
        ("它沿着斜率往下走", True),
        ("它沿着，斜率。下降", False),  # its signs are no characters of it
        ("lr 太大了", False),
    ],
)
def test_a_sentence_comes_first(typed, is_sentence):
    course = at_write()
    assert prompt(course) == "Type a sentence or two."
    told = course.answer(typed)
    assert course.is_choosing is is_sentence
    assert (Event.SAID in events(course)) is is_sentence
    refusal = "A sentence of four words or more, please." if typed else "Type a sentence or two."
    assert told == ("" if is_sentence else refusal)


def test_a_word_is_enough_without_sentences_to_choose_from():
    course = at_write(read_lesson(TEXT))
    assert course.answer("So.") == "Thank you."


def test_then_one_is_chosen_until_it_is_right():
    course = at_write()
    course.answer(OWN)
    assert course.phase is Phase.ASKED
    assert not course.confirm()
    said = initial_paragraphs(course)
    assert [each.text for each in said[:4]] == ["Write", "Why?", f"You wrote: {OWN}", WHICH_SENTENCE]
    assert {each.text for each in said[4:]} == {answer.text for answer in STEP.answers}
    assert [each.letter for each in said[4:]] == ["a", "b", "c"]
    assert prompt(course) == "Type A, B or C."
    assert course.answer("it is so and so") == "Type A, B or C."
    assert course.answer(CHANCE) == "Nothing here is random."
    assert course.answer(PLACE) == "It does not know that place."
    assert course.offers == "hint"
    assert course.answer(RIGHT.upper()) == course.feedback == "Right. There are 4 samples."
    assert course.phase is Phase.ANSWERED
    assert events(course) == [Event.SEEN, Event.SAID, *[Event.ANSWER] * 3, Event.DONE]
    assert [entry.choice for entry in course.transcript.entries if entry.choice] == ["c", "b", "a"]
    assert (course.own_words, course.own_answer) == (OWN, f"{RIGHT.upper()}  It goes against the slope.")
    record = course.progress.records["write"]
    assert (record.is_done, record.mark) == (True, "right")
    *_, own = course.own_answers()
    assert (own.explanation, own.right, own.is_right) == (OWN, course.own_answer, True)


def test_the_order_stays():
    assert read_lesson(TEXT + ROWS).choices(STEP) == LESSON.choices(STEP)
    assert {RIGHT, PLACE, CHANCE} == {"a", "b", "c"}


def test_who_comes_back_goes_on_where_it_was_left():
    course = at_write()
    course.answer(OWN)
    course.answer(CHANCE)
    again = Course(LESSON, course.facts, course.transcript)
    again.start()
    assert (again.step.id, again.is_choosing, again.tries) == ("write", True, 1)
    assert again.answer(RIGHT).startswith("Right.")
    again.confirm()
    assert again.back()
    assert again.feedback.startswith("Right.")
    assert not again.is_choosing
    assert [each.letter for each in initial_paragraphs(again) if each.letter] == ["a", "b", "c"]


@pytest.mark.parametrize("writes", [True, False])
def test_skipping_tells_the_right_one(writes):
    course = at_write()
    if writes:
        course.answer(OWN)
    assert course.skip() == "To skip this step and see its answer, skip once more."
    assert course.skip() == (f"The answer is {RIGHT.upper()}: It goes against the slope. There are 4 samples.")
    assert course.own_words == (OWN if writes else "")


def test_a_letter_is_none_where_there_are_no_sentences():
    course = at_write()
    course.answer(OWN)
    course.answer(CHANCE)
    record = LessonProgress(read_lesson(TEXT), course.transcript.entries).records["write"]
    assert (record.answers, record.said, record.is_done) == ([], OWN, True)


def test_what_was_said_before_there_were_sentences_is_done():
    course = at_write(read_lesson(TEXT))
    course.answer("So.")
    assert LessonProgress(LESSON, course.transcript.entries).records["write"].is_done
