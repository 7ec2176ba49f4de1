"""The row of messages: what it says in each state, until when, and that nothing else says it."""

import re
from itertools import product
from pathlib import Path

import pytest
from app_helpers import at_once, burst, go, message, repaints, train, until
from tables import table

import quadfit_tui
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.diagnosis_page import HELD_BACK
from quadfit_tui.core.explain.narrated_epochs import Sentence
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.text.width import columns
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.messages import FAILED, STATES, WORKING, Situation
from quadfit_tui.ui.messages import message as message_of
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisWorker, Findings
from quadfit_tui.ui.toolkit.message_queue import MessageQueue, Told
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.message_row import MessageRow
from quadfit_tui.ui.widgets.scrubber import Scrubber
from quadfit_tui.ui.widgets.view_bar import ViewBar


def state(app):
    return app.query_one(MessageRow).message.state


def paused(preset, *units):
    session = Session(PRESETS[preset])
    for unit in units:
        session.step(unit)
        session.advance(1e9)
    return session.snapshot()


def known(snapshot):
    """All that is found out about a run."""
    worker = DiagnosisWorker(at_once, lambda: None)
    for _ in range(3):
        findings = worker.consult(snapshot)
    return findings


# The table


async def kept(pilot):
    pilot.app.tell("It cannot be written.", stays=True)
    yield "It cannot be written."
    pilot.app.session.play()
    pilot.app.training.publish()
    yield "It cannot be written."  # another state does not end it
    await pilot.press("up")


async def told(pilot):
    await pilot.press("b")
    yield "This is the start of the run."
    pilot.app.session.play()
    pilot.app.training.publish()


async def told_until_a_key(pilot):
    await pilot.press("b")
    yield "This is the start of the run."
    await pilot.press("up")


async def reading(pilot):
    pilot.app.runs.restart(PRESETS["own-data"].replace(data="large.csv"))
    pilot.app.runs.reading.advance = lambda _: None
    yield "Reading large.csv: 0 %; press Esc to stop."
    await pilot.press("escape")


async def waiting(pilot):
    pilot.app.teaching.waits_for = "The run waits for your answer.", "waits for your answer"
    pilot.app.show_anew()
    yield "The run waits for your answer."
    pilot.app.teaching.waits_for = ()
    pilot.app.show_anew()


async def going(pilot):
    advance = pilot.app.session.advance
    pilot.app.session.advance = lambda _: []
    await pilot.press("e")
    await pilot.press("g", *"7", "enter")
    yield "training up to epoch 7…"
    pilot.app.session.advance = advance
    await settled(pilot)


async def ended(pilot):
    train(pilot.app, 25)
    yield "Converged after 25 epochs: mean loss below tol 1e-05."
    await pilot.press("b")


async def past(pilot):
    await pilot.press("e", "b")
    yield "viewing epoch 0:799, latest 0"
    await pilot.press("end")


async def alarm(pilot):
    pilot.app.runs.restart(PRESETS["article-as-printed"])
    await pilot.press("n")  # before that it is to be predicted
    yield "lr 0.5 is 49 % of the limit 1.03; stops after 2 epochs, too early; i: why"
    pilot.app.runs.restart(PRESETS["article"])


async def narrated(pilot):
    await pilot.press("e")
    yield "At the start c is farthest off: -2400, its best value is 3."
    train(pilot.app, 21)  # the first one stands for two seconds
    yield "Half of the mean loss is gone after 1 epoch: 5.79e+06 to 1.6e+06."
    await pilot.press("home")


async def beside(pilot):
    await pilot.press("n", "l", *"0.3", "enter")
    yield "run 2 vs. run 1: lr 0.5 → 0.3"
    train(pilot.app, 100)


async def opening(pilot):
    pilot.app.base = "playground"
    pilot.app.show_anew()
    yield "Predict, then press Space. For the article's run: p, then Enter."
    pilot.app.base = "article"
    pilot.app.show_anew()
    yield "base: article. Anything you did not set comes from this preset."
    await pilot.press("n")


async def diagnosis(pilot):
    yield "lr 0.5 is 49 % of the limit 1.03; press i for details"
    await pilot.press("n")


SCENES = [kept, told, told_until_a_key, reading, waiting, going, ended, past]
SCENES += [alarm, narrated, beside, opening, diagnosis]


def test_every_state_has_a_scene():
    assert [name for name in STATES if name not in {scene.__name__ for scene in SCENES}] == []
    assert all(each.ends for each in STATES.values())


@pytest.mark.parametrize("scene", SCENES)
async def test_states_show_and_clear_messages(make_app, scene, large_file):  # noqa: ARG001
    app = make_app(runner=at_once)
    name = scene.__name__.partition("_until")[0]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        async for text in scene(pilot):
            await pilot.pause()
            assert (state(app), message(app)) == (name, text)
            assert text in screen_text(app)
        await pilot.pause()
        assert state(app) != name


def test_the_most_important_comes_first():
    ended = go(Session(PRESETS["article"]), (25, 0)).snapshot()
    now = Situation(
        ended,
        told=Told("kept", stays=True),
        reading=("reading",),
        waits_for=("waiting",),
        beside="beside",
        base="article",
        narrated=Sentence(0, "begins", "narrated", "narrated"),
    )
    said = [message_of(now, 78).state]
    for change in (
        {"told": Told("told")}, {"told": None}, {"reading": ()}, {"waits_for": ()},
        {"snapshot": go(Session(PRESETS["article"]), (25, 0), (3, 0)).snapshot()},
        {"snapshot": Session(PRESETS["article"]).snapshot()}, {"base": ""}, {"narrated": None}, {"beside": ""},
    ):  # fmt: skip
        now = Situation(**vars(now) | change)
        said.append(message_of(now, 78).state)
    order = [name for name in STATES if name not in ("going", "alarm")]
    assert said == order
    wrong = Session(PRESETS["too-fast"]).snapshot()
    assert message_of(Situation(wrong, known(wrong), beside="beside"), 78).state == "alarm"


def test_lesson_secrets_stay_out_of_messages():
    finished = paused("full-batch", *[Unit.EPOCH] * 100)
    at_floor = go(Session(PRESETS["noisy"]), (100, 0)).snapshot()
    start = Session(PRESETS["too-fast"]).snapshot()

    def said(snapshot, *held, **about):
        findings = known(snapshot)._replace(held={*held}, **about)
        return " ".join(message_of(Situation(snapshot, findings), 300, 2).lines)

    assert "cannot go below 0.2501" in said(at_floor)
    assert "cannot go below" not in said(at_floor, "optimum")
    end = "Finished all 100 epochs; mean loss still above tol 1e-05."
    assert said(finished, "remedy", more_helps=True) == end
    assert said(finished, "limit") == end
    for held in ("limit", "optimum"):
        assert said(start, held) == HELD_BACK[held]
        assert held in HELD_BACK[held]
        assert len(HELD_BACK[held]) <= 38  # whole at 40 columns
        assert not message_of(Situation(start, known(start)._replace(held={held})), 78).warns
    assert said(start, "remedy").startswith("lr 1.2 is above the limit 1.03; press i")


# What is said


def test_how_a_run_ended_and_what_helps():
    converged, finished = paused("article", *[Unit.EPOCH] * 25), paused("full-batch", *[Unit.EPOCH] * 100)

    def said(snapshot, width, rows=1, **about):
        return " ".join(message_of(Situation(snapshot, **about), width, rows).lines)

    end = "Converged after 25 epochs: mean loss below tol 1e-05."
    assert {said(converged, width) for width in (138, 78, 58)} == {end}
    assert said(converged, 38) == "converged after 25 epochs."
    end = "Finished all 100 epochs; mean loss still above tol 1e-05."
    assert said(finished, 78) == end
    helps = Findings(more_helps=True)
    assert said(finished, 78, findings=helps) == f"{end} c: keep training."
    assert said(finished, 58, findings=helps) == "finished all 100 epochs."
    early = paused("article-as-printed", Unit.EPOCH, Unit.EPOCH)
    why = "Stopped, although the mean loss, 3.86e+05, is not below tol 1e-05. i: why."
    assert said(early, 138) == said(early, 78, findings=known(early)) == why
    assert said(early, 38) == "stopped too early. i: why."
    diverged = paused("too-fast", *[Unit.EPOCH] * 7)
    assert said(diverged, 78) == "Diverged in epoch 6: the numbers overflowed. i: why."
    why = "lr 1.2 is above the limit 1.03: each step overshot by more. i: what helps."
    assert said(diverged, 138, findings=known(diverged)) == said(diverged, 78, findings=known(diverged)) == why
    assert said(diverged, 38, findings=known(diverged)) == "diverged: lr 1.2, limit 1.03"
    assert said(diverged, 78, findings=Findings(failed="no")) == said(diverged, 78)


def test_pending_and_failed_diagnosis_messages():
    now = Session(PRESETS["article"]).snapshot()
    assert message_of(Situation(now), 78).lines == [WORKING]
    assert message_of(Situation(now, Findings(failed="ValueError: no")), 78).lines == [FAILED]


@table("preset", ["article", "full-batch", "too-fast", "article-as-printed", "momentum", "ill-conditioned-scaled"])
def test_one_row_at_40_complete_at_60(preset):
    session = Session(PRESETS[preset], speed=None)
    moments = [session.snapshot(), go(session, (0, 1)).snapshot()]
    session.play()
    moments.append(session.snapshot())
    moments.append(go(session, (session.config.epochs,)).snapshot())
    moments.append(go(session, (0,)).snapshot())
    for snapshot in moments:
        for findings, width in product((Findings(), known(snapshot)), (38, 58, 78, 138)):
            said = message_of(Situation(snapshot, findings), width)
            assert len(said.lines) == 1
            assert columns(said.lines[0]) <= width
            assert width < 58 or not said.whole


def test_long_message_truncated_with_key_hint():
    now = Situation(Session(PRESETS["article"]).snapshot(), told=Told("平均损失没有低于容差，因为每次更新只看一个样本"))
    said = message_of(now, 30)
    assert said.lines == ["平均损失没有低于容差… press i"]
    assert columns(said.lines[0]) <= 30
    assert said.whole == now.told.text
    assert len(message_of(now, 30, 2).lines) == 2
    assert not message_of(now, 30, 2).whole


# Told, and until when


def test_persistent_messages_wait_for_seen_key():
    queue = MessageQueue()
    for text in ("first", "second", "first"):
        queue.add(Told(text, stays=True))
    queue.add(Told("in passing"))
    queue.pass_state()
    queue.pass_key(is_seen=False)  # typed ahead
    assert queue.shown.text == "first"
    queue.pass_key(is_seen=True)
    assert queue.shown.text == "second"
    queue.pass_key(is_seen=True)
    assert queue.shown is None


async def test_typed_ahead_keys_keep_unseen_message(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.tell("It must not be missed.", stays=True)
        burst(app, "upupup")
        await until(pilot, lambda: app.session.unit is Unit.EPOCH and "must not be missed" in screen_text(app))
        await pilot.press("up")
        assert "must not be missed" not in screen_text(app)


async def test_repeated_wrong_key_paints_nothing(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        painted = repaints(app.query_one(MessageRow))
        burst(app, ["b", "b"])
        await pilot.pause()
        assert message(app) == "This is the start of the run."
        assert painted == []


async def test_message_shown_below_open_page(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark", "ctrl+c")
        await pilot.pause()
        rows = screen_text(app).splitlines()
        assert rows[-1].strip() == "Press q to quit (ctrl+q inside a field)."
        await pilot.press("down")
        await pilot.pause()
        assert "Press q" not in screen_text(app).splitlines()[-1]


async def test_i_opens_full_long_message(make_app):
    app, text = make_app(), " ".join(["A file of presets that cannot be read is told of at length."] * 6)
    async with app.run_test(size=(80, 24)) as pilot:
        app.tell(text, stays=True)
        await pilot.pause()
        assert message(app).endswith("… press i")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        await pilot.pause()
        shown = " ".join(row.strip(" │") for row in screen_text(app).splitlines())
        assert text in " ".join(shown.split())
        await pilot.press("i", "i")
        await until(pilot, lambda: "Learning rate" in screen_text(app) or WORKING in screen_text(app))


async def test_row_height_and_no_overlap(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        texts = ("Short.", "A sentence that goes on and on. " * 9)
        for size, text in product([(40, 12), (60, 20), (80, 24), (80, 30), (140, 45)], texts):
            await pilot.resize_terminal(*size)
            app.tell(text)
            await pilot.pause()
            row = app.query_one(MessageRow)
            assert row.region.height == len(row.message.lines) == (2 if size[1] >= 30 and text != "Short." else 1)
            for other in (LogView, KeyBar, ViewBar, "Header", ChartView, Scrubber):
                assert not row.region.overlaps(app.query_one(other).region), other


async def test_only_warnings_have_alarm_color(make_app):
    app = make_app(runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        row = app.query_one(MessageRow)
        await pilot.press("n", "y")
        assert (message(app)[:6], row.has_class("-alarm")) == ("Copied", False)
        await pilot.press("x")
        assert row.has_class("-alarm")
        await pilot.press("up")
        assert not row.has_class("-alarm")


def test_nothing_is_told_by_toasts():
    found = [
        f"{path.name}: {line.strip()}"
        for path in Path(quadfit_tui.__file__).parent.rglob("*")
        if path.suffix in (".py", ".tcss")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bnotify\(|clear_notifications|Toast", line) and "_changed.notify()" not in line
    ]
    assert found == []
