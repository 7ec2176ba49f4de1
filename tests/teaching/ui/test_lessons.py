"""A lesson in the app: taken by keys, left and come back to; the keys of its questions."""

import json

from app_helpers import at_once, burst, until
from languages import speaking
from lesson_helpers import SMALL, go_on, left, library, said, says, shown, small, start
from virtual_time import TIME

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import START
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import LETTERS
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.lesson_commands import FIRST_ANSWER
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonPane
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.message_row import MessageRow
from quadfit_tui.ui.widgets.panes import Panes


def events_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


RATE = Catalog.packaged().find("rate")


def letter(step, row=0):
    """The key of a choice at a step of the lesson on the rate, by its row in the file: first stands the right one."""
    step = RATE.by_id[step]
    return LETTERS[RATE.choices(step).index(step.answers[row])]


async def test_rate_lesson_completed_by_keys(make_app, tmp_path):
    path = tmp_path / "transcript.jsonl"
    app = make_app(library=library("rate", path), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert app.session.config.lr == 0.1
        await pilot.press("enter")
        await says(pilot, "does it take now?")
        await pilot.press(letter("ten", 2), "enter")  # that it never gets there
        await says(pilot, "It does, after 136 epochs.")
        # The whole run was shown, at another pace than before, which is the student's again.
        assert (app.session.config.lr, app.snapshot.status, app.snapshot.epoch) == (1, "converged", 136)
        assert app.session.speed == 10
        await pilot.press("enter", letter("near"), "enter")
        await says(pilot, "It takes 484.")
        assert app.session.config.lr == 1.76
        await pilot.press("enter")
        await says(pilot, "Try four:")
        for number, rate in enumerate(("0.5", "1", "1.4", "1.7"), 1):
            await pilot.press("l", *rate, "enter")
            await says(pilot, f"{number} of 4 different runs" if number < 4 else "Done.")
        assert any(row.startswith("epochs   277   136   96    136") for row in shown(app))
        await pilot.press("enter")
        await says(pilot, "Find a rate")
        await pilot.press("l", *"1.7", "enter")
        await says(pilot, "So near the limit")
        await says(pilot, "l: rate · H: hint")
        await pilot.press("l", *"1.6", "enter")
        await says(pilot, "Done.")
        await pilot.press("enter")
        await says(pilot, "Arrows, Tab, mouse or finger: draw")
        await pilot.press("tab", "down", "enter")
        await says(pilot, "our curve ")
        assert app.session.config.lr == 1.8
        await pilot.press("enter")
        await says(pilot, "Why?")
        await until(pilot, lambda: app.snapshot.status == "diverged")
        await pilot.press("enter", letter("other", 1), "enter")
        await says(pilot, "With the data before")
        await pilot.press(letter("other"), "enter")  # what was wrong is replaced
        await says(pilot, "Right. It is 0.511.")
        await pilot.press("enter")
        await says(pilot, "Find a rate that takes")
        assert app.session.config.lr == 0.05
        await pilot.press("l", *"0.4", "enter")
        await says(pilot, "Done.")
        await pilot.press("enter", *"It costs a lot of time.", "enter")
        await says(pilot, "You wrote: It costs a lot of time.")
        await pilot.press(letter("why"), "enter")
        await says(pilot, "At 0.1 the run took 1406")
        await pilot.press("enter")
        await says(pilot, "This is the end of the lesson.")
        assert said(app).endswith("You did 9 of 9 steps without skipping.")
        assert "Right at the first try" not in said(app)
        await pilot.press("enter")
        await says(pilot, "once more")
        await pilot.press("L", "L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert app.teaching.lesson is None
        assert "done" in next(row for row in screen_text(app).splitlines() if "The learning rate" in row)
    found = events_of(path)
    assert [entry["answer"] for entry in found if entry["event"] == "answer" and "answer" in entry] == [
        "lr:0.5", "lr:1", "lr:1.4", "lr:1.7", "lr:1.7", "lr:1.6", "lr:0.4",
    ]  # fmt: skip
    assert [entry["event"] for entry in found[-3:]] == ["done", "end", "aside"]


async def test_chinese_lesson_completed_by_keys(make_app, tmp_path):
    path = tmp_path / "transcript.jsonl"
    with speaking():
        lessons = Catalog.packaged("zh_CN").lessons
        app = make_app(library=library("rate", path, lessons), passing=True, fps=5)
        runs = {4: ["0.5", "1", "1.4", "1.7"], 5: ["1.6"], 8: ["0.4"]}
        typed = {
            **{2: [letter("ten"), "enter"], 3: [letter("near"), "enter"], 6: ["tab", "down", "enter"]},
            **{7: ["enter", letter("other"), "enter"]},
            **{9: [*"学习率太小会更费时间。", "enter", letter("why"), "enter"]},
        }
        async with app.run_test(size=(80, 24)) as pilot:
            for step in range(1, 10):
                await says(pilot, f"第 {step} 步，共 9 步")
                for rate in runs.get(step, []):
                    await pilot.press("l", *rate, "enter")
                    await until(pilot, lambda: not app.session.is_busy)
                await pilot.press(*typed.get(step, []))
                await says(pilot, "Enter：下一步")
                await pilot.press("enter")
            await until(pilot, lambda: "9 步" in said(app))
            await until(pilot, lambda: events_of(path)[-1]["event"] == "end")
    progress = LessonProgress(
        Catalog.packaged().find("rate"), Transcript(TranscriptLocation(str(path), 0o640)).of_lesson("rate")
    )
    assert progress.is_ended
    assert progress.score.done == 9


async def test_idle_lesson_sends_nothing_and_resumes(make_app, tmp_path, monkeypatch):
    path = tmp_path / "transcript.jsonl"
    app = make_app(library=library(path=path), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        for step in (1, 2):
            await go_on(pilot, step)
            await pilot.pause(1)
            sent = []
            with monkeypatch.context() as patched:
                patched.setattr(type(app), "_display", lambda *about, sent=sent: sent.append(about))
                await pilot.pause(3)
            assert not sent
        await pilot.press("L")
        await until(pilot, lambda: app.teaching.lesson is None)
        assert not app.query_one(LessonPane).display
        await pilot.press("n")  # all keys are the app's again
        assert app.snapshot.updates == 1
        await pilot.press("H", "S", "R", "a", "enter")
        assert (app.focused, len(app.screen_stack)) == (None, 1)
        await pilot.press("L")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert any("1 of 6" in row and "A small lesson" in row for row in screen_text(app).splitlines())
        await pilot.press("enter")
        await says(pilot, "step 2 of 6")
        assert (app.snapshot.newest, app.session.config.lr) == (START, 0.5)
    assert [each.get("aside") for each in events_of(path) if each["event"] == "aside"] == ["left", "back"]
    other = make_app(library=library(path=path), passing=True)  # the program was ended meanwhile
    async with other.run_test(size=(80, 24)) as pilot:
        await says(pilot, "step 2 of 6")
        assert other.query_one(Panes).view == "loss"


async def test_moment_replay_and_task_at_rest(make_app, tmp_path, monkeypatch):
    """A moment is shown by a single update, and a task is judged only once the run is paused."""
    monkeypatch.setattr(Transcript, "readers", ReadAccess.GIVEN)
    session = RunSession(PRESETS["article"], clock=TIME.of_timers)  # else it plays on to its end on a busy machine
    app = make_app(library=library(path=left(tmp_path / "transcript.jsonl", [], [])), session=session)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "step 3 of")
        assert any("A  " in row for row in shown(app))
        await pilot.press("b", "enter")
        await says(pilot, "You said B:")
        assert app.snapshot.updates == 1
        await pilot.press("R")
        await until(pilot, lambda: app.snapshot.updates == 1)
        await pilot.press("enter")
        await says(pilot, "What was the residual?")
        assert app.snapshot.updates == 1
        await pilot.press("H", "H", "H")
        await says(pilot, "There is no further hint.")
        assert sum("Hint: it is y_out" in row for row in shown(app)) == 1
        await pilot.press(*"9", "enter", *"-9", "enter")
        await says(pilot, "You said -9. Right: it is -9.")
        # All of it can be read again.
        await pilot.press(*["up"] * 20)
        assert "What was seen" in shown(app)[1]
        await pilot.press("enter")
        await says(pilot, "Make three updates.")
        keys = [key.label for key in app.query_one(KeyBar).keys]
        assert "Answer" not in keys
        assert "Skip" in keys
        assert "Hint" not in keys  # it has none
        await pilot.press("enter")
        assert shown(app)[-1].rstrip().endswith("No run of this task has ended yet: space plays it.")
        await pilot.press("R")
        assert "s: settings, space: play · S: skip · R: again" in shown(app)[-1]
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.updates >= 4)
        await pilot.pause()
        assert "Done." not in shown(app)  # it plays on
        await pilot.press("space")
        await says(pilot, "Done.")
        await pilot.press("enter", *"since", "enter")
        await says(pilot, "Recorded for your teacher.")


async def test_lost_record_notice_and_ascii_answering(make_app, tmp_path):
    path = left(tmp_path / "transcript.jsonl", [], [])
    path.write_bytes(b"epoch,lr\n" + path.read_bytes())
    app = make_app(library=library(path=path), passing=True, capabilities=Capabilities(ascii=True, colors=None))
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "step 3 of")
        assert "What you answered before may be" in " ".join(shown(app))
        assert app.teaching.lesson.course.transcript.status == "recorded"
        assert app.query_one(LessonPane).region.contains_point(app.cursor)
        assert not app.shows_cursor
        await pilot.press("b")
        assert all(row.rstrip(" ▐").isascii() for row in shown(app)[1:])  # the scrollbar becomes it when it is sent
        assert app.shows_cursor
        assert screen_text(app).splitlines()[app.cursor.y][app.cursor.x :].startswith("B >")
        await pilot.press("escape", "L")
        await until(pilot, lambda: app.teaching.lesson is None)
        assert app.cursor == app.query_one(MessageRow).content_region.offset


async def test_letter_or_digit_starts_prediction_answer(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("b", "[")
        assert app.focused is None
        assert "   Fit    Loss " in screen_text(app)  # digits are no keys of views now
        burst(app, [*"40", "enter"])
        await says(pilot, "✓ You said 40. Right")
        assert " 1 Fit  2 Loss " in screen_text(app)
        await pilot.press("4")
        assert app.query_one(Panes).view == "surface"
        await go_on(pilot, 3)
        assert " 1 Fit  2 Loss " in screen_text(app)
        await pilot.press("F", "0", "-")
        assert app.focused is None
        await pilot.press("enter", "enter")  # the first leads to the choices, and the second chooses none
        await says(pilot, "Type A or B.")
        assert app.teaching.lesson.course.is_asked
        await pilot.press("escape")
        await pilot.press("B")
        assert any(row.startswith("B >") for row in shown(app))
        await pilot.press("escape", "a", "enter")
        await says(pilot, "You said A:")
        await go_on(pilot, 4)
        assert app.snapshot.updates == 1
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot.updates == 0)
        await pilot.press(*"-9", "enter")  # a number answers also what is observed
        await says(pilot, "You said -9. Right")


async def test_letters_observe_before_they_choose(make_app):
    text = SMALL.replace(" tol=exact answer=-9", "").replace("`-one[0:1].r`", "`one[0:1].r > 0`")
    lesson = read_lesson(text.replace("`one[0:1].r`", "`one[0:1].r < 0`"), "small.md")
    app = make_app(library=library(lessons=(lesson,)), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 4)
        assert "Enter: answer" in shown(app)[-1]
        await pilot.press("b")
        await until(pilot, lambda: app.snapshot.updates == 0)
        assert app.focused is None
        runs = len(app.session.runs)
        await pilot.press("c")  # which would leave the run that is asked about
        await says(pilot, "Answer the question first")
        assert len(app.session.runs) == runs
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: app.teaching.lesson.course.tries == 1)


async def test_explanation_has_keys_at_once(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 6)
        burst(app, "ab L")
        await until(pilot, lambda: any("In your words: ab L" in row for row in shown(app)))
        await pilot.press("escape")
        await says(pilot, "Enter: answer")
        await pilot.press("R")
        assert app.focused is None  # it was set up anew, and is no new question
        await pilot.press("enter", "!", "enter")
        await says(pilot, "You wrote: ab L!")


async def test_hint_and_skip_of_typed_answer(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("3", "escape", "H")
        await says(pilot, "Hint: it never stops.")
        await pilot.press("9", "escape", "S")
        await says(pilot, "To skip this step")
        assert any("Your answer: 9" in row for row in shown(app))
        await pilot.press("S")
        await says(pilot, "The answer is 40.")
        assert app.focused is None
        await go_on(pilot, 3)
        await pilot.pause()
        assert "H" not in {key.key for key in app.query_one(KeyBar).keys}  # there is no hint


async def test_back_to_earlier_step_and_return(make_app, tmp_path):
    path = tmp_path / "transcript.jsonl"
    app = make_app(library=library(path=path), passing=True, runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert "Backspace" not in shown(app)[-1]
        await pilot.press("backspace", "enter", "4", "0", "enter")
        await says(pilot, "You said 40.")
        await go_on(pilot, 3)
        before = events_of(path)
        await pilot.press("backspace")
        await says(pilot, "✓ You said 40. Right: it is 40.")
        assert "Enter: back to where you were" in shown(app)[-1]
        assert (app.snapshot.epoch, app.session.config.lr) == (40, 0.5)
        app.query_one(LessonPane).remark("")
        await pilot.press("space")
        assert FIRST_ANSWER in shown(app)  # of the step that is open
        await pilot.press("backspace")
        await says(pilot, "step 1 of 6")
        await pilot.press("enter")
        await says(pilot, "step 3 of 6")
        assert (app.snapshot.newest, app.session.config.lr) == (START, 0.25)
        assert events_of(path) == before


async def test_removed_view_of_a_step_is_fit_and_told(make_app):
    lesson = read_lesson(SMALL.replace("view=loss", "view=words"), "small.md")
    app = make_app(library=library(lessons=(lesson,)), passing=True, runner=at_once, views={"loss": {}})
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        assert app.query_one(Panes).view == "fit"
        assert "View words is gone, fit is shown; key i and run --format spoken tell the run." in screen_text(app)


async def test_earlier_runs_excluded_from_lesson_charts(make_app):
    app = make_app("noisy", library=library(first=""), passing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "r", "n")
        app.teaching.open_lesson(small())
        await start(pilot)
        assert app.session.earlier == ()
        assert app.snapshot.epoch == 40
        await go_on(pilot, 2)
        await until(pilot, lambda: "lr 0.25, 40 epochs" in screen_text(app))
