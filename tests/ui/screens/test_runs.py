"""The table of runs as texts, and the keys that deal with more than one run."""

from functools import partial

import pytest
from app_helpers import burst, field, message, told, until
from rich.text import Text
from textual.color import Color
from textual.widgets import DataTable, OptionList

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.runs import MOST_EARLIER
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.messages import MessageContext, messages
from quadfit_tui.ui.screens.runs import EMPTY, RunListing, RunsScreen, aligned, table, widths
from quadfit_tui.ui.screens.twins import TwinScreen
from quadfit_tui.ui.widgets.log import LogLines

ARTICLE = PRESETS["article"]


def trained(*configs, epochs=2):
    """A session with a run of each configuration, the last one present."""
    session = RunSession(configs[0], speed=None)
    for number, config in enumerate(configs):
        if number:
            session.restart(config)
        session.seek(epochs)
        while session.is_busy:
            session.advance(1)
    return session


def table_of(session, width=74):
    return table(session.runs, session.run.number, width)


# The table as texts


def test_only_differing_columns_and_current_mark():
    session = trained(ARTICLE, ARTICLE.replace(lr=0.1), ARTICLE.replace(lr=0.1, batch="full", schedule="constant"))
    session.show(2)
    shown = table_of(session)
    assert shown.headings == ("run", "lr", "schedule", "batch", "epoch", "state", "mean loss", "to optimum")
    assert [row[:6] for row in shown.rows] == [
        (" 1", "0.5", "halve", "1", "1", "paused"),
        (">2", "0.1", "halve", "1", "1", "paused"),
        (" 3", "0.1", "constant", "full", "1", "paused"),
    ]
    w = session.snapshot().w
    assert float(shown.rows[1][7]) == pytest.approx(((w - (2, -4, 3)) ** 2).sum() ** 0.5, rel=1e-3)
    assert float(shown.rows[1][6]) == pytest.approx(session.snapshot().mean_loss, rel=1e-3)


def test_narrow_table_merges_differences():
    session = trained(ARTICLE, ARTICLE.replace(lr=0.1, init=(1.25, 2.5, 3.75), samples=20, seed=7, shuffle=True))
    assert sum(widths(table_of(session, 200))) <= 200
    assert "init" in table_of(session, 200).headings
    for width in (60, 74, 90):
        shown = table_of(session, width)
        assert shown.headings == ("run", "differences", "epoch", "state", "mean loss", "to optimum")
        assert sum(widths(shown)) <= width
        assert shown.rows[1][1].startswith("lr 0.1, ")
        assert shown.rows[0][1].endswith("…")


def test_on_narrow_screens_whole_columns_give_way():
    session = trained(ARTICLE, ARTICLE.replace(lr=0.1, init=(1.25, 2.5, 3.75), samples=20, seed=7, shuffle=True))
    whole = table_of(session)
    shown = [table_of(session, width) for width in range(54, 14, -1)]
    for width, each in zip(range(54, 14, -1), shown, strict=True):
        assert sum(widths(each)) <= max(width, sum(widths(shown[-1])))
        others = [heading for heading in each.headings if heading != "differences"]
        columns = dict(zip(whole.headings, zip(*whole.rows, strict=True), strict=True))
        found = dict(zip(each.headings, zip(*each.rows, strict=True), strict=True))
        assert [found[name] for name in others] == [columns[name] for name in others]  # none is cut
    assert list(dict.fromkeys(each.headings for each in shown)) == [
        ("run", "differences", "epoch", "state", "mean loss"),
        ("run", "epoch", "state", "mean loss"),
        ("run", "state", "mean loss"),
        ("run", "mean loss"),
    ]


def test_false_stop_not_called_converged():
    rows = table_of(trained(PRESETS["article-as-printed"], ARTICLE.replace(lr=20.0), epochs=60)).rows
    assert [row[-3] for row in rows] == ["stopped", "diverged"]


def test_widths_count_wide_characters():
    shown = RunListing(("run", "学习率", "epoch"), ((">1", "0.5", "2"), (" 2", "指数衰减", "10:3")))
    assert widths(shown) == [5, 10, 7]
    assert aligned(shown).rows == ((">1", "0.5", "    2"), (" 2", "指数衰减", " 10:3"))


# The message that says so


def test_difference_message_fits_one_line():
    now = MessageContext(RunSession(ARTICLE).snapshot(), beside="run 2 vs. run 1: lr 0.5 → 0.1")
    assert messages(now, 29)[0].lines == [now.beside]
    assert messages(now, 16)[0].lines == ["run 2 vs. run 1…"]


# The keys


async def lr(pilot, rate):
    await pilot.press("l", "ctrl+u", *rate, "enter")


def listed(app):
    return [record.epoch for record in app.query_one(LogLines).lines.records]


async def test_picked_run_restores_its_state(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e", "e", "e", "n", "b")
        left, text = app.session.snapshot(), listed(app)
        await lr(pilot, "0.1")
        assert message(app) == "run 2 vs. run 1: lr 0.5 → 0.1"
        await pilot.press("e", "t")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("up")
        await pilot.pause()
        rows = app.screen.query_one(DataTable)
        assert rows.cursor_row == 0
        # Each run in its own color, the one under the cursor, too.
        shown = [segment for y in (1, 2) for segment in rows.render_line(y) if "━" in segment.text]
        colors = [Color.parse(app.theme_variables[name]).rgb for name in ("run-1", "fitted")]
        assert [segment.style.color.get_truecolor() for segment in shown] == colors
        await pilot.press("enter")
        await until(pilot, lambda: app.snapshot.number == 1)
        now = app.snapshot
        assert (now.position, now.newest, now.status) == (left.position, left.newest, Status.PAUSED)
        assert (field(app, "lr").value, listed(app)) == ("0.5", text)
        await pilot.press("end", "e", "e")
        assert app.snapshot.epoch == 5
        assert listed(app) == [0, 1, 2, 3, 3, 4]
        assert app.runs.difference.startswith("run 1 vs. run 2: lr 0.1 → 0.5")


async def test_delete_runs_keeps_current(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t")
        assert EMPTY.format(most=MOST_EARLIER) in str(app.screen.query("Static").last().render())
        await pilot.press("x", "enter")
        assert (app.snapshot.number, len(app.screen_stack)) == (1, 1)
        await pilot.press("e")
        await lr(pilot, "0.1")
        await pilot.press("e", "t", "up", "x")
        assert not app.session.earlier
        assert app.screen.query_one(DataTable).row_count == 1
        await pilot.press("escape")
        assert "run 2" not in message(app)


async def test_open_table_updates_without_markup(make_app, clock, monkeypatch):
    monkeypatch.setattr(Text, "from_markup", None)  # for which Rich would load 3,600 names of emoji
    app = make_app()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        shown = app.screen.query_one(DataTable)
        assert [column.label.plain for column in shown.ordered_columns][:2] == ["run", "epoch"]
        app.playback.action_step("epoch")  # of ready it becomes paused, and numbers get longer
        app.screen.show_progress()
        cells, columns = shown.get_row_at(0), shown.ordered_columns
        assert "paused" in [str(cell) for cell in cells]
        assert all(column.width >= len(cell) for column, cell in zip(columns, cells, strict=True))
        await pilot.press("escape", "space", "t")
        clock.now += 0.25
        await until(pilot, lambda: app.session.snapshot().epoch == 4)
        shown = app.screen.query_one(DataTable)
        await until(pilot, lambda: [str(cell).strip() for cell in shown.get_row_at(0)][1:3] == ["3", "running"])


async def test_twin_runs_to_same_epoch(make_app):
    app = make_app(RunConfig(samples=10, batch="full"))
    async with app.run_test(size=(80, 24)) as pilot:
        for key, text in (("k", "There is nothing to compare with yet"), ("c", "There is nothing to continue yet")):
            await pilot.press(key)
            assert told(app)[0].startswith(text)
        assert len(app.session.runs) == 1
        await pilot.press("e", "e", "k")
        options = app.screen.query_one(OptionList)
        assert [options.get_option_at_index(at).disabled for at in range(3)] == [False, True, False]
        await pilot.press("o")
        assert isinstance(app.screen, TwinScreen)
        burst(app, ["c"])
        await until(pilot, lambda: app.snapshot.number == 2 and app.snapshot.epoch == 2)
        assert (app.session.config.gradient, field(app, "gradient").value) == ("full", "full")
        assert app.runs.difference == "run 2 vs. run 1: gradient half → full"
        await pilot.press("k", "enter")
        await until(pilot, lambda: app.snapshot.number == 3 and app.snapshot.epoch == 2)
        assert app.session.config.schedule == "constant"


async def test_continue_from_w_unless_too_large(make_app):
    app = make_app(RunConfig(samples=4, lr=20.0, schedule="constant"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        w = app.snapshot.w
        await pilot.press("c")
        assert (app.snapshot.number, app.snapshot.w.tolist()) == (2, w.tolist())
        while abs(app.session.snapshot().w).max() <= 1e12:
            app.playback.action_step("epoch")
        app.runs.action_carry_on()
        assert app.session.snapshot().number == 2
        await pilot.pause()
        assert "is too large; allowed: three numbers" in told(app)[0]


async def test_old_run_keeps_unshown_log_lines(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.session.seek(3)
        app.training._train()  # not shown yet
        app.runs.action_restart()
        await pilot.pause()
        assert (app.snapshot.number, listed(app)) == (2, [])
        await pilot.press("t")
        assert [run.number for run in app.session.runs] == [2]  # so it is not the only one so far: that is not said
        assert str(app.screen.query("Static").last().render()).startswith("There is no other run to compare with.")
        await pilot.press("escape")
        another, twin = partial(app.runs.restart, ARTICLE.replace(lr=0.1)), partial(app.runs.action_twin_of, "schedule")
        for epochs, begin in ((3, another), (5, app.runs.action_carry_on), (7, twin)):
            app.session.seek(epochs)
            app.training._train()
            begin()
            assert listed(app) == []
            app.runs._show_run(2)
            await pilot.pause()
            assert listed(app) == [*range(epochs)]
