"""A class in the app: a student joins its question by V and goes along with it; the teacher's page opens and counts."""

import re

import pytest
from app_helpers import burst, screen_text, told, until
from both_languages import CODES, speaking
from lesson_helpers import library, says, shown, small, start
from snapshots import Taken
from voters import Students

from quadfit_tui.core.classroom.classroom import Classroom, Question, State, now
from quadfit_tui.core.course.course import Course
from quadfit_tui.core.course.transcript_entry import Event, entry_of
from quadfit_tui.core.judging.facts import Facts
from quadfit_tui.core.lessons.catalog import Catalog
from quadfit_tui.core.lessons.lesson import LETTERS
from quadfit_tui.ui.lessons.pane.lesson_pane import LessonPane
from quadfit_tui.ui.lessons.pane.lesson_text import SHOWN_SOON
from quadfit_tui.ui.widgets.key_bar import KeyBar

FIRST = Question("small", "number", 1, State.OPEN, now())


@pytest.fixture
def room(tmp_path):
    (tmp_path / "class").mkdir()
    return Classroom(str(tmp_path / "class"))


@pytest.fixture
def of_class(make_app, room, tmp_path):
    """Makes the app of a student of the class."""

    def make(first=None, **options):
        found = library(first, tmp_path / "transcript.jsonl")
        return make_app(library=found, room=Classroom(room.folder), passing=True, **options)

    return make


async def footer(pilot):
    await pilot.pause()
    return screen_text(pilot.app).splitlines()[-1]


async def test_a_student_votes_twice_and_sees_the_run_with_the_class(of_class, room, tmp_path):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("V")
        assert "Vote" not in await footer(pilot)
        room.ask(FIRST)
        await says(pilot, "The class is at 'A number': V joins.")
        assert "step 1 of 6" in shown(app)[0]  # nothing jumps
        assert "V Vote" in await footer(pilot)
        await pilot.press("V")
        await says(pilot, "How many epochs will it take?")
        assert "─ vote ─ predict" in shown(app)[0]
        assert app.teaching.waits_for
        assert (app.session.config.lr, app.snapshot.updates) == (0.5, 0)
        await pilot.press("space", "n", "S", "S", "H")
        assert app.snapshot.updates == 0
        await pilot.press("a", *"30", "enter")
        await says(pilot, "You said 30. Counted.")
        await pilot.press(*"3", "enter")
        await says(pilot, "You said 3. Counted.")
        assert "You said 30" not in said(app)
        room.ask(FIRST.ended(State.CLOSED))
        await says(pilot, "You voted 3. The vote is closed. Tell your neighbor")
        assert "Counted" not in said(app)
        assert not any("Your answer" in row for row in shown(app))
        room.ask(FIRST.ended(State.CLOSED).opened(2))
        await says(pilot, "You voted 3. Vote once more")
        assert "second vote" in shown(app)[0]
        await pilot.press("a", *"40", "enter")
        await says(pilot, "You said 40. Counted.")
        assert "once more" not in said(app)
        room.ask(FIRST.ended(State.CLOSED).opened(2).ended(State.CLOSED))
        await says(pilot, "You voted 40. The vote is closed. Wait for the class.")
        assert "Start run" not in await footer(pilot)
        for key in ("space", "enter"):
            await pilot.press(key)
            await says(pilot, "Wait for the class.")
            assert "skip it" not in said(app)
        assert app.snapshot.updates == 0
        room.ask(FIRST.ended(State.CLOSED).opened(2).ended(State.SHOWN))
        await says(pilot, "You said 40. Right")
        assert "closed" not in said(app)
        assert (app.snapshot.epoch, app.teaching.waits_for) == (40, ())
        await pilot.press("enter")
        await says(pilot, "step 1 of 6")  # the own lesson
        assert "V Vote" in await footer(pilot)  # it can be looked at once more
        await pilot.press("V")
        await says(pilot, "You said 40. Right")
        await pilot.press("L")
        await says(pilot, "step 1 of 6")
    entries = [entry_of(line) for line in (tmp_path / "transcript.jsonl").read_bytes().splitlines()]
    votes = [(entry.answer, entry.round) for entry in entries if entry.event is Event.ANSWER]
    assert votes == [("30", 1), ("3", 1), ("40", 2)]
    assert sum(entry.event is Event.BEGIN for entry in entries) == 1


async def test_a_vote_that_comes_too_late_is_none(of_class, room, tmp_path):
    app = of_class()
    async with app.run_test(size=(80, 24)) as pilot:
        room.ask(FIRST._replace(step="moment"))
        await until(pilot, lambda: told(app) == ["The class is at 'A moment': V joins."], every=0.1)
        await pilot.press("V")
        await says(pilot, "Which way does c go?")
        await pilot.press("a", "b")
        room.ask(FIRST._replace(step="moment").ended(State.CLOSED))
        await pilot.press("enter")  # before anybody has looked
        await says(pilot, "Your vote came too late, and does not count")
        assert app.focused is None
        room.ask(FIRST)  # the class has gone on
        await says(pilot, "The class is at 'A number': V joins.")
        await pilot.press("L")
        await until(pilot, lambda: app.teaching.lesson is None)
    assert not (tmp_path / "transcript.jsonl").exists()


async def test_the_class_is_joined_from_within_an_open_question(of_class, room):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("3")
        assert "Vote" not in await footer(pilot)
        room.ask(FIRST._replace(step="moment"))
        await says(pilot, "The class is at 'A moment': F4 joins.")
        assert "F4 Vote" in await footer(pilot)
        await pilot.press("f4")
        await says(pilot, "Which way does c go?")
        assert "─ vote ─ predict" in shown(app)[0]
        assert app.focused is None
        await pilot.press("b", "enter")
        await says(pilot, "You said B. Counted.")


async def test_nothing_is_shown_as_long_as_nothing_changes(of_class, room):
    room.ask(FIRST)
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await says(pilot, "V joins")
        shows = []
        app.query_one(KeyBar).refresh = lambda *_, **__: shows.append(1)
        app.tell = app.teaching.remark = lambda *_, **__: shows.append(2)
        await pilot.pause(5)
        assert shows == []
        (app.teaching.room.folder, open(f"{room.folder}/now.json", "w").close())  # nonsense
        await until(pilot, lambda: app.teaching.room.question is None)


async def test_who_did_not_vote_the_second_time_reads_nothing_of_it_while_the_run_is_shown(of_class, room, monkeypatch):
    app = of_class()
    async with app.run_test(size=(80, 24)) as pilot:
        room.ask(FIRST)
        await until(pilot, lambda: told(app), every=0.1)
        await pilot.press("V")
        await says(pilot, "How many epochs")
        await pilot.press("a", *"30", "enter")
        await says(pilot, "Counted.")
        room.ask(FIRST.ended(State.CLOSED).opened(2))
        await says(pilot, "Vote once more")
        pane, pages = app.query_one(LessonPane), []
        show = pane.show
        monkeypatch.setattr(pane, "show", lambda page: pages.append(page) or show(page))
        room.ask(FIRST.ended(State.CLOSED).opened(2).ended(State.SHOWN))
        await says(pilot, "You said 30. Right")
        soon = [words(page) for page in pages if page.prompt == SHOWN_SOON]  # by a glance a busy machine may miss it
        assert soon
        assert all(text.endswith("You voted 30.") for text in soon)
        assert "You voted" not in words(pages[-1])


def words(page):
    return " ".join(each.text for each in page.said)


def said(app):
    """All that was said at the question, in sight or not."""
    return words(app.query_one(LessonPane)._page)


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


async def test_the_teacher_has_the_class_vote_and_shows_the_run(taught, room):
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
        assert room.look()
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
        assert "Some are right, some are not" in screen_text(app)
        assert "█" not in screen_text(app)
        students.vote(small(), question, letter("up"), letter("up"), letter("up"), letter("up"))  # too late
        await pilot.press("b")
        await page_says(pilot, "█")
        assert rows(app) == [("up", "1"), ("down", "2")]
        assert "Some are right" not in screen_text(app)  # with the bars, it would tell which
        assert "✓" not in screen_text(app)
        await pilot.press("2")
        await page_says(pilot, "The second vote is open. 0 of 4 have answered.")
        assert "█" not in screen_text(app)
        assert room.look()
        students.vote(small(), room.question, letter("up"), letter("up"), letter("down"), letter("up"))
        await page_says(pilot, "4 of 4 have answered.")
        await pilot.press("enter")
        await says(pilot, "The answer is")
        assert app.snapshot.updates == 1
        assert room.look()
        assert (room.question.state, room.question.round) == ("shown", 2)
        await pilot.press("V", "b")
        await page_says(pilot, "second vote")
        assert rows(app) == [("up", "1", "3"), ("down", "2", "1")]
        assert "✓" in screen_text(app)
        assert "right" not in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_a_teacher_sees_votes_in_two_languages_as_those_of_one_class_in_the_own(taught, room):
    english, chinese = (Catalog.packaged(code).find("rate") for code in CODES)
    question = FIRST._replace(lesson="rate", step="near")
    room.ask(question)
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
async def test_a_teacher_who_leaves_closes_the_vote_but_for_a_connection_that_breaks(taught, room, breaks):
    app, _ = taught()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)

        async def state_after(leave):
            await pilot.press("V", "o")
            await page_says(pilot, "The vote is open.")
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            assert (room.look(), room.question.state) == (True, "open")
            leave()
            room.look()
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


async def test_after_a_connection_that_broke_the_teacher_comes_back_to_the_vote(taught, room):
    room.ask(FIRST._replace(step="moment"))
    app, _ = taught()
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("V")
        await page_says(pilot, "The vote is open. 0 of 4 have answered.")
        assert "Which way does c go?" in screen_text(app)
        await pilot.press("enter")
        await says(pilot, "step 3 of")
        assert (room.look(), room.question.state) == (True, "shown")


async def test_a_class_of_one_whose_folder_cannot_be_written_is_told_so(taught, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    app, _ = taught(1)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        monkeypatch.setattr(Classroom, "ask", refuse)
        await pilot.press("V")
        await page_says(pilot, " 1 student. No vote is open yet.")
        for keys in ("o", "c2b"):
            await pilot.press(*keys)
            await page_says(pilot, "cannot be written: Permission denied.")


async def test_a_teacher_goes_to_any_step_and_sees_how_far_the_class_is(taught, tmp_path):
    app, students = taught(3)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "G Steps" in await footer(pilot)
        await pilot.press("G")
        await page_says(pilot, "Done: 0. Not begun: 3.")
        for transcript, at in zip(students.transcripts, (1, 3), strict=False):
            course = Course(small(), Facts(small()), transcript)
            course.start()
            course.go_to(small().steps[at])
        await page_says(pilot, "Done: 0. Not begun: 1.")
        listed = [" ".join(row.replace("│", " ").split()) for row in screen_text(app).splitlines()]
        assert [row for row in listed if row[:1].isdigit() and "Fit" not in row] == STEPS
        assert "student0" not in screen_text(app)
        await pilot.press("down", "down", "down", "enter")
        await says(pilot, "What was the residual?")
        assert "step 4 of 6" in shown(app)[0]
        assert app.snapshot.updates == 1
        assert app.teaching.lesson.course.is_asked
        burst(app, ["G", "up", "enter"])
        await says(pilot, "Which way does c go?")
        assert app.snapshot.updates == 0
        assert app.teaching.waits_for
        await pilot.press("V")
        await page_says(pilot, "3 students. No vote is open yet.")
        await pilot.press("escape", "S", "S")
        await says(pilot, "The answer is")
        await pilot.press("G", "enter")  # what was done there is not shown again
        await until(pilot, lambda: app.teaching.lesson.course.is_asked)
        assert "The answer is" not in said(app)
    lines = (tmp_path / "teacher.jsonl").read_bytes().splitlines()
    assert Event.ANSWER not in {entry_of(line).event for line in lines}


STEPS = [
    "1 say To read",
    "2 predict A number 1 █",
    "3 predict A moment",
    "4 observe What was seen 1 █",
    "5 do To do",
    "6 explain In your words",
]


async def test_a_teacher_without_a_class_goes_to_any_step_too(make_app):
    found = library("small")
    found.shows_notes = True
    app = make_app(library=found, passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("G")
        await page_says(pilot, "6 explain In your words")
        assert "Not begun" not in screen_text(app)
        await pilot.press("end", "enter")
        await says(pilot, "step 6 of 6")


async def test_a_student_cannot_go_to_a_step(of_class):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "Steps" not in await footer(pilot)
        await pilot.press("G")
        await pilot.pause()
        assert len(app.screen_stack) == 1


def rows(app):
    """The answers with how often each was given, in the order of the file."""
    found = []
    for text in ("up", "down"):
        (row,) = [row for row in screen_text(app).splitlines() if f"  {text} " in row and "Which" not in row]
        found.append((text, *(part for part in row.split() if part.isdigit())))
    return found


SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
PICTURES = {}  # of votes, by their names and sizes


async def take(pilot, name):
    """Takes pictures on both sizes of screen, beginning with the one that is there."""
    for size in sorted(SIZES, key=lambda size: SIZES[size] != pilot.app.size):
        await pilot.resize_terminal(*SIZES[size])
        await pilot.pause(6)  # the note in the corner has gone
        PICTURES[name, size] = Taken(pilot.app)


def of_teacher(taught, room):
    """Has a vote, and takes pictures of the page of the teacher."""
    app, students = taught()

    async def go(pilot):
        await start(pilot, 3)
        await pilot.press("V", "o")
        await page_says(pilot, "The vote is open.")
        room.look()
        students.vote(small(), room.question, letter("up"), letter("down"), letter("down"))
        for name, key in (("closed", "c"), ("bars", "b")):
            await pilot.press(key)
            await take(pilot, name)
        await pilot.press("2")
        room.look()
        students.vote(small(), room.question, *[letter("up")] * 4)
        await pilot.press("enter")
        await says(pilot, "The answer is")
        await pilot.press("V", "b")
        await take(pilot, "shown")
        app.exit()

    app.run(headless=True, size=SIZES["80x24"], auto_pilot=go)


@pytest.mark.xdist_group("teacher")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["closed", "bars", "shown"])
def test_how_the_page_of_the_teacher_looks(taught, compare, name, size, room):
    if (name, size) not in PICTURES:
        of_teacher(taught, room)
    compare(PICTURES[name, size])


def of_student(app, room):
    """Votes, and takes pictures."""

    async def go(pilot):
        room.ask(FIRST._replace(step="moment"))
        await until(pilot, lambda: told(app), every=0.1)
        await pilot.press("V")
        await says(pilot, "Which way")
        await pilot.press("a", "b", "enter")
        await says(pilot, "Counted.")
        await take(pilot, "vote")
        app.exit()

    app.run(headless=True, size=SIZES["80x24"], auto_pilot=go)


@pytest.mark.xdist_group("student")
@pytest.mark.parametrize("size", SIZES)
def test_how_the_vote_of_a_student_looks(of_class, compare, room, size):
    if ("vote", size) not in PICTURES:
        of_student(of_class(), room)
    compare(PICTURES["vote", size])
