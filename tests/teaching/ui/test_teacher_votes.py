"""The teacher of a class in the app: the page that opens a vote and counts it, and the steps with how far all are."""

import re

import pytest
from app_helpers import burst, told, until
from both_languages import CODES, speaking
from lesson_helpers import footer, library, said, says, shown, small, start
from voters import Students

from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState, now
from quadfit_tui.teaching.course.transcript_entry import Event, parse_line
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import LETTERS
from quadfit_tui.testing import screen_text

FIRST = Question("small", "number", 1, VoteState.OPEN, now())


@pytest.fixture
def taught(make_app, room, tmp_path, monkeypatch):
    """Makes the app of the teacher; gives it and the students."""

    def make(count=4, lessons=None, **options):
        students = Students(tmp_path, monkeypatch, count)
        found = library("small" if lessons is None else lessons[0].id, tmp_path / "teacher.jsonl", lessons)
        found.students = [str(path) for path in students.folders]
        return make_app(library=found, room=Classroom(room.folder), passing=True, **options), students

    return make


def letter(text):
    step = small().by_id["moment"]
    return LETTERS[[answer.text for answer in small().choices(step)].index(text)]


async def page_says(pilot, text):
    """Waits until the page says something, in however many lines."""

    def is_said():
        return text in " ".join(screen_text(pilot.app).replace("│", " ").split())

    try:
        await until(pilot, is_said, seconds=6, every=0.5)
    except AssertionError:
        raise AssertionError(f"{text!r} is not said:\n{screen_text(pilot.app)}") from None


async def test_two_vote_rounds_then_run_shown(taught, room):
    app, students = taught()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("V")
        await until(pilot, lambda: any("To have the class vote" in each for each in told(app)))
        await start(pilot, 3)
        await pilot.press("V")
        await page_says(pilot, "4 students. No vote is open yet.")
        assert "Which way does c go?" in screen_text(app)
        await pilot.press("o")
        await page_says(pilot, "The vote is open. 0 of 4 have answered.")
        assert room.refresh()
        question = room.question
        assert (question.step, question.round, question.state) == ("moment", 1, "open")
        students.vote(small(), question, letter("up"), letter("down"), letter("down"))
        await page_says(pilot, "3 of 4 have answered.")
        before = screen_text(app)
        await pilot.press("b")
        assert screen_text(app) == before  # nothing else while it is open
        assert not any(sign in before for sign in ("█", "right", "student0"))
        await pilot.press("c")
        await page_says(pilot, "The vote is closed. 3 of 4 have answered.")
        await page_says(pilot, "'lessons watch' says how many are right")
        assert "are right, some are not" not in screen_text(app)  # it would sway the second vote
        assert "█" not in screen_text(app)
        students.vote(small(), question, letter("up"), letter("up"), letter("up"), letter("up"))  # too late
        await pilot.press("b")
        await page_says(pilot, "█")
        assert rows(app) == [("up", "1"), ("down", "2")]
        assert "lessons watch" not in screen_text(app)
        assert "✓" not in screen_text(app)
        await pilot.press("2")
        await page_says(pilot, "The second vote is open. 0 of 4 have answered.")
        assert "█" not in screen_text(app)
        assert room.refresh()
        students.vote(small(), room.question, letter("up"), letter("up"), letter("down"), letter("up"))
        await page_says(pilot, "4 of 4 have answered.")
        await pilot.press("c")
        await page_says(pilot, "Most are right: show the run")
        for state in ("The second vote is open.", "The second vote is open. 4 of 4"):  # again; and it stays open
            await pilot.press("2")
            await page_says(pilot, state)
        await pilot.press("c")
        await page_says(pilot, "Most are right: show the run")
        await pilot.press("b")
        await page_says(pilot, "█")
        assert "are right" not in screen_text(app)  # with the bars, it would tell which
        await pilot.press("enter")
        await says(pilot, "The answer is")
        assert app.snapshot.updates == 1
        assert room.refresh()
        assert (room.question.state, room.question.round) == ("shown", 2)
        await pilot.press("V", "b")
        await page_says(pilot, "second vote")
        assert rows(app) == [("up", "1", "3"), ("down", "2", "1")]
        assert "✓" in screen_text(app)
        assert "right" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_votes_in_two_languages_counted_together(taught, room):
    english, chinese = (Catalog.packaged(code).find("rate") for code in CODES)
    question = FIRST._replace(lesson="rate", step="near")
    room.publish(question)
    with speaking("zh_CN"):
        app, students = taught(lessons=(chinese,))
        async with app.run_test(size=(80, 24)) as pilot:
            await says(pilot, "第 1 步")
            await pilot.press("V")
            await page_says(pilot, "4 人中已有 0 人回答。")
            right, wrong = (english.letter(step, step.answers[at]) for step in [english.by_id["near"]] for at in (0, 1))
            students.vote(english, question, right, wrong)
            students.transcripts.reverse()
            students.vote(chinese, question, right, wrong.upper())
            await page_says(pilot, "4 人中已有 4 人回答。")
            await pilot.press("c", "b")
            await page_says(pilot, "█")
            for text in ("更多", "更少"):
                assert re.search(
                    rf"{right if text == '更多' else wrong}  {text}.* 2 █", screen_text(app), re.IGNORECASE
                )


@pytest.mark.parametrize("breaks", [False, True])
async def test_leaving_closes_vote_disconnect_does_not(taught, room, breaks):
    app, _ = taught()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)

        async def state_after(leave):
            await pilot.press("V", "o")
            await page_says(pilot, "The vote is open.")
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            assert (room.refresh(), room.question.state) == (True, "open")
            leave()
            room.refresh()
            return room.question.state

        if breaks:
            assert await state_after(lambda: app.end(129)) == "open"
            return
        assert await state_after(app.teaching.action_leave_lesson) == "closed"
        app.teaching.open_lesson(small())
        await says(pilot, "step 2 of")
        assert await state_after(lambda: app.teaching.open_lesson(small(), True)) == "closed"
        await start(pilot, 2)
        assert await state_after(app.views.action_end) == "closed"


async def test_teacher_reconnects_to_open_vote(taught, room):
    room.publish(FIRST._replace(step="moment"))
    app, _ = taught()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("V")
        await page_says(pilot, "The vote is open. 0 of 4 have answered.")
        assert "Which way does c go?" in screen_text(app)
        await pilot.press("enter")
        await says(pilot, "step 3 of")
        assert (room.refresh(), room.question.state) == (True, "shown")


async def test_unwritable_class_folder_reported(taught, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    app, _ = taught(1)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        monkeypatch.setattr(Classroom, "publish", refuse)
        await pilot.press("V")
        await page_says(pilot, " 1 student. No vote is open yet.")
        for keys in ("o", "c2b"):
            await pilot.press(*keys)
            await page_says(pilot, "cannot be written: Permission denied.")


async def test_step_list_jumps(taught, tmp_path):
    app, _ = taught(3)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "G Steps" in await footer(pilot)
        await pilot.press("G")
        await page_says(pilot, "6 explain In your words")
        listed = [" ".join(row.replace("│", " ").split()) for row in screen_text(app).splitlines()]
        assert [row for row in listed if row[:1].isdigit() and "Fit" not in row] == STEPS
        await pilot.press("down", "down", "down", "enter")
        await says(pilot, "What was the residual?")
        assert "step 4 of 6" in shown(app)[0]
        assert app.snapshot.updates == 1
        assert app.teaching.lesson.course.is_asked
        burst(app, ["G", "up", "enter"])
        await says(pilot, "Which way does c go?")
        assert app.snapshot.updates == 0
        assert app.teaching.waiting_message
        await pilot.press("V")
        await page_says(pilot, "3 students. No vote is open yet.")
        await pilot.press("escape", "S", "S")
        await says(pilot, "The answer is")
        await pilot.press("G", "enter")  # what was done there is not shown again
        await until(pilot, lambda: app.teaching.lesson.course.is_asked)
        assert "The answer is" not in said(app)
    lines = (tmp_path / "teacher.jsonl").read_bytes().splitlines()
    assert Event.ANSWER not in {parse_line(line).event for line in lines}


STEPS = [
    "1 say To read",
    "2 predict A number",
    "3 predict A moment",
    "4 observe What was seen",
    "5 do To do",
    "6 explain In your words",
]


async def test_step_list_without_a_class(make_app):
    found = library("small")
    found.shows_notes = True
    app = make_app(library=found, passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("G")
        await page_says(pilot, "6 explain In your words")
        await pilot.press("end", "enter")
        await says(pilot, "step 6 of 6")


def rows(app):
    """The answers with how often each was given, in the order of the file."""
    found = []
    for text in ("up", "down"):
        (row,) = [row for row in screen_text(app).splitlines() if f"  {text} " in row and "Which" not in row]
        found.append((text, *(part for part in row.split() if part.isdigit())))
    return found


def test_how_the_page_of_the_teacher_looks(taught, snap_compare, room):
    app, students = taught()

    async def go(pilot):
        await start(pilot, 3)
        await pilot.press("V", "o")
        await page_says(pilot, "The vote is open.")
        room.refresh()
        students.vote(small(), room.question, letter("up"), letter("down"), letter("down"))
        await pilot.press("c", "b", "2")
        room.refresh()
        students.vote(small(), room.question, *[letter("up")] * 4)
        await pilot.press("enter")
        await says(pilot, "The answer is")
        await pilot.press("V", "b")
        await pilot.pause(6)  # the note in the corner has gone

    assert snap_compare(app, run_before=go)
