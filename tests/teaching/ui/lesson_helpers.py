"""Helpers for tests of lessons in the app: a small lesson, libraries of lessons, and what the pane shows."""

from functools import cache
from types import SimpleNamespace

from app_helpers import until

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.library import LessonSetup
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.testing import screen_text

# Two samples and two updates an epoch; a step of each kind, and predictions with a number, a choice and a moment.
SMALL = """\
+++
format = 1
id = "small"
version = 1
title = "A small lesson"
minutes = 5
aim = "Do a step of each kind."

[runs.one]
samples = 2
init = [0, 0, 0]
lr = 0.25
epochs = 40
stop_on = "never"
[runs.two]
from = "one"
lr = 0.5
+++

## To read {#read .say run=one view=loss}
There are [2](=one.updates_per_epoch) updates an epoch.

## A number {#number .predict run=two tol=factor:1.5 answer=40}
How many epochs will it take?
- [x] all of them `two.epochs`
  It never stops.
- [ ] none `0`
  It does begin.
- hint: it never stops.

## A moment {#moment .predict run=one at=start}
Which way does c go?
- [x] up `way(one[start].c, one[0:1].c) == "up"`
  It is below.
- [ ] down `way(one[start].c, one[0:1].c) == "down"`
  It is below the samples.

## What was seen {#seen .observe run=one at=0:1 tol=exact answer=-9}
What was the residual?
- [x] the residual `one[0:1].r`
- [ ] the other sign `-one[0:1].r`
  The sign is the other one.
- hint: it is y_out − y.
- hint: y is 9.

## To do {#do .do run=one until="now.updates >= 3" solution="epochs:2"}
Make three updates.

## In your words {#words .explain}
Why?
"""


@cache
def small():
    return read_lesson(SMALL, "small.md")


@cache
def packaged():
    return Catalog.packaged().lessons


def library(first="small", path=None, lessons=None, checked=True):
    """A library that begins with a lesson; it is recorded in a file, or nowhere."""
    lessons = lessons or (small(), *packaged())
    opened = next((lesson for lesson in lessons if lesson.id == first), None)
    return LessonSetup(
        lambda: lessons,
        lambda: Transcript(None if path is None else TranscriptLocation(str(path), 0o640)),
        opened,
        lambda lesson: checked or not lesson,
    )


class StillApp:
    """What an OpenLesson has an app do, without widgets."""

    def __init__(self, session, advance):
        self.session = session
        self.runs = SimpleNamespace(restart=lambda config, **_: session.restart(config))
        self.training = SimpleNamespace(advance=advance, echo=lambda: None)

    def call_later(self, callback):
        callback()

    def query_one(self, _):
        return SimpleNamespace(choose=lambda _: None, put_last=lambda _: None)


def left(path, *steps):
    """The file of a student who left the small lesson after some steps: what was typed at each; skipped if empty."""
    course = Course(small(), Facts(small()), Transcript(TranscriptLocation(str(path), 0o600)))
    course.start()
    for typed in steps:
        for answer in typed:
            course.answer(answer)
        while course.phase is Phase.ASKED:
            course.skip()
        course.confirm()
    return path


def shown(app):
    """The rows of the pane, without the blanks at their ends."""
    region = app.screen_stack[0].query_one(LessonPane).region
    rows = screen_text(app).splitlines()[region.y : region.bottom]
    return [row[region.x : region.right].strip() for row in rows]


async def says(pilot, text):
    """Waits until the pane says something."""
    try:
        await until(pilot, lambda: any(text in row for row in shown(pilot.app)), seconds=6, every=0.5)
    except AssertionError:
        raise AssertionError("\n".join([f"{text!r} is not said:", *shown(pilot.app)])) from None


async def start(pilot, step=1):
    """Waits until the lesson has begun, and goes on to one of its steps by skipping and reading."""
    for number in range(1, step + 1):
        await go_on(pilot, number)


async def go_on(pilot, step):
    """Goes on to the next step, which is given: by skipping what is asked, or reading; waits for the first one."""
    app = pilot.app
    if step > 1:
        if app.focused is not None:
            await pilot.press("escape")
        if app.teaching.lesson.course.is_asked or app.teaching.lesson.course.phase == "doing":
            await pilot.press("S", "S")
            await says(pilot, "Enter: ")  # while the run is still shown, Enter goes to its end, and no farther
        await pilot.press("enter")
    await says(pilot, f"step {step} of")


def words(page):
    """All that a page says, in sight or not."""
    return " ".join(each.text for each in page.paragraphs)


def said(app):
    """All that the pane says, in sight or not."""
    return words(app.query_one(LessonPane)._page)


async def footer(pilot):
    """The row of keys at the bottom."""
    await pilot.pause()
    return screen_text(pilot.app).splitlines()[-1]
