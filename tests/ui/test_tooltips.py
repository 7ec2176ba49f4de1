"""What a word means, beside the mouse: where it is told, and that it goes."""

from app_helpers import at_once
from textual.widgets import Tooltip

from quadfit_tui.core.explain.glossary import WORDS
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.form.form_field import NAME_WIDTH
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.header import Header


def told(app):
    """What is told beside the mouse; nothing where it is not to be seen."""
    tooltip = app.screen.query_one(Tooltip)
    return " ".join(str(tooltip.render()).split()) if tooltip.display else ""


async def point(pilot, words, row, at=None):
    """Has the mouse rest on words in a row of the screen."""
    line = screen_text(pilot.app).splitlines()[row]
    for _ in range(2):  # as it comes along: where something is told, the first move only ends that
        await pilot.hover(offset=(line.index(words) if at is None else at, row))
    await pilot.pause(1)


async def test_words_of_the_header_and_the_folded_form_are_told(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24), tooltips=True) as pilot:
        await pilot.pause()
        for row, words, word in (
            (0, "READY", "state"), (0, "epochs", "epoch"), (0, "learning", "learning rate"), (0, "39 %", "limit"),
            (1, "fitted", "fitted"), (1, "true", "true"), (1, "mean", "mean loss"),
            (2, "sgd", "sgd"), (2, "full", "batch"), (2, "constant", "constant"), (2, "lr", "learning rate"),
        ):  # fmt: skip
            await pilot.hover(ChartView)
            await point(pilot, words, row)
            assert told(app) == WORDS[word], words
            place = app.screen.query_one(Tooltip).region
            assert (place.width <= 62, place.height <= 3) == (True, True), words
        await pilot.hover(ChartView)
        await point(pilot, "playground", 2)
        assert told(app) == ""


async def test_names_in_the_form_are_told_and_not_the_values(make_app):
    app = make_app("playground", capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(100, 30), tooltips=True) as pilot:
        await pilot.pause()
        for name, says in (("batch", WORDS["batch"]), ("schedule", WORDS["constant"]), ("noise", "standard deviation")):
            row = app.query_one(f"#field-{name}").region
            await pilot.hover(ChartView)
            await point(pilot, "", row.y, row.x + 1)
            assert told(app).startswith(says)
            assert told(app).isascii()
            await point(pilot, "", row.y, row.x + NAME_WIDTH + 1)
            assert told(app) == ""
        await pilot.hover("#field-preset Label")
        await pilot.pause(1)
        assert told(app) == WORDS["preset"]


async def test_it_goes_with_the_mouse_a_key_and_a_click(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24), tooltips=True) as pilot:
        await pilot.pause()
        for leave in (
            lambda: pilot.hover(ChartView),
            lambda: pilot.press("n"),
            lambda: pilot.click(Header, offset=(3, 1)),
            lambda: pilot.press("question_mark", "escape"),
        ):
            await point(pilot, "fitted", 1)
            assert told(app) == WORDS["fitted"]
            await leave()
            await pilot.pause()
            assert told(app) == ""
            await pilot.hover(ChartView)
