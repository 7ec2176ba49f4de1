"""What a lesson holds back until a step, or a prediction until its answer: nowhere in the app, whatever asks for it."""

import re

from app_helpers import at_once, message, until
from lesson_helpers import go_on, library, says, shown, start

from quadfit_tui.core.explain.diagnosis_page import REST_HELD_BACK, WITHHELD_NOTICES
from quadfit_tui.core.text.numbers import format_short, rounded_down
from quadfit_tui.core.training.position import START
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.lesson_commands import FIRST_ANSWER
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.scrubber import ScrubBar

HOLDING = """+++
format = 1
id = "holding"
title = "Holds back"
hold = ["limit", "forecast", "remedy", "optimum", "map"]
hold_until = "free"
[runs.fast]
preset = "noisy"
samples = 20
batch = "full"
lr = 2.5
schedule = "constant"
epochs = 40
+++

## Held {#held .say run=fast at=start view=parameters}
Look around.

## Free {#free .say run=fast at=start}
Look around again.
"""
LESSON = read_lesson(HOLDING)
FACTS = Facts(LESSON)


async def looked_around(pilot, views):
    """All that is seen at the start and at the end of a run: views, with keys that show more of them, the page of i."""
    seen = []

    async def look():
        await pilot.pause()
        seen.append(screen_text(pilot.app))
        seen.append(message(pilot.app))

    for _ in range(2):
        for view in views:
            await pilot.press(view)
            await look()
            await pilot.press(*{"1": "o", "3": "z", "4": "x"}.get(view, ()))
            await look()
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, DiagnosisPage))
        await look()
        await pilot.press("enter")  # which begins the run of a remedy, where one is offered
        await pilot.pause()
        if isinstance(pilot.app.screen, DiagnosisPage):
            await pilot.press("escape")
        await pilot.press("end")
        await pilot.pause()
    return seen


async def test_withheld_facts_hidden_until_their_step(make_app):
    app = make_app(library=library("holding", lessons=(LESSON,)), passing=True, runner=at_once, map_runner=at_once)
    secrets = {
        "limit": rounded_down(FACTS.number("fast.limit")),
        "least": format_short(FACTS.number("fast.least")),
        "best a": format_short(FACTS.number("fast.best_a")),
    }
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot)
        seen = await looked_around(pilot, "123456")
        for name, secret in secrets.items():
            told = re.compile(rf"(?<![\d.]){re.escape(secret)}")
            assert not [text for text in seen if told.search(text)], (name, secret)
        for word in ("% of the", "DIVERGING", "Tested", "restarts with", "optimum", "fastest", "converges"):
            assert not [text for text in seen if word in text.replace(WITHHELD_NOTICES["optimum"], "")], word
        # Where something would be, it is said that it is held back: on the page, by the key.
        assert any(WITHHELD_NOTICES["optimum"] in text for text in seen)  # the key o asks for it
        assert any(REST_HELD_BACK in text for text in seen)
        assert app.session.config.lr == 2.5  # nothing was offered
        await pilot.press("6")
        await pilot.pause()
        assert WITHHELD_NOTICES["map"] in screen_text(app)
        assert "learning rate" not in screen_text(app).splitlines()[-4]

        await go_on(pilot, 2)
        seen = "\n".join(await looked_around(pilot, "1346"))
        for name, secret in secrets.items():
            assert re.search(rf"(?<![\d.]){re.escape(secret)}", seen), (name, secret)
        for word in ("% of the limit", "Tested", "restarts with", "optimum", "* fastest"):
            assert word in seen, word
        assert not any(text in seen for text in WITHHELD_NOTICES.values())
        assert app.session.config.lr < 2.5


async def test_facts_not_withheld_stay_visible(make_app):
    lesson = read_lesson(HOLDING.replace('["limit", "forecast", "remedy", "optimum", "map"]', '["remedy"]'))
    app = make_app(library=library("holding", lessons=(lesson,)), passing=True, runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot)
        for keys in ((), ("e", "e")):
            await pilot.press(*keys)
            await pilot.pause()
            assert f"the limit {rounded_down(FACTS.number('fast.limit'))}" in message(app)
        assert "of the limit" in screen_text(app).splitlines()[0]


async def test_open_prediction_leaks_nothing(make_app):
    app = make_app(library=library(), passing=True, runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot, 2)
        before = app.snapshot
        for key in ["space", "n", "e", "]", "end", "g", "r", "c", "k", "l", "p", "d", "t", "i"]:
            app.query_one(LessonPane).remark("")
            await pilot.press(key)
            assert FIRST_ANSWER in shown(app), key
        assert (app.snapshot, app.focused, len(app.screen_stack)) == (before, None, 1)
        assert message(app) == "run 2 vs. run 1: lr 0.25 → 0.5. The run waits for your answer."
        assert "limit" not in "".join(screen_text(app).splitlines()[:3])  # the gauge has none
        assert before.newest == START
        # By the mouse, by the form, by the palette.
        await pilot.click(ScrubBar, offset=(40, 0))
        await pilot.pause()
        app.query_one(Form).edit("lr")
        await pilot.press("enter")
        assert FIRST_ANSWER in shown(app)
        await pilot.press("escape", "ctrl+p", *"preset noisy", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.pause()
        assert (app.snapshot, app.session.run.number) == (before, before.number)
        # What tells nothing works; a digit would begin the answer.
        await pilot.press("v", "v")
        assert app.query_one(Panes).view == "surface"
        await pilot.press("b", "[", "home", "question_mark")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("escape", *"40", "enter")
        await says(pilot, "You said 40.")
        assert "% of the limit" in screen_text(app).splitlines()[0]
        assert "waits" not in message(app)


async def test_landscape_waits_until_lesson_speaks_of_it(make_app):
    text = HOLDING.replace("view=parameters", "view=fit")
    text = text.replace("free .say run=fast", "free .say view=surface run=fast")
    app = make_app(library=library("holding", lessons=(read_lesson(text),)), passing=True, runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot)
        assert app.query_one(Panes).views_in_sight == ["fit", "loss"]
        await go_on(pilot, 2)
        assert (app.query_one(Panes).view, app.query_one(Panes).views_in_sight) == ("surface", ["fit", "surface"])
