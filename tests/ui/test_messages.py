"""The rows of messages: what they say in each state, until when, and that nothing else says it."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from app_helpers import at_once, go, message, train
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.messages import NOTHING, STATES, MessageContext, messages
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState, DiagnosisWorker
from quadfit_tui.ui.toolkit.message_queue import Notice
from quadfit_tui.ui.widgets.message_row import MessageRow


def state(app):
    return app.query_one(MessageRow).message.state


def message_of(now, width):
    """What is said in one row."""
    (said,) = messages(now, width)
    return said


def paused(preset, *units):
    session = RunSession(PRESETS[preset])
    for unit in units:
        session.step(unit)
        session.advance(1e9)
    return session.snapshot()


def known(snapshot):
    """All that is found out about a run."""
    worker = DiagnosisWorker(at_once, lambda: None)
    for _ in range(3):
        findings = worker.get_or_start(snapshot)
    return findings


# The table


async def kept(pilot):
    pilot.app.show_notice("It cannot be written.", stays=True)
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
    pilot.app.teaching.waiting_message = "The run waits for your answer.", "waits for your answer"
    pilot.app.refresh_all()
    yield "The run waits for your answer."
    pilot.app.teaching.waiting_message = ()
    pilot.app.refresh_all()


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
    yield "At 0:799 the mean loss was 1.6e+06; the newest is 1.6e+06."
    await pilot.press("home")
    yield "At the start the mean loss was 5.79e+06; the newest is 1.6e+06."
    await pilot.press("end")


async def cell(pilot):
    pilot.app.runs.restart(PRESETS["playground"])
    await pilot.press("6")
    yield "Enter plays lr 0.2 with batch full: a tenth is left after 29.95 epochs."
    await pilot.press("1")


async def narrated(pilot):
    await pilot.press("e")
    yield "At the start c is farthest off: -2400, its best value is 3."
    train(pilot.app, 5)  # the first one stands for two seconds, but what warns comes at once
    yield "The mean loss grew in epoch 4: 6289 to 7572."
    await pilot.press("home")


async def paused_at_newest(pilot):
    await pilot.press("e")
    yield "At the start c is farthest off: -2400, its best value is 3."  # which is new
    pilot.app.session.speed = None
    pilot.app.show_message()
    yield "Half of the mean loss is gone after 1 epoch: 5.79e+06 to 1.6e+06."
    await pilot.press("e")
    yield "Paused after 2 epochs. n makes one update, b takes one back."
    await pilot.press("n")
    yield "Paused after 2 epochs and 1 update. n makes one update, b takes one back."
    pilot.app.session.play()
    pilot.app.training.publish()


async def beside(pilot):
    await pilot.press("n", "l", *"0.3", "enter")
    yield "run 2 vs. run 1: lr 0.5 → 0.3"
    train(pilot.app, 100)


async def opening(pilot):
    pilot.app.base = "playground"
    pilot.app.refresh_all()
    yield "Where will the curve go? Predict, then press Space. The article: p, Enter."
    pilot.app.base = "article"
    pilot.app.refresh_all()
    yield "Base: article. Anything you did not set comes from this preset."
    await pilot.press("n")


SCENES = [kept, told, told_until_a_key, reading, waiting, going, ended, past]
SCENES += [cell, narrated, paused_at_newest, beside, opening]


def test_every_state_has_a_scene():
    assert {scene.__name__.partition("_")[0] for scene in SCENES} == {*STATES}
    assert all(each.ends for each in STATES.values())


@pytest.mark.parametrize("scene", SCENES)
async def test_states_show_and_clear_messages(make_app, scene, large_file):  # noqa: ARG001
    app = make_app(runner=at_once, map_runner=at_once)
    name = scene.__name__.partition("_")[0]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        async for text in scene(pilot):
            await pilot.pause()
            assert message(app) == text
            assert text in screen_text(app)
        await pilot.pause()
        assert state(app) != name


def test_the_most_important_comes_first():
    ended = go(RunSession(PRESETS["article"]), (25, 0)).snapshot()
    now = MessageContext(
        ended,
        notice=Notice("kept", stays=True),
        reading=("reading",),
        waits_for=("waiting",),
        cell=("cell",),
        beside="beside",
        base="article",
        narrated=NarratedSentence(0, "begins", "narrated", "narrated"),
        is_new=True,
    )
    said = [message_of(now, 78).state]
    for change in (
        {"notice": Notice("told")}, {"notice": None}, {"reading": ()}, {"waits_for": ()}, {"cell": ()},
        {"snapshot": go(RunSession(PRESETS["article"]), (25, 0), (3, 0)).snapshot()},
        {"snapshot": RunSession(PRESETS["article"]).snapshot()}, {"base": ""},
        {"snapshot": paused("article", Unit.EPOCH), "is_new": False}, {"is_taught": True}, {"beside": ""},
    ):  # fmt: skip
        now = MessageContext(**vars(now) | change)
        said.append(message_of(now, 78).state)
    order = ["kept", "told", "reading", "waiting", "cell", "ended", "past", "opening"]
    assert said == [*order, "narrated", "paused", "beside", "narrated"]
    assert message_of(MessageContext(**vars(now) | {"narrated": None}), 78) == NOTHING


def test_news_have_a_row_of_their_own_where_there_are_two():
    snapshot, narrated = paused("article", Unit.EPOCH), NarratedSentence(0, "above", "news", "news", True)
    now = MessageContext(snapshot, narrated=narrated, is_new=True)
    hint, news = messages(now, 78, 2)
    assert (hint.state, hint.warns) == ("paused", False)
    assert (news.state, news.lines, news.warns) == ("narrated", ["news"], True)
    told = MessageContext(**vars(now) | {"notice": Notice("told")})
    assert [each.lines for each in messages(told, 78, 2)] == [["told"], ["news"]]
    told = MessageContext(**vars(now) | {"notice": Notice("told " * 30)})
    (both,) = messages(told, 78, 2)
    assert (len(both.lines), both.whole) == (2, "")
    waits = MessageContext(**vars(now) | {"waits_for": ("waiting",)})
    assert [each.lines for each in messages(waits, 78, 2)] == [["waiting"], [""]]
    ended = MessageContext(go(RunSession(PRESETS["article"]), (25, 0)).snapshot(), beside="beside")
    assert [each.state for each in messages(ended, 78, 2)] == ["beside", "ended"]


def test_hints_are_shortened_from_the_end():
    now = MessageContext(RunSession(PRESETS["playground"]).snapshot(), base="playground")
    assert {width: message_of(now, width).lines[0] for width in (78, 58, 38)} == {
        78: "Where will the curve go? Predict, then press Space. The article: p, Enter.",
        58: "Where will the curve go? Predict, then press Space.",
        38: "Predict the curve, then press Space.",
    }
    now = MessageContext(RunSession(PRESETS["article"]).snapshot(), base="article")
    assert message_of(now, 38).lines == ["Base: article."]


def test_past_is_told_in_finite_numbers():
    session = go(RunSession(PRESETS["article"]), (9, 0), (2, 0))
    now = MessageContext(session.snapshot(), run=session.run)
    assert re.fullmatch(r"then \S+, newest \S+", message_of(now, 38).lines[0])
    overflowed = replace(session.run, trained_w=np.full(3, 1e200))
    assert message_of(MessageContext(**vars(now) | {"run": overflowed}), 78).lines == ["viewing 1"]
    session.play()
    assert message_of(MessageContext(session.snapshot(), run=session.run), 78).lines == ["replaying up to epoch 8"]


def test_lesson_secrets_stay_out_of_messages():
    finished = paused("full-batch", *[Unit.EPOCH] * 100)
    at_floor = go(RunSession(PRESETS["noisy"]), (100, 0)).snapshot()

    def said(snapshot, *held, **about):
        findings = known(snapshot)._replace(withheld={*held}, **about)
        return message_of(MessageContext(snapshot, findings), 300).lines[0]

    assert "cannot go below 0.2501" in said(at_floor)
    assert "cannot go below" not in said(at_floor, "optimum")
    end = "Finished all 100 epochs; mean loss still above tol 1e-05."
    assert said(finished, "remedy", more_helps=True) == end
    assert said(finished, "limit") == end


# What is said


def test_how_a_run_ended_and_what_helps():
    converged, finished = paused("article", *[Unit.EPOCH] * 25), paused("full-batch", *[Unit.EPOCH] * 100)

    def said(snapshot, width, **about):
        return message_of(MessageContext(snapshot, **about), width).lines[0]

    end = "Converged after 25 epochs: mean loss below tol 1e-05."
    assert {said(converged, width) for width in (138, 78, 58)} == {end}
    assert said(converged, 38) == "converged after 25 epochs."
    end = "Finished all 100 epochs; mean loss still above tol 1e-05."
    assert said(finished, 78) == end
    helps = DiagnosisState(more_helps=True)
    assert said(finished, 78, findings=helps) == f"{end} c: keep training."
    assert said(finished, 58, findings=helps) == "Finished all 100 epochs. c: keep training."
    early = paused("article-as-printed", Unit.EPOCH, Unit.EPOCH)
    why = "Stopped, although the mean loss, 3.86e+05, is not below tol 1e-05. i: why."
    assert said(early, 138) == said(early, 78, findings=known(early)) == why
    assert said(early, 38) == "stopped too early. i: why."
    diverged = paused("too-fast", *[Unit.EPOCH] * 7)
    assert said(diverged, 78) == "Diverged in epoch 6: the numbers overflowed. i: why."
    why = "lr 1.2 is above the limit 1.03: each step overshot by more. i: what helps."
    assert said(diverged, 138, findings=known(diverged)) == said(diverged, 78, findings=known(diverged)) == why
    assert said(diverged, 38, findings=known(diverged)) == "Diverged: lr 1.2, limit 1.03. i: why."
    assert said(diverged, 35, findings=known(diverged)) == "diverged: lr 1.2, limit 1.03"
    assert said(diverged, 78, findings=DiagnosisState(failed="no")) == said(diverged, 78)


@table("preset", ["article", "full-batch", "too-fast", "article-as-printed", "momentum", "ill-conditioned-scaled"])
def test_one_row_at_40_complete_at_60(preset):
    session = RunSession(PRESETS[preset], speed=None)
    moments = [session.snapshot(), go(session, (0, 1)).snapshot()]
    session.play()
    moments.append(session.snapshot())
    moments.append(go(session, (session.config.epochs,)).snapshot())
    moments.append(go(session, (0,)).snapshot())
    for snapshot in moments:
        for findings, width in product((DiagnosisState(), known(snapshot)), (38, 58, 78, 138)):
            now = MessageContext(snapshot, findings, beside="run 2 vs. run 1: lr 0.5 → 0.3", run=session.run)
            said = message_of(now, width)
            assert len(said.lines) == 1
            assert cell_width(said.lines[0]) <= width
            assert width < 58 or not said.whole


def test_long_message_truncated_with_key_hint():
    now = MessageContext(
        RunSession(PRESETS["article"]).snapshot(), notice=Notice("平均损失没有低于容差，因为每次更新只看一个样本")
    )
    said = message_of(now, 30)
    assert said.lines == ["平均损失没有低于容差… press i"]
    assert cell_width(said.lines[0]) <= 30
    assert said.whole == now.notice.text
    (both,) = messages(now, 30, 2)
    assert len(both.lines) == 2
    assert not both.whole
