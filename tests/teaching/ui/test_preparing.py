"""A lesson that is prepared in the app: what is typed meanwhile; one whose facts are false is refused."""

import threading
import time

import pytest
from app_helpers import Later, until
from lesson_helpers import SMALL, library, says, small

from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.terminal.terminal_app import TerminalApp


async def test_lesson_left_during_preparation_never_begins(make_app):
    later = Later()
    app = make_app(library=library(), lesson_runner=later)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Preparing the lesson")
        left = app.teaching.lesson
        app.teaching.close_lesson()
        while later.jobs:
            later.work()
            await pilot.pause()
        assert (app.teaching.lesson, left.is_ended, left.can_go_back) == (None, False, False)
        assert left.course.step is None


async def test_enter_during_preparation_does_not_advance(make_app):
    later = Later()
    app = make_app(library=library(first=""), lesson_runner=later, passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("enter")  # the first of the list
        await says(pilot, "Preparing the lesson")
        await pilot.press("enter", "R", "enter", "backspace")
        while later.jobs:
            later.work()
            await pilot.pause()
        await says(pilot, "step 1 of 6")
        assert app.session.config.lr == 0.25


@pytest.mark.real_time
async def test_answers_page_during_preparation_keeps_facts(make_app, monkeypatch):
    gate, said = threading.Event(), Facts.render_prose

    def slowly(facts, prose):
        while not gate.is_set():
            check_cancelled()
            time.sleep(0.001)
        return said(facts, prose)

    monkeypatch.setattr(Facts, "render_prose", slowly)
    app = make_app(library=library(first=""), lesson_runner=None, passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("L")
        app.teaching.open_lesson(small())  # as --lesson does, when L was typed ahead
        await pilot.press("a")
        await pilot.pause(0.1)
        gate.set()
        await until(pilot, lambda: app.teaching.lesson.course.phase is Phase.READING)
    app.teaching.stop()


async def test_false_lesson_refused_with_line(
    make_app,
):
    wrong = read_lesson(SMALL.replace("[2](=one", "[3](=one"), "wrong.md")
    line = 1 + SMALL.splitlines().index("There are [2](=one.updates_per_epoch) updates an epoch.")
    app = make_app(library=library(lessons=(wrong,), checked=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: f"wrong.md:{line}:" in screen_text(app))
        assert app.teaching.lesson is None


def test_its_threads_end_with_the_app(make_app, monkeypatch):
    app, ended = make_app(), []
    monkeypatch.setattr(TerminalApp, "run", lambda _: None)
    monkeypatch.setattr(app.teaching, "stop", lambda: ended.append(1))
    app.run()
    assert ended == [1]
