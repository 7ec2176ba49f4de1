"""A small lesson with a step of each kind, and ways to take any lesson: what a student types who knows it, or not."""

import re
from collections.abc import Iterator

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.sentences import lines_to_hear
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import Verdict, judge, right_answer
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import LETTERS, Lesson, Step, StepKind, parse_solution
from quadfit_tui.teaching.notation.reading.notation import read_lesson

TEXT = """+++
format = 1
id = "small"
version = 1
title = "A small lesson"
[runs.one]
samples = 4
init = [0, 0, 0]
epochs = 3
stop_on = "never"
+++

## Read {#read .say run=one}
There are [4](=one.samples) samples.

## Guess {#guess .predict run=one tol=factor:1.5 answer=12}
How many updates are there?
- [x] three epochs `one.updates`
  Three times four.
- [ ] one for each epoch `one.epochs`
  An epoch has four of them.
- hint: Count the samples.

## Look {#look .observe run=one}
Where is a?
- [x] above zero `one.a > 0`
- [ ] below zero `one.a < 0`
  It goes up.
- [ ] at zero `zero(one.a)`
  It moves.
- hint: Look at the first update.
- hint: It is not at zero.

## Work {#work .do run=one until="now.epochs == 2" solution="epochs:2"}
Make two epochs.

## Write {#write .explain}
Why?
"""
SMALL = read_lesson(TEXT)
OF_SMALL = Facts(SMALL)
PACKAGED = Catalog.packaged()


def right(lesson: Lesson, step: Step, facts: Facts) -> str:
    """What a student types who knows."""
    return right_answer(lesson, step, facts).split()[0]


RIGHT = right(SMALL, SMALL.by_id["look"], OF_SMALL)


def wrong(lesson: Lesson, step: Step, facts: Facts) -> str:
    """What a student types who has fallen for one of the wrong answers."""
    if step.tolerance is None:
        first = next(answer for answer in step.answers if not answer.is_right)
        return LETTERS[lesson.choices(step).index(first)]
    numbers = [f"{facts.number(answer.expression):.12g}" for answer in step.answers if not answer.is_right]
    tried = [*numbers, "123456.789", "-123456.789"]
    return next(text for text in tried if judge(lesson, step, facts, text).verdict is Verdict.WRONG)


def ways(lesson: Lesson, step: Step) -> list[dict[str, object]]:
    """What is changed in the runs with which a task is done: by its solution, or in as many runs as it asks for."""
    if not step.tries:
        return [parse_solution(step.solution or "")]
    (name,) = step.only
    return [{name: getattr(lesson.runs[step.run or ""], name) * times} for times in range(2, step.tries + 2)]


def done(lesson: Lesson, step: Step, changes: dict[str, object] | None = None) -> RunSession:
    """A run in which a task is done: its own, or the one of the step before, with the changes of its solution."""
    runs = [each.run for each in lesson.steps[: lesson.steps.index(step) + 1] if each.run]
    session = RunSession(lesson.runs[runs[-1]].replace(**changes or parse_solution(step.solution or "")), speed=None)
    session.play()
    while session.is_busy:
        session.advance(1.0)
    return session


def take_step(course: Course, *, knows: bool = True) -> list[str]:
    """Takes the present step to where only going on is left; gives what was said to the answers."""
    step, lesson, facts, said = course.step, course.lesson, course.facts, []
    assert step is not None
    if course.phase is Phase.DOING:
        for changes in ways(lesson, step):
            assert course.watch(done(lesson, step, changes).snapshot())
    elif step.kind is StepKind.EXPLAIN and course.phase is Phase.ASKED:
        said.append(course.answer("Since it is so."))
        if course.is_choosing:
            said = [course.answer(wrong(lesson, step, facts))] * (not knows)
            said.append(course.answer(right(lesson, step, facts)))
    elif step.kind is StepKind.DRAW and course.phase is Phase.ASKED:
        said.append(course.answer("falls evenly"))
    elif course.phase is Phase.ASKED:
        if not knows:
            said.append(course.answer(wrong(lesson, step, facts)))
        if course.phase is Phase.ASKED:
            said.append(course.answer(right(lesson, step, facts)))
    assert all(said)
    return said


def typed(lesson: Lesson, facts: Facts, *, knows: bool) -> Iterator[str]:
    """The lines that somebody types in the dialogue to take a whole lesson; what is to be known, when it is asked."""
    for step in lesson.steps:
        if step.kind is StepKind.DO:
            for changes in ways(lesson, step):
                yield from (f"set {name} {PARAMETERS[name].show(value)}" for name, value in changes.items())
                yield "go"
        elif step.kind is StepKind.EXPLAIN:
            yield "Since it is so."
            if step.has_sentences:
                yield from [wrong(lesson, step, facts)] * (not knows)
                yield right(lesson, step, facts)
        elif step.kind is StepKind.DRAW:
            yield "falls evenly"
        elif step.answers:
            if not knows:
                yield wrong(lesson, step, facts)
            if knows or step.kind is StepKind.OBSERVE:
                yield right(lesson, step, facts)
        yield ""


class Student:
    """Takes lessons by lines, and hears what is said."""

    def __init__(self, lesson=SMALL, catalog=PACKAGED, known=frozenset({SMALL.digest})):
        self.transcript = Transcript(None)
        self.dialogue = Dialogue(catalog, self.transcript, known=known)
        self.first = self.heard(self.dialogue.begin(lesson))

    def heard(self, words):
        return [line for text in words for line in lines_to_hear(text)]

    def types(self, *lines):
        """Types lines; gives what is said to the last one."""
        for line in lines[:-1]:
            self.heard(self.dialogue.handle_line(line))
        return self.heard(self.dialogue.handle_line(lines[-1]))

    @property
    def events(self):
        return [entry.event for entry in self.transcript.entries]


def check_lines(lines):
    """What holds for each line that is heard."""
    for line in lines:
        assert 0 < len(line) <= 78, line
        assert line.isprintable(), line
        assert not re.search(r"[a-z0-9)][.?!] +[A-Z]", line), line  # one sentence
        assert line == " ".join(line.split())
