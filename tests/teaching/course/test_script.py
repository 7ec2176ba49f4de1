"""The run of each step: where it stands, and which runs are there to compare it with."""

from dataclasses import replace

import pytest
from made_lessons import HEAD

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import Script
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson

STEPS = """
## First {#first .say run=four}
It takes two epochs.

## Within {#within .say run=four at=0:2}
Amid the first one.

## Guess {#guess .predict run=fast}
How many?
- [x] three `fast.epochs == 3`
- [ ] none `fast.epochs == 0`
  There are some.

## Why {#why .explain}
Why?
"""
LESSON = read_lesson(HEAD + STEPS, "made.md")


RUNS = "".join(f'[runs.{name}]\nfrom = "four"\nlr = {lr}\n' for name, lr in (("slow", 0.1), ("mini", 0.2)))
ASKED = """
How many?
- [x] two or three `{0}.epochs > 1`
- [ ] none `{0}.epochs == 0`
  There are some.
"""
FEW = f"""
## First {{#first .say run=four}}
It takes two epochs.

## Guess {{#guess .predict run=fast}}{ASKED.format("fast")}
## Task {{#task .do run=slow until="now.lr == 0.7" solution="lr:0.7"}}
Find a rate.

## Same {{#same .do run=slow until="now.lr == 0.6" solution="lr:0.6"}}
Find another one.

## Named {{#named .predict run=mini}}
The run before took [2](=slow.epochs). {ASKED.format("mini")}
## Last {{#last .predict run=fast}}{ASKED.format("fast")}"""


def arrive(session):
    while session.is_busy:
        session.advance(1.0)


class Taken:
    """The lesson in a session that has runs of its own, from before it."""

    def __init__(self, at=0, transcript=None, lesson=LESSON):
        self.session = RunSession(RunConfig(samples=4, epochs=1), speed=None)
        for lr in (0.5, 0.4):
            self.session.restart(RunConfig(samples=4, epochs=1, lr=lr))
            self.session.play()
            arrive(self.session)
        self.course = Course(lesson, Facts(lesson), transcript or Transcript(None))
        self.course.start()
        self.script = Script(self.course, self.session, self.session.restart)
        for _ in range(at):
            assert self.course.confirm()

    def set_up(self, anew=False):
        self.script.set_up(anew)
        arrive(self.session)
        return self.session.timeline.position

    @property
    def earlier(self):
        return [(run.config.lr, run.position.epoch) for run in self.session.earlier]


def test_text_run_kept_for_comparison():
    taken = Taken()
    assert len(taken.session.earlier) == 1
    assert taken.set_up(anew=True) == (2, 0)
    assert taken.earlier == []  # what was there before the lesson is not of it
    taken.course.confirm()
    assert taken.set_up() == (0, 2)  # as it says
    taken.course.confirm()
    assert taken.set_up() == (0, 0)
    assert (taken.session.config.lr, taken.earlier) == (0.9, [(0.5, 2)])


@pytest.mark.parametrize("at", [0, 1])
def test_no_comparison_with_own_last_run(at):
    taken = Taken(at)
    assert not taken.script.compare()
    taken.set_up(anew=True)
    assert not taken.script.compare()


def test_few_earlier_runs_are_kept():
    """Beside a step are the runs that it names, the run of the last text, and the one before."""
    lesson = read_lesson(HEAD.removesuffix("+++\n") + RUNS + "+++\n" + FEW, "few.md")
    taken = Taken(lesson=lesson)

    def beside(step, *tried):
        """The rates of the runs beside that of a step, when it is set up; then that is played, and others tried."""
        taken.course.go_to(next(each for each in lesson.steps if each.id == step))
        taken.set_up()
        rates = [run.config.lr for run in taken.session.earlier]
        for lr in (taken.session.config.lr, *tried):
            if lr != taken.session.config.lr:
                taken.session.restart(replace(taken.session.config, lr=lr))
            taken.session.play()
            arrive(taken.session)
        return rates

    assert beside("first") == []
    assert beside("guess") == [0.5]
    assert beside("task", 0.3, 0.7) == [0.5, 0.9]
    assert beside("same", 0.6) == [0.5, 0.9, 0.3, 0.7]  # what was tried of a run stays as long as it is about that
    assert beside("named") == [0.5, 0.1, 0.6]
    assert beside("last") == [0.5, 0.2]


def test_jump_to_step_restores_comparison_run():
    taken = Taken(2)
    assert taken.script.compare()
    arrive(taken.session)
    assert (taken.session.config.lr, taken.session.timeline.position) == (0.5, (2, 0))
    assert taken.set_up(anew=True) == (0, 0)
    assert (taken.session.config.lr, taken.earlier) == (0.9, [(0.5, 2)])
    assert not taken.script.compare()  # it is there
    taken.course.answer("a")
    taken.course.confirm()
    assert taken.course.step.id == "why"
    assert not taken.script.compare()


def test_return_to_end_restores_comparison_run():
    taken = Taken(2)
    taken.course.answer("a")
    taken.course.confirm()
    taken.course.answer("Since it is so.")
    taken.course.confirm()
    again = Taken(transcript=taken.course.transcript)
    assert again.course.step is None
    assert again.script.compare()
    arrive(again.session)
    assert again.set_up(anew=True) == (3, 0)
    assert (again.session.config.lr, again.earlier) == (0.9, [(0.5, 2)])


def test_runs_on_other_samples_are_no_comparison():
    runs = '[runs.wide]\nfrom = "four"\nx_max = 50\n'
    steps = f"""
## Wide {{#wide .predict run=wide}}{ASKED.format("wide")}
## Task {{#task .do run=four until="now.lr == 0.7" solution="lr:0.7"}}
Find a rate.
"""
    lesson = read_lesson(HEAD.removesuffix("+++\n") + runs + "+++\n" + steps, "wide.md")
    taken = Taken(lesson=lesson)
    taken.set_up(anew=True)
    taken.script.show()
    arrive(taken.session)
    taken.course.go_to(lesson.steps[1])
    taken.set_up()
    assert taken.earlier == []
