"""The app in wide characters, at several sizes: no word cut within a character, no number changed, no text lost."""

import re
import unicodedata

import pytest
from app_helpers import at_once, screen_text, train, until
from lesson_helpers import SMALL, go_on, library
from made_lessons import TEXTS
from pseudo_locale import cells, columns, translate, translated, twice, wide
from trials import rounds

from quadfit_tui.teaching.course.script import Said, said_at_first
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.pane.lesson_page import text_lines
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonText
from quadfit_tui.ui.charts.scrollbar import SIGN
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import ChartView

SIZES = rounds([(140, 45), (60, 18), (80, 24), (120, 30)])
PAGES = [str(number) for number, view in enumerate(VIEWS.values(), 1) if view.is_page]
# The map is in test_rate_map.py: it is a chart once it is worked out.
CHARTS = [str(number) for number, (name, view) in enumerate(VIEWS.items(), 1) if not view.is_page and name != "map"]
OVER = ["l", "t", "k"]  # what opens over them, and has letters of theirs
LONG = SMALL.replace("How many epochs", "It is a long question, " * 12 + "how many epochs").replace(
    "It is below", "No, " * 60
)
_CUT = re.compile(r"[A-Za-z]*…\s*")  # what fills half of a wide letter there


def narrow(text):
    """A text without blanks, in ASCII again."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def text_in(app, region):
    """The text in a region, row for row; half of a wide character at its edge is a blank."""
    rows = [cells(row)[region.x : region.right] for row in screen_text(app).splitlines()[region.y : region.bottom]]
    return ["".join(row) for row in rows]


async def screens(make_app, keys):
    """The rows after each of the keys, of views or of what opens over them, at each size."""
    found = {}
    app = make_app("full-batch", runner=at_once)
    async with app.run_test(size=SIZES[0]) as pilot:
        train(app, 3)
        app.runs.action_twin_of("schedule")
        await pilot.pause()
        train(app, 5)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
                place = app.screen.children[0] if len(app.screen_stack) > 1 else app.screen
                found[size, key] = text_in(app, place.region)
                assert {columns(row) for row in screen_text(app).splitlines()} == {size[0]}
                if key in OVER:
                    await pilot.press("escape")
    return found


async def test_a_wide_letter_takes_the_place_of_two_and_nothing_else_differs(make_app, monkeypatch):
    keys = (*CHARTS, *OVER)
    with monkeypatch.context() as patched:
        translate(patched, lambda text: twice(wide(text)))
        expected = await screens(make_app, keys)
    translate(monkeypatch)
    found = await screens(make_app, keys)
    for place, rows in found.items():
        for row, other in zip(rows, expected[place], strict=True):
            assert _CUT.sub("…", twice(row)) == _CUT.sub("…", other), (place, rows)


async def test_pages_in_wide_letters_lose_no_text(make_app, monkeypatch):
    translate(monkeypatch)
    app = make_app("full-batch", runner=at_once)
    async with app.run_test(size=SIZES[0]) as pilot:
        train(app, 3)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for key in PAGES:
                await pilot.press(key)
                await pilot.pause()
                view = [*VIEWS.values()][int(key) - 1]
                whole = narrow("".join(row.text for row in view.draw(scene_of(app.session), {}).rows))
                pane = app.query_one("#first", ChartView)
                assert narrow("".join(text_in(app, pane.content_region)).replace(SIGN, "")) in whole


@pytest.mark.parametrize("width", rounds([29, 78, 59, 99]))
def test_no_word_of_a_lesson_in_wide_letters_is_lost(width):
    for name, text in TEXTS.items():
        said = tuple(Said(paragraph, letter=letter) for paragraph in translated(text).split("\n\n") for letter in "a ")
        lines = text_lines(said, width, 24)
        assert max(columns(line.text) for line in lines) <= width, name
        told = [("" if each.letter == " " else "A") + each.text for each in said]
        assert narrow("".join(line.text for line in lines)) == narrow("".join(told)), name


async def test_all_of_a_lesson_in_wide_letters_can_be_read(make_app):
    lesson = read_lesson(translated(LONG), "small.md")
    app = make_app(library=library(lessons=(lesson,)), passing=True)
    async with app.run_test(size=SIZES[0]) as pilot:
        for number, step in enumerate(lesson.steps[:4], 1):
            await go_on(pilot, number)
            course = app.teaching.lesson.course
            asked = [said.letter.upper() + said.text for said in said_at_first(course)]
            for size in SIZES:
                await pilot.resize_terminal(*size)
                await pilot.pause()
                told = await read(pilot)
                for text in asked:
                    assert narrow(text) in told, (size, step.id)
            if step.is_choice:
                await pilot.press("a", "b", "enter")
                await until(pilot, lambda: app.teaching.lesson.course.feedback, seconds=6)
                await pilot.pause()
                assert narrow(app.teaching.lesson.course.feedback) in await read(pilot)


async def read(pilot):
    """All that the pane of a lesson says, without blanks: what is in sight at first, and by scrolling."""
    pane = pilot.app.query_one(LessonText)
    for _ in range(pane.end):
        pane.move("page_up")
    rows, top, step = [], 0, 0
    while True:
        await pilot.pause()
        rows += [row.replace(SIGN, "") for row in text_in(pilot.app, pane.content_region)][-step:]
        if top == pane.end:
            return narrow("".join(rows))
        step = min(pane.size.height - 1, pane.end - top)
        top += step
        pane.move("page_down")
