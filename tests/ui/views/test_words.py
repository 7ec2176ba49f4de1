"""The view *words*: the sentences of the run up to the visited moment, which stay as they are."""

import gc

import pytest
from app_helpers import go

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.charts.text_page import END, TOP, FoldedPage
from quadfit_tui.ui.views import words
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.panes import Panes


def said(session):
    return [row.text for row in VIEWS["words"].draw(scene_of(session), {}).rows]


def spoken(config):
    session, lines = Session(config, speed=None), []
    writing = RunLines(lines.extend, writer_of("spoken")(config))
    session.play()
    while session.is_busy:
        records = session.advance(1.0)
        writing.take(session.snapshot(), records)
    return lines


@pytest.mark.parametrize("name", ["article", "momentum", "noisy", "own-data", "article-as-printed"])
def test_finished_run_matches_format_spoken(name):
    session = Session(PRESETS[name], speed=None)
    session.play()
    while session.is_busy:
        session.advance(1.0, 3)
        said(session)
    assert said(session) == spoken(PRESETS[name])
    other = go(Session(PRESETS[name], speed=None), (PRESETS[name].epochs,))
    assert said(other) == said(session)  # also if nobody looked before


def test_a_divergence_is_told():
    assert "Diverged in epoch 6" in said(go(Session(PRESETS["too-fast"], speed=None), (9,)))[-1]


def test_while_it_plays_sentences_come_and_stay():
    session, seen = Session(PRESETS["momentum"], speed=None), []
    assert len(said(session)) == 1  # the start
    session.play()
    while session.is_busy:
        session.advance(1.0, 1)
        if session.is_busy:
            now = said(session)
            assert now[: len(seen)] == seen
            seen = now
    assert len(seen) > 10
    assert said(session)[: len(seen)] == seen


def test_past_moment_has_earlier_sentences_only():
    session = go(Session(PRESETS["article"], speed=None), (100,))
    whole = said(session)
    lines = said(go(session, (11,)))
    assert lines[:5] == whole[:5]
    assert whole[4].startswith("After 11 epochs")
    assert lines[5:] == ["Paused after 11 epochs.", "Mean loss 10.7, a 7.53, b minus 8.60, c 2.09."]
    assert said(go(session, (10, 3)))[4] == "Paused after 10 epochs and 3 updates."
    assert said(go(session, (0,))) == [whole[0], "Paused after 0 epochs.", "Mean loss 5.79 million, " + whole[0][31:]]
    assert said(go(session, (100,))) == whole


def test_speech_is_freed_with_its_run():
    gc.freeze()  # what other tests have left takes seconds to collect
    session = go(Session(PRESETS["full-batch"], speed=None), (5,))
    said(session)
    timeline = session.timeline
    assert timeline in words._speeches
    count = len(words._speeches)
    del session, timeline
    gc.collect()
    gc.unfreeze()
    assert len(words._speeches) < count


def test_folded_page_follows_its_end():
    page = VIEWS["words"].draw(scene_of(go(Session(PRESETS["article"], speed=None), (100,))), {})
    folded = FoldedPage(page, 79, 4)
    assert folded.begin == END
    assert [row.text.rstrip(" ▐") for row in folded.rows(END)] == [row.text for row in page.rows[-4:]]
    back = folded.scrolled(END, -2)
    assert folded.rows(back)[0].text.startswith(page.rows[-6].text)
    assert folded.scrolled(back, 2) == END
    assert folded.scrolled(back, -99) == TOP
    assert FoldedPage(page._replace(ends_in_sight=False), 79, 4).begin == TOP


async def test_newest_sentence_is_followed_unless_scrolled(make_app):
    app = make_app("momentum", speed=None)
    async with app.run_test(size=(80, 18)) as pilot:
        await pilot.press("6")
        session, pane = app.session, app.query_one("#first", ChartView)
        assert app.query_one(Panes).view == "words"

        async def shown(*epoch):
            if epoch:
                go(session, epoch)
                app._publish([])
            await pilot.pause()
            return [text.rstrip(" ▐") for row in pane._rows if (text := row.text)]

        assert any("Start: mean loss 5.79 million" in line for line in await shown())
        lines = await shown(50)
        assert lines[-2] == "Paused after 50 epochs."
        await pilot.press("up", "up")
        held = await shown()
        assert held[-1].startswith("After 49 epochs")
        assert await shown(60) == held
        await pilot.press("pagedown")
        assert (await shown())[-2] == "Paused after 60 epochs."
        assert (await shown(68))[-2].startswith("Converged after 68 epochs")
        await pilot.press("up", "up", "r")  # a new run has its own end in sight
        assert (await shown())[1] == ""
        assert (await shown(50))[-2] == "Paused after 50 epochs."


def test_divergence_is_announced_once_limit_known():
    session = go(Session(PRESETS["playground"].replace(lr=1.0, epochs=12), speed=None), (10,))
    scene = scene_of(session)
    diverges = "The run diverges: the learning rate is above its limit."
    assert diverges not in said(session)
    for epochs in (10, 12):
        scene = scene_of(go(session, (epochs,)), limit=0.51)
        assert diverges in [row.text for row in VIEWS["words"].draw(scene, {}).rows]
    session.restart()
    session.play()
    session.advance(1.0, 5)
    assert session.is_busy  # which is told amid the events
    assert [row.text for row in VIEWS["words"].draw(scene_of(session, limit=0.51), {}).rows][-1] == diverges
    scene = scene_of(go(session, (0,)), limit=0.51)
    assert diverges not in [row.text for row in VIEWS["words"].draw(scene, {}).rows]
