"""A course goes on where it was, whatever ended it: cut files, two sessions, full disks, new versions of lessons."""

import itertools
import os
import random

import pytest
from lessons_taken import OF_SMALL, SMALL, TEXT, right, take_step, wrong

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.notation.reading.notation import read_lesson


@pytest.fixture
def at(tmp_path):
    return TranscriptLocation(str(tmp_path / "transcript.jsonl"), 0o600)


def start(place, lesson=SMALL, facts=OF_SMALL):
    course = Course(lesson, facts, Transcript(place))
    course.start()
    return course


def state(course):
    """All that a student sees of where the course is."""
    step = course.step
    return (
        None if step is None else step.id,
        course.phase,
        course.feedback if course.phase is Phase.ANSWERED else "",
        [] if step is None else course.hints,
        [own for own in course.own_answers() if own.step.kind is not StepKind.DO],  # a run is a line, its end another
        course.progress.score,
    )


def does(course, moves):
    """A random thing that a student could do next; all of it is something that is recorded."""
    if course.phase is Phase.ENDED:
        course.start(anew=True)
    elif course.phase in (Phase.READING, Phase.ANSWERED):
        course.confirm()
    elif moves.random() < 0.2:
        course.skip()
        course.skip()
    elif moves.random() < 0.3:
        course.hint()
    elif course.phase is Phase.ASKED and course.step.answers and moves.random() < 0.5:
        course.answer(wrong(SMALL, course.step, OF_SMALL))
    else:
        take_step(course)


def test_truncated_file_resumes_at_neighboring_state(at, tmp_path):
    moves, states, sizes = random.Random(1), [], []
    course = start(at)
    for _ in range(60):
        states.append(state(course))
        sizes.append(os.path.getsize(at.path))
        does(course, moves)
    content = open(at.path, "rb").read()  # noqa: SIM115
    assert {step for step, *_ in states} == {*SMALL.by_id, None}
    cut = TranscriptLocation(str(tmp_path / "cut"), 0o600)
    for i, (size, then) in enumerate(itertools.pairwise(sizes)):
        for end in {size, moves.randrange(size, then + 1)}:
            open(cut.path, "wb").write(content[:end])  # noqa: SIM115
            found = state(start(cut))
            assert found in (states[i], states[i + 1]), (i, end)
            if end == size:
                assert found == states[i]
            whole_lines = content[: content.rfind(b"\n", 0, end) + 1]
            assert open(cut.path, "rb").read().startswith(whole_lines)  # noqa: SIM115


def test_what_was_left_is_gone_on_with(at):
    course = start(at)
    course.confirm()
    course.answer("3")
    course.leave()
    again = start(at)
    assert state(again) == state(course)
    assert again.feedback == "An epoch has four of them. The answer is 12."
    asides = [entry.aside for entry in again.transcript.entries if entry.event is Event.ASIDE]
    assert asides == ["left", "back"]


def test_an_ended_lesson_stays_ended(at):
    course = start(at)
    while course.phase is not Phase.ENDED:
        take_step(course)
        course.confirm()
    course.leave()
    size = os.path.getsize(at.path)
    again = start(at)
    assert (again.phase, again.step, again.progress.score) == (Phase.ENDED, None, course.progress.score)
    assert os.path.getsize(at.path) == size


def test_two_sessions_answer_prediction_once(at):
    one, other = start(at), start(at)
    one.confirm()
    other.confirm()
    one.answer("3")
    said = other.answer("12")
    assert said.startswith("You have answered this already. An epoch has four of them.")
    assert (other.phase, other.feedback) == (Phase.ANSWERED, one.feedback)
    for course in (one, other):
        course.confirm()
    one.answer(wrong(SMALL, one.step, OF_SMALL))
    other.answer(right(SMALL, other.step, OF_SMALL))
    assert state(start(at)) == state(other)
    one.transcript.refresh()
    assert one.own_answers() == other.own_answers()
    assert other.progress.score.at_once == 0
    lines = open(at.path, "rb").read().splitlines()  # noqa: SIM115
    assert len(lines) == len(start(at).transcript.entries) - 1


def test_new_version_resumes_at_first_undone(at):
    course = start(at)
    for _ in range(3):
        take_step(course)
        course.confirm()
    text = TEXT.replace("{#guess ", "{#count ").replace("version = 1", "version = 2")
    newer = read_lesson(text)
    again = start(at, newer, Facts(newer))
    assert (again.step.id, again.number, again.progress.score.done) == ("count", 2, 2)
    take_step(again)
    again.confirm()
    assert again.step.id == "work"


def test_removed_choice_shown_as_unknown(at):
    course = start(at)
    for _ in range(2):
        take_step(course)
        course.confirm()
    course.answer("abc"[[answer.text for answer in SMALL.choices(course.step)].index("at zero")])
    shorter = read_lesson(TEXT.replace("- [ ] at zero `zero(one.a)`\n  It moves.\n", ""))
    again = start(at, shorter, Facts(shorter))
    assert again.own_answers()[-1].answers == ("?",)
    again.answer(right(shorter, again.step, again.facts))
    assert again.phase is Phase.ANSWERED
