"""The list of lessons: progress, beginning anew, one's own answers."""

from datetime import UTC, datetime

from app_helpers import until
from lesson_helpers import go_on, left, library, says
from textual.widgets import OptionList

from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.ui.lesson_list import lesson_rows
from quadfit_tui.testing import screen_text


def listed(app):
    """The rows of the list, in words."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(OptionList).options]


async def test_progress_answers_and_beginning_anew(make_app, tmp_path):
    path = left(tmp_path / "transcript.jsonl", [], ["30"], [], ["9", "-9"])
    app = make_app(library=library(path=path), passing=True)
    async with app.run_test(size=(80, 30)) as pilot:
        await says(pilot, "step 5 of 6")
        await pilot.press("L", "L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert listed(app)[0] == "1 4 of 6 5 min A small lesson"
        assert "Do a step of each kind." in screen_text(app)

        await pilot.press("a")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        page = " ".join(screen_text(app).replace("│", " ").split())
        for told in (
            "You did 3 of 6 steps without skipping.",
            "Right at the first try: 0 of 1 question",
            "A number (predict) You ✓ 30 Right 40",
            "A moment (predict) skipped Right B up",
            "What was seen (observe) You 9 You ✓ -9",
        ):
            assert told in page, told
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 2)

        await pilot.press("down", "a")
        await until(pilot, lambda: "You have not answered anything" in screen_text(app))
        await pilot.press("escape", "up", "x")  # which forgot a lesson once
        await pilot.pause()
        assert listed(app)[0] == "1 4 of 6 5 min A small lesson"
        await pilot.press("n")
        await says(pilot, "step 1 of 6")


def test_columns_are_no_wider_than_they_need():
    titles = [lesson.title for lesson in Catalog.packaged().lessons]
    fresh = [LessonProgress(lesson, ()) for lesson in Catalog.packaged().lessons]
    assert lesson_rows(fresh)[:2] == [f" 1  12 min  {titles[0]}", f" 2  15 min  {titles[1]}"]
    lesson = fresh[0].lesson
    begins = Entry(Event.BEGIN, datetime.now(UTC), lesson.id, lesson.version, lesson.digest)
    begun = [LessonProgress(lesson, [begins]), *fresh[1:]]
    assert lesson_rows(begun)[:2] == [f" 1  0 of 9  12 min  {titles[0]}", f" 2          15 min  {titles[1]}"]


async def test_skipped_number_shows_right_answer(make_app, tmp_path):
    app = make_app(library=library(path=left(tmp_path / "transcript.jsonl", [], [])), passing=True)
    async with app.run_test(size=(80, 30)) as pilot:
        await says(pilot, "step 3 of 6")
        await pilot.press("L", "L", "a")
        await until(pilot, lambda: "Your answers: A small lesson" in screen_text(app))
        page = " ".join(screen_text(app).replace("│", " ").split())
        assert "A number (predict) skipped Right 40" in page


async def test_cursor_prerequisite_and_click(make_app, tmp_path):
    path = tmp_path / "transcript.jsonl"  # of an earlier session
    path.write_bytes(b"".join(map(_line, (("limit", 0), ("rate", 1), ("update", 2)))))
    app = make_app(library=library(first="", path=path))
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert app.screen.query_one(OptionList).highlighted == 2
        assert listed(app)[2].startswith("3 0 of 9 15 min An update: residual, gradient, minus")
        assert "Take lesson 2 first." in screen_text(app)
        await pilot.click(OptionList, offset=(10, 0))
        await says(pilot, "step 1 of 6")


def _line(begun):
    lesson, number = begun
    entry = Entry(Event.BEGIN, datetime(2026, 1, 1, tzinfo=UTC), lesson, 1, "0" * 16, attempt=1)
    return format_line(entry, number, None) + b"\n"


async def test_enter_and_l_at_lesson_end(make_app, tmp_path):
    path = left(tmp_path / "transcript.jsonl", [], ["30"], [], ["-9"])
    app = make_app(library=library(path=path), passing=True)
    async with app.run_test(size=(80, 30)) as pilot:
        await says(pilot, "step 5 of 6")
        await go_on(pilot, 6)
        await pilot.press(*"Since it is.", "enter")
        await says(pilot, "You wrote")
        await pilot.press("enter")
        await says(pilot, "Enter: lessons, with your answers")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert app.screen.query_one(OptionList).highlighted == 0
        assert listed(app)[0] == "1 done 5 min A small lesson"
        await pilot.press("a")
        await until(pilot, lambda: "Your answers: A small lesson" in screen_text(app))
        await pilot.press("escape", "escape", "L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert app.screen.query_one(OptionList).highlighted == 1
