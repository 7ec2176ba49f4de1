"""The text of a lesson folded to its place, the row above it, and what of it is in sight on each size of screen."""

import re
from functools import partial
from types import SimpleNamespace

from app_helpers import told, until
from lesson_helpers import SMALL, go_on, library, says, shown, small, start
from pseudo_locale import columns
from tables import table
from textual.geometry import Size

from quadfit_tui.teaching.course.script import StepParagraph, initial_paragraphs
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.lesson_commands import FIRST_ANSWER, Lessons
from quadfit_tui.teaching.ui.pane.lesson_page import fit_prompt, frame_texts, key_at, text_lines
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane, LessonText
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.charts.scrollbar import SIGN
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.message_row import MessageRow
from quadfit_tui.ui.widgets.panes import Panes

SAID = (
    StepParagraph("A title", "title"),
    StepParagraph("one two three four five six seven eight nine ten"),
    StepParagraph("it goes up and up and up", "choice", "a"),
    StepParagraph("down", "choice", "b"),
    StepParagraph("The end.", "said"),
)


def test_paragraphs_are_folded_and_choices_are_indented():
    lines = text_lines(SAID, width=20, height=5)
    assert [line.text for line in lines] == [
        "A title", "one two three four", "five six seven eight", "nine ten",
        "A  it goes up and up", "   and up", "B  down", "The end.",
    ]  # fmt: skip
    assert [line.letter for line in lines] == ["", "", "", "", "a", "a", "b", ""]
    assert [line.begins for line in lines] == [0, 1, None, None, 2, None, 3, 4]


@table(("height", "gaps"), [(11, 3), (10, 0)])
def test_blank_lines_where_room_allows(height, gaps):
    lines = text_lines(SAID, width=20, height=height)
    assert [line.text for line in lines].count("") == gaps
    assert len(lines) == 8 + gaps


def test_mark_position_for_answers_and_choices():
    said = (
        StepParagraph("up", "choice", "a", "right"),
        StepParagraph("down", "choice", "b"),
        StepParagraph("Right, it is so.", "said", mark="wrong"),
    )
    lines = text_lines(said, width=12, height=9)
    assert ["".join(line.with_sign(False)) for line in lines if line.text] == [
        "A✓ up",
        "B  down",
        "✗ Right, it",
        "  is so.",
    ]
    assert [line.with_sign(True)[1] for line in lines if line.text] == ["+", "", "x", ""]


def test_frame_row_fills_width():
    place = ("The learning rate: too small, right, too large", "step 2 of 7", "predict")
    for width in range(1, 90):
        text = "".join(frame_texts(place, ("recorded", "no grade"), width))
        assert len(text) == max(width, 2), width
        assert ("step 2 of 7" in text) is (width >= 31), width
        assert ("recorded ─ no grade ─" in text) is (width >= 63), width
        assert ("recorded ─" in text) is (width >= 52), width
    failed = "".join(frame_texts(place, ("not recorded: Permission denied", "no grade"), 80))
    assert failed == "─ The learning rat… ─ step 2 of 7 ─ predict ── not recorded: Permission denied ─"


@table("title", ["学习率：太小、合适、太大", "e\u0301tude ｄｅ １"])
def test_frame_row_fits_wide_characters(title):
    for width in range(2, 90):
        text = "".join(frame_texts((title, "第 2 步", "预测"), ("有记录", "不评分"), width))
        assert columns(text) == width, width
        assert ("第 2 步" in text) is (width >= 15 + min(columns(title), 12)), width


def test_wide_text_folds_without_leading_comma():
    said = (
        StepParagraph("每次更新都用上全部样本，所以一轮只有一次更新。"),
        StepParagraph("更多轮（大约十倍）", "choice", "a"),
    )
    assert [line.text for line in text_lines(said, width=13, height=5)] == [
        "每次更新都用", "上全部样本，", "所以一轮只有", "一次更新。", "A  更多轮（大", "   约十倍）",
    ]  # fmt: skip


def test_trailing_keys_dropped_to_fit():
    keys = "Enter: next step · R: again · L: leave"
    assert [fit_prompt(keys, width) for width in (40, 38)] == [keys] * 2
    assert [fit_prompt(keys, width) for width in (37, 10)] == ["Enter: next step · R: again", "Enter: next step"]
    assert fit_prompt("Enter：下一步 · R：再来", 23) == "Enter：下一步 · R：再来"
    assert fit_prompt("Enter：下一步 · R：再来", 22) == "Enter：下一步"


def test_each_way_on_has_its_key_where_it_stands():
    keys = "l: rate · H shows a hint · Esc: back · Type A, B or C"
    assert [key_at(keys, column) for column in (0, 6, 7, 10, 26, 36, 40, 60)] == ["l", "l", "", "H", "", "", "", ""]
    assert [key_at(keys, column) for column in (27, 35)] == ["escape"] * 2
    assert [key_at("Enter：下一步 · R：再来", column) for column in (12, 13, 16)] == ["enter", "", "R"]


async def test_a_tap_on_a_way_on_is_its_key(make_app):
    app = make_app(library=library(), passing=True, fps=5)

    async def tap(text):
        rows = screen_text(app).splitlines()
        y = max(at for at, row in enumerate(rows) if text in row)
        await pilot.click(offset=(rows[y].index(text), y))

    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await tap("Enter: next step")
        await says(pilot, "step 2 of")
        await tap("H: hint")
        await says(pilot, "Hint: it never stops.")
        await pilot.press("4")
        await tap("Esc, then H")
        await until(pilot, lambda: app.focused is None)
        await tap("Backspace: step before")
        await says(pilot, "step 1 of")
        await tap("L: leave")
        await until(pilot, lambda: app.teaching.lesson is None)


async def test_a_field_is_kept_as_the_keyboard_of_a_phone_opens(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(54, 41)) as pilot:
        await start(pilot, 2)
        await pilot.press("S", "S")
        await says(pilot, "Enter: ")
        await pilot.press("l")
        await pilot.resize_terminal(54, 22)
        await pilot.press(*"1.5")
        await pilot.pause()
        assert app.focused is app.query_one(Form).control("lr")
        assert app.focused.value == "1.5"
        assert "1.5" in screen_text(app)


async def test_small_screen_prompts_not_truncated(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(40, 12)) as pilot:
        for step in range(1, len(small().steps) + 1):
            await go_on(pilot, step)
            prompts = [shown(app)[-1]]
            if app.teaching.lesson.course.is_asked:
                await pilot.press("escape", "enter")
                prompts.append(shown(app)[-1])
            for prompt in prompts:
                assert re.match(r"(\w+: |Type )[^…]+$", prompt), prompt


async def test_small_screen_footer_toggles_chart(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(60, 20)) as pilot:
        await go_on(pilot, 1)
        for key, first in (("", "esc Chart"), ("escape", "⏎ Answer"), ("enter", "esc Chart")):
            await pilot.press(*filter(None, [key]))
            await until(pilot, lambda first=first: screen_text(app).splitlines()[-1].strip().startswith(first))


async def test_portrait_phone_shows_chart_and_lesson(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(50, 44)) as pilot:
        await go_on(pilot, 1)
        for height, rows in ((44, 16), (30, 12)):
            await pilot.resize_terminal(50, height)
            await pilot.pause()
            chart, lesson = app.query_one(Panes).region, app.query_one(LessonPane).region
            assert (lesson.height, lesson.y > chart.y, chart.height > 9) == (rows, True, True)


def test_scroll_keys_with_and_without_text_beside(make_app):
    """Arrows always scroll the lesson, the other keys only where no page of text is beside it."""
    lessons, moved = Lessons(make_app(), library()), []
    lessons.place.pane = SimpleNamespace(can_scroll=True, move=moved.append)
    assert [lessons.scroll(where, beside) for where in ("up", "end") for beside in (True, False)] == [
        *(True, True),
        *(False, True),
    ]
    assert moved == ["up", "up", "end"]
    lessons.place.pane.can_scroll = False
    assert not lessons.scroll("up", False)


async def test_page_laid_out_without_size_refolds(make_app, monkeypatch):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(60, 20)) as pilot:
        await go_on(pilot, 1)
        rows = shown(app)
        text = app.query_one(LessonText)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(LessonText, "size", Size(0, 0))
            text.lay_out()
        text.refresh()
        await pilot.pause()
        assert shown(app) == rows


async def test_small_screen_lesson_covers_app(make_app):
    app = make_app(library=library(checked=False), passing=True)  # it is checked now, and has no fault
    sizes = [(50, 29), (200, 20), (40, 12)]  # slim, low, small in both ways
    async with app.run_test(size=sizes[0]) as pilot:
        await start(pilot)
        view, pane = app.query_one(Panes), app.query_one(LessonPane)
        for size in sizes:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: pane.region.area)
            assert not view.is_on_screen or not view.region.area, size
            await pilot.press("escape")
            await until(pilot, lambda: view.region.area)
            assert not pane.region.area, size
            await pilot.press("enter")
        await pilot.press("escape", "enter", "enter")
        await says(pilot, "step 2")
        await pilot.press("escape", "n", *"40", "enter")
        await says(pilot, "You said 40.")
        await pilot.press("b")  # what is done in the app is seen
        await until(pilot, lambda: view.region.area)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert view.region.area
        assert pane.region.area


async def test_short_answer_keeps_question_in_view(make_app):
    app = make_app(library=library("update"), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("b")
        await until(pilot, lambda: "This is the start of the run." in screen_text(app))
        assert app.query_one(MessageRow).region.bottom <= app.query_one(LessonPane).region.y
        await pilot.press(*"-4.5", "enter", *"5", "enter", *"4.5", "enter")
        await says(pilot, "You said 4.5. Right: it is 4.5.")
        assert shown(app)[-2].startswith("curve was too low: a goes up.")
        assert "You said 5. It is less than that." in "\n".join(shown(app))


async def test_opening_question_shown_from_first_line(make_app):
    before, reads, after = SMALL.partition("## To read")
    text = before + "## A number" + after.partition("## A number")[2]
    text = text.replace("How many epochs will it take?", "How many epochs will it take? " * 12)
    lesson = read_lesson(text, "small.md")
    assert reads
    app = make_app(library=library(lessons=(lesson,)), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "A number")
        assert shown(app)[1].startswith("A number")
        await pilot.press("pagedown")
        await says(pilot, "Your answers are")


async def test_log_key_swaps_lesson_and_log(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        pane, log = app.query_one(LessonPane), app.query_one(LogView)
        for is_log in (True, False, True):
            await pilot.press("m")
            await until(pilot, lambda is_log=is_log: bool(log.region.area) is is_log)
            assert bool(pane.region.area) is not is_log
        assert "m Text/Log" in screen_text(app).splitlines()[-1]
        await pilot.press("enter")
        await says(pilot, "step 2 of 6")
        await pilot.press("m", "space")
        await until(pilot, lambda: told(app) == [FIRST_ANSWER])  # where it can be seen
        assert not pane.region.area
        await pilot.press("enter")
        await until(pilot, lambda: pane.region.area)
        await pilot.press("escape", "m")
        await pilot.resize_terminal(140, 45)
        await until(pilot, lambda: log.region.area and pane.region.area)
        await pilot.press("m")
        await pilot.pause()
        assert log.region.area
        assert pane.region.area


async def test_a_remark_gives_way_to_the_keys_it_hides(make_app):
    app = make_app(library=library(), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        keys = shown(app)[-1]
        assert "Type a number" in keys
        for ends in (partial(pilot.click, "#lesson-prompt"), partial(pilot.press, "x")):
            await pilot.press("space")
            await until(pilot, lambda: shown(app)[-1] == FIRST_ANSWER)
            await ends()
            await until(pilot, lambda: shown(app)[-1] == keys)


async def test_unreadable_answer_error_clears(make_app):
    """Also while the run of a prediction is shown, before anything is said to the answer."""
    app = make_app(library=library())
    async with app.run_test(size=(100, 45)) as pilot:
        await start(pilot, 2)
        await pilot.press("enter", *"bc", "enter")
        await says(pilot, "'bc' is not a number")
        await pilot.press(*"40", "enter")
        await says(pilot, "The run shows it")
        assert "bc" not in " ".join(shown(app))


async def test_long_text_readable_by_scrolling(make_app):
    long = SMALL.replace("How many epochs", "It is a long question, " * 12 + "how many epochs")
    app = make_app(library=library(lessons=(read_lesson(long, "small.md"),)), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        for size in ((60, 18), (80, 24), (140, 45)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            pane, rows, top, step = app.query_one(LessonText), [], 0, 0
            for _page in range(pane.end):
                pane.move("page_up")
            while True:
                await settled(pilot)
                x, y, width, height = pane.content_region
                seen = [row[x : x + width].replace(SIGN, "") for row in screen_text(app).splitlines()[y : y + height]]
                rows += seen[-step:]
                if top == pane.end:
                    break
                step = min(pane.size.height - 1, pane.end - top)
                top += step
                pane.move("page_down")
            told = "".join("".join(rows).split())
            for said in initial_paragraphs(app.teaching.lesson.course):
                assert "".join(said.text.split()) in told, size
