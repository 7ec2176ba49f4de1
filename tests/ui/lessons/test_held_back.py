"""What a lesson holds back until one of its steps: nowhere in the app, whatever key asks for it; then it is there."""

import re

from app_helpers import at_once, message, screen_text, until
from lesson_helpers import go_on, library, start

from quadfit_tui.core.explain.diagnosis_page import HELD_BACK, REST_HELD_BACK
from quadfit_tui.core.judging.facts import Facts
from quadfit_tui.core.lessons.reading.notation import read_lesson
from quadfit_tui.core.text.numbers import rounded_down, short
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage

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


async def test_it_is_nowhere_before_its_step_and_there_from_then_on(make_app):
    app = make_app(library=library("holding", lessons=(LESSON,)), passing=True, runner=at_once, map_runner=at_once)
    secrets = {
        "limit": rounded_down(FACTS.number("fast.limit")),
        "least": short(FACTS.number("fast.least")),
        "best a": short(FACTS.number("fast.best_a")),
    }
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot)
        seen = await looked_around(pilot, "1234567")
        for name, secret in secrets.items():
            told = re.compile(rf"(?<![\d.]){re.escape(secret)}")
            assert not [text for text in seen if told.search(text)], (name, secret)
        for word in ("% of the", "DIVERGING", "Tested", "restarts with", "optimum", "fastest", "converges"):
            assert not [text for text in seen if word in text], word
        # Where something would be, it is said that it is held back: in the row of messages, on the page, by the key.
        assert HELD_BACK in seen[1]
        assert any(REST_HELD_BACK in text for text in seen)
        assert app.session.config.lr == 2.5  # nothing was offered
        await pilot.press("7")
        await pilot.pause()
        assert HELD_BACK in screen_text(app)
        assert "learning rate" not in screen_text(app).splitlines()[-4]

        await go_on(pilot, 2)
        seen = "\n".join(await looked_around(pilot, "1347"))
        for name, secret in secrets.items():
            assert re.search(rf"(?<![\d.]){re.escape(secret)}", seen), (name, secret)
        for word in ("% of the limit", "Tested", "restarts with", "optimum", "* fastest"):
            assert word in seen, word
        assert HELD_BACK not in seen
        assert app.session.config.lr < 2.5


async def test_what_is_not_held_back_is_told_as_ever(make_app):
    lesson = read_lesson(HOLDING.replace('["limit", "forecast", "remedy", "optimum", "map"]', '["remedy"]'))
    app = make_app(library=library("holding", lessons=(lesson,)), passing=True, runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        await start(pilot)
        await pilot.press("e", "e")
        await pilot.pause()
        assert "of the limit" in screen_text(app).splitlines()[0]
        assert f"the limit {rounded_down(FACTS.number('fast.limit'))}" in message(app)
        assert "converges" not in message(app)
