"""A student of a class joins its question by V, votes as often as it is open, and sees the run with the class."""

import pytest
from app_helpers import told, until
from lesson_helpers import footer, library, said, says, shown, start, words

from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState, now
from quadfit_tui.teaching.course.transcript_entry import Event, parse_line
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.teaching.ui.pane.lesson_text import SHOWN_SOON
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.widgets.key_bar import KeyBar

FIRST = Question("small", "number", 1, VoteState.OPEN, now())


@pytest.fixture
def of_class(make_app, room, tmp_path):
    """Makes the app of a student of the class."""

    def make(first=None, **options):
        found = library(first, tmp_path / "transcript.jsonl")
        return make_app(library=found, room=Classroom(room.folder), passing=True, **options)

    return make


async def test_two_votes_then_run_shown(of_class, room, tmp_path):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("V", "G")
        assert not {"Vote", "Steps"} & {*(await footer(pilot)).split()}
        assert len(app.screen_stack) == 1
        room.publish(FIRST)
        await says(pilot, "The class is at 'A number': V joins.")
        assert "step 1 of 6" in shown(app)[0]  # nothing jumps
        assert "V Vote" in await footer(pilot)
        await pilot.press("V")
        await says(pilot, "How many epochs will it take?")
        assert "─ vote ─ predict" in shown(app)[0]
        assert app.teaching.waiting_message
        assert (app.session.config.lr, app.snapshot.updates) == (0.5, 0)
        await pilot.press("space", "n", "S", "S", "H")
        assert app.snapshot.updates == 0
        await pilot.press(*"30", "enter")
        await says(pilot, "You said 30. Counted.")
        await pilot.press(*"3", "enter")
        await says(pilot, "You said 3. Counted.")
        assert "You said 30" not in said(app)
        room.publish(FIRST.ended(VoteState.CLOSED))
        await says(pilot, "You voted 3. The vote is closed. Tell your neighbor")
        assert "Counted" not in said(app)
        assert not any("Your answer" in row for row in shown(app))
        room.publish(FIRST.ended(VoteState.CLOSED).opened(2))
        await says(pilot, "You voted 3. Vote once more")
        assert "second vote" in shown(app)[0]
        await pilot.press(*"40", "enter")
        await says(pilot, "You said 40. Counted.")
        assert "once more" not in said(app)
        room.publish(FIRST.ended(VoteState.CLOSED).opened(2).ended(VoteState.CLOSED))
        await says(pilot, "You voted 40. The vote is closed. Wait for the class.")
        assert "Start run" not in await footer(pilot)
        for key in ("space", "enter"):
            await pilot.press(key)
            await says(pilot, "Wait for the class.")
            assert "skip it" not in said(app)
        assert app.snapshot.updates == 0
        room.publish(FIRST.ended(VoteState.CLOSED).opened(2).ended(VoteState.SHOWN))
        await says(pilot, "You said 40. Right")
        assert "closed" not in said(app)
        assert (app.snapshot.epoch, app.teaching.waiting_message) == (40, ())
        await pilot.press("enter")
        await says(pilot, "step 1 of 6")  # the own lesson
        assert "V Vote" in await footer(pilot)  # it can be looked at once more
        await pilot.press("V")
        await says(pilot, "You said 40. Right")
        await pilot.press("L")
        await says(pilot, "step 1 of 6")
    entries = [parse_line(line) for line in (tmp_path / "transcript.jsonl").read_bytes().splitlines()]
    votes = [(entry.answer, entry.round) for entry in entries if entry.event is Event.ANSWER]
    assert votes == [("30", 1), ("3", 1), ("40", 2)]
    assert sum(entry.event is Event.BEGIN for entry in entries) == 1


async def test_voted_step_hidden_in_own_lesson(of_class, room):
    for is_back in (False, True):  # the second page is that of a student who has closed the first one
        app = of_class("small")
        async with app.run_test(size=(80, 24)) as pilot:
            if not is_back:
                await start(pilot, 2)
                room.publish(FIRST)
                await says(pilot, "The class is at 'A number': V joins.")
                await pilot.press("V")
                await says(pilot, "─ vote ─")
                await pilot.press(*"3", "enter")
                await says(pilot, "You said 3. Counted.")
                await pilot.press("escape", "L")
            await says(pilot, "step 2 of 6")
            assert app.teaching.waiting_message
            assert "reason" not in said(app)
            await pilot.press(*"40", "enter")
            await says(pilot, "The class votes on this question now: Esc, then V joins.")
            assert "never stops" not in said(app)
            assert app.snapshot.updates == 0
            await pilot.press("escape", "S")
            await says(pilot, "The class votes on this question now: Esc, then V joins.")
            await pilot.press("V")
            await says(pilot, "You voted 3.")
    room.publish(FIRST.ended(VoteState.SHOWN))
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "You said 3. It is more than that.")


async def test_lesson_resumes_behind_vote(of_class, room):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        room.publish(FIRST)
        await says(pilot, "V joins.")
        await pilot.press("V")
        await says(pilot, "─ vote ─")
        await pilot.press(*"3", "enter")
        await says(pilot, "You said 3. Counted.")
    app = of_class()  # the line was cut, and no lesson is open
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: told(app), every=0.1)
        await pilot.press("V")
        await says(pilot, "You voted 3.")
        room.publish(FIRST.ended(VoteState.SHOWN))
        await says(pilot, "go on by yourself")
        await pilot.press("enter")
        await says(pilot, "step 3 of 6")
        assert "Which way does c go?" in said(app)


async def test_late_vote_discarded(of_class, room, tmp_path):
    app = of_class()
    async with app.run_test(size=(80, 24)) as pilot:
        room.publish(FIRST._replace(step="moment"))
        await until(pilot, lambda: told(app) == ["The class is at 'A moment': V joins."], every=0.1)
        await pilot.press("V")
        await says(pilot, "Which way does c go?")
        await pilot.press("b")
        room.publish(FIRST._replace(step="moment").ended(VoteState.CLOSED))
        await pilot.press("enter")  # before anybody has looked
        await says(pilot, "Your vote came too late, and does not count")
        assert app.focused is None
        room.publish(FIRST)  # the class has gone on
        await says(pilot, "The class is at 'A number': V joins.")
        await pilot.press("L")
        await until(pilot, lambda: app.teaching.lesson is None)
    assert not (tmp_path / "transcript.jsonl").exists()


async def test_joining_class_from_open_question(of_class, room):
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("3")
        assert "Vote" not in await footer(pilot)
        room.publish(FIRST._replace(step="moment"))
        await says(pilot, "The class is at 'A moment': Esc, then V joins.")
        await pilot.press("escape", "V")
        await says(pilot, "Which way does c go?")
        assert "─ vote ─ predict" in shown(app)[0]
        assert app.focused is None
        await pilot.press("b", "enter")
        await says(pilot, "You said B. Counted.")


async def test_no_redraw_while_nothing_changes(of_class, room):
    room.publish(FIRST)
    app = of_class("small")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await says(pilot, "V joins")
        shows = []
        app.query_one(KeyBar).refresh = lambda *_, **__: shows.append(1)
        app.tell = app.teaching.place.remark = lambda *_, **__: shows.append(2)
        await pilot.pause(5)
        assert shows == []
        (app.teaching.votes.room.folder, open(f"{room.folder}/now.json", "w").close())  # nonsense
        await until(pilot, lambda: app.teaching.votes.room.question is None)


async def test_missed_second_vote_not_mentioned(of_class, room, monkeypatch):
    app = of_class()
    async with app.run_test(size=(80, 24)) as pilot:
        room.publish(FIRST)
        await until(pilot, lambda: told(app), every=0.1)
        await pilot.press("V")
        await says(pilot, "How many epochs")
        await pilot.press(*"30", "enter")
        await says(pilot, "Counted.")
        room.publish(FIRST.ended(VoteState.CLOSED).opened(2))
        await says(pilot, "Vote once more")
        pane, pages = app.query_one(LessonPane), []
        show = pane.show
        monkeypatch.setattr(pane, "show", lambda page: pages.append(page) or show(page))
        room.publish(FIRST.ended(VoteState.CLOSED).opened(2).ended(VoteState.SHOWN))
        await says(pilot, "You said 30. Right")
        soon = [words(page) for page in pages if page.prompt == SHOWN_SOON]  # by a glance a busy machine may miss it
        assert soon
        assert all(text.endswith("You voted 30.") for text in soon)
        assert "You voted" not in words(pages[-1])


async def test_how_the_vote_of_a_student_looks(of_class, snapshot, room):
    app = of_class()
    async with app.run_test(size=(80, 24)) as pilot:
        room.publish(FIRST._replace(step="moment"))
        await until(pilot, lambda: told(app), every=0.1)
        await pilot.press("V")
        await says(pilot, "Which way")
        await pilot.press("b", "enter")
        await says(pilot, "Counted.")
        await pilot.pause(6)  # the note in the corner has gone
        assert screen_text(app) == snapshot
