"""The page of a sweep: its table by keys and the mouse, its map and bands, and the run that is opened from it."""

import numpy as np
import pytest
from app_helpers import at_once, burst, screen_text, until
from snapshots import Taken
from sweep_helpers import BASE, ROWS, SPACE, order
from textual.worker import WorkerState

from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.sweep.work import Work
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.charts.spec import ChartSpec
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.sweep import OpenSweep, SweepScreen
from quadfit_tui.ui.screens.sweep_table import SweepList, SweepTable
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.key_bar import KeyBar

SIZE = (80, 24)


@pytest.fixture
def open_app(make_app):
    """Makes the app with a sweep open."""

    def make(space=SPACE, rows=ROWS, **options):
        sweep = OpenSweep("rates.csv", space, rows)
        app = make_app(sweep.config, **options)
        app.runs.sweep = sweep
        return app

    return make


async def opened(pilot):
    """The page that opens at the start."""
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
    await pilot.pause()
    return pilot.app.screen


def lines(app):
    """The rows of the table, as they are seen: its texts."""
    table = app.screen.query_one(SweepTable)
    return ["".join(segment.text for segment in table.render_line(y)) for y in range(table.size.height)]


# The page


def test_of_a_million_rows_only_those_in_sight_are_made(open_app, monkeypatch):
    space = Space(BASE, {"lr": np.geomspace(0.01, 1, 1000), "tol": np.linspace(0.1, 1, 1000)})
    rows, made = Rows.empty(len(space)), []
    rows.cell[:] = range(len(space))
    rows.mean_loss[:] = np.random.default_rng(0).permutation(len(space))
    texts = SweepList.texts
    monkeypatch.setattr(SweepList, "texts", lambda self, *ends: made.append(ends) or texts(self, *ends))
    app = open_app(space, rows)

    async def go(pilot):
        await opened(pilot)
        await pilot.press("pagedown", "down", "end", "home", "left", "left", "end")
        await pilot.pause()
        last = app.runs.sweep.runs
        assert lines(app)[-1].split()[0] == str(last.cell) == last.texts(999_999, 1_000_000)[0][0]
        app.exit()

    app.run(headless=True, size=SIZE, auto_pilot=go)
    assert made
    assert max(stop - first for first, stop in made) < 24


async def test_it_is_there_at_the_start_and_comes_back_as_it_was_left(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        best = int(np.nanargmin(ROWS.mean_loss))
        assert lines(app)[1].split()[0] == str(best)
        assert lines(app)[0].split()[:4] == ["cell", "optimizer", "momentum", "lr"]
        await pilot.press("left", "left", "down", "down", "escape")
        await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
        assert app.session.config == SPACE.config(best)
        before = app.runs.sweep.runs.cell
        await pilot.press("T")
        await opened(pilot)
        assert app.runs.sweep.runs.cell == before
        assert "status▲" in lines(app)[0]


async def test_enter_opens_the_marked_run_at_its_end_to_the_last_bit(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        for by in (4, 7):
            await opened(pilot)
            await pilot.press(*["down"] * by)
            cell = app.runs.sweep.runs.cell
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
            await until(pilot, lambda: not app.session.is_busy)
            snapshot = app.session.snapshot()
            assert snapshot.config == SPACE.config(cell)
            assert snapshot.position == Position(int(ROWS.epochs[cell]), 0)
            assert str(snapshot.status) == STATUSES[ROWS.status[cell]]
            assert [value.hex() for value in snapshot.w.tolist()] == [value.hex() for value in ROWS.w[cell].tolist()]
            await pilot.press("T")
        assert len(app.session.runs) == 2  # the first one was not trained


async def test_a_run_that_diverges_is_opened_where_it_does(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("left", "left", "end", "enter")
        await until(pilot, lambda: app.session.status is Status.DIVERGED)


async def test_keys_in_one_packet_are_done_in_their_order(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        wanted = order(app.runs.sweep.runs)[3]
        burst(app, ["down", "down", "down", "enter"])
        await until(pilot, lambda: app.session.config == SPACE.config(wanted))


async def test_the_mouse_marks_opens_sorts_and_scrolls(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        table, runs = app.screen.query_one(SweepTable), app.runs.sweep.runs
        await pilot.click(table, offset=(3, 0))
        assert (runs.sorted_by, order(runs)[:3]) == (0, [0, 1, 2])
        await pilot.click(table, offset=(3, 0))
        assert order(runs)[:2] == [len(SPACE) - 1, len(SPACE) - 2]
        table.on_mouse_scroll_down()
        assert (runs.top, runs.marked) == (3, 0)
        await pilot.pause()
        await pilot.click(table, offset=(3, 2))
        assert runs.marked == 4
        assert isinstance(app.screen, SweepScreen)
        cell = runs.cell
        await pilot.click(table, offset=(3, 2))
        await until(pilot, lambda: app.session.config == SPACE.config(cell))


@pytest.mark.parametrize("is_drawn_before", [False, True])
async def test_rows_follow_the_marked_one_whatever_the_size(open_app, monkeypatch, is_drawn_before):
    heard = SweepTable.on_resize

    def drawn_before(table):
        table.render_line(0)
        heard(table)

    if is_drawn_before:
        monkeypatch.setattr(SweepTable, "on_resize", drawn_before)
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        for keys in (["end"], ["pageup", "up"], ["home", "pagedown", "pagedown", "down"]):
            await pilot.press(*keys)
            await pilot.pause()
            for size in ((140, 45), (40, 12), (80, 24)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert any(line.split()[:1] == [str(app.runs.sweep.runs.cell)] for line in lines(app)[1:]), size


@pytest.mark.parametrize("width", [40, 80, 140])
async def test_no_text_is_cut_and_what_it_is_sorted_by_is_in_sight(open_app, width):
    app = open_app()
    async with app.run_test(size=(width, 24)) as pilot:
        await opened(pilot)
        runs = app.runs.sweep.runs
        await pilot.press(*["left"] * len(runs.columns))
        for each in runs.columns:
            heading, *rows = lines(app)
            assert f"{each.heading}▲" in heading
            assert "…" not in "".join(rows)
            texts = {word for row in runs.texts(runs.top, runs.top + 20) for word in row}
            assert {word for row in rows for word in row.rstrip("▐ ").split()} <= texts
            await pilot.press("right")
            await pilot.pause()


async def test_its_keys_are_told_and_close_it(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        for key in ("escape", "q", "T"):
            page = await opened(pilot)
            told = {each.label for each in page.query_one(KeyBar).keys}
            assert {"Open", "Close", "Sort by", "Reverse", "Picture", "Axis", "Move"} <= told
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
            await pilot.press("T")


async def test_without_a_sweep_its_key_does_nothing_and_is_not_told(make_app):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("T")
        await pilot.pause()
        assert not isinstance(app.screen, SweepScreen)
        assert "T" not in {each.key for each in app.screen.query_one(KeyBar).keys}


# Pictures


async def test_a_key_shows_map_and_bands_in_the_place_of_the_table_on_a_narrow_screen(open_app):
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        table, chart = app.screen.query_one(SweepTable), app.screen.query_one(ChartView)
        seen = []
        for _ in range(4):
            seen.append((table.display, chart.display and chart.view))
            await pilot.press("v")
            await pilot.pause()
        assert seen == [(True, False), (False, "map"), (False, "bands"), (True, False)]


async def test_there_is_room_for_a_picture_beside_the_table_from_120_columns_on(open_app):
    app = open_app()
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(pilot)
        table, chart = app.screen.query_one(SweepTable), app.screen.query_one(ChartView)
        for picture in ("map", "bands", "map"):
            assert (table.display, chart.display, chart.view) == (True, True, picture)
            await pilot.press("v")
            await pilot.pause()
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert (table.display, chart.display) == (True, False)


async def test_the_map_marks_the_place_of_the_marked_run(open_app):
    app = open_app()
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(pilot)
        chart = app.screen.query_one(ChartView)
        for _ in range(5):
            config = SPACE.config(app.runs.sweep.runs.cell)
            place = None if config.optimizer == "sgd" else (config.lr, config.momentum)
            assert chart._spec.cursor == place
            await pilot.press(*["down"] * 7)
            await pilot.pause()


async def test_bands_are_trained_beside_the_keys_and_then_nothing_is_done_any_more(open_app):
    app = open_app(passing=True)
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(pilot)
        await pilot.press("v")
        chart = app.screen.query_one(ChartView)
        await until(pilot, lambda: isinstance(chart._spec, ChartSpec) and chart._spec.x_name == "epochs done")
        assert "Median and quartiles over 3 seeds." in chart._spec.caption
        await pilot.pause()
        assert not [each for each in app.workers if each.group == "bands" and each.state is WorkerState.RUNNING]
        drawn = chart._spec
        await pilot.press("v", "v")
        await pilot.pause()
        assert chart._spec is drawn  # not trained again


async def test_a_key_has_pictures_go_over_another_parameter(open_app):
    app = open_app()
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(pilot)
        chart, ups = app.screen.query_one(ChartView), []
        for _ in range(5):
            ups.append(chart._spec.y_name)
            await pilot.press("x")
            await pilot.pause()
        assert ups == ["momentum", "batch", "seed", "optimizer", "momentum"]
        await pilot.press("v")
        over = []
        for _ in range(4):
            await until(pilot, lambda: isinstance(chart._spec, ChartSpec) and chart._spec.x_name == "epochs done")
            over.append(next(each.label for each in reversed(chart._spec.series) if each.label).split()[0])
            await pilot.press("x")
            await pilot.pause()
        assert over == ["lr", "batch", "optimizer", "momentum"]


async def test_what_has_no_picture_says_why(open_app):
    space = Space(BASE, {"optimizer": ["sgd", "adam"], "seed": range(2)})
    app = open_app(space, Work(space).train(range(len(space))))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("v", "x")
        await pilot.pause()
        assert "'map' needs numbers that vary" in screen_text(app)


# How it looks

SIGNS = Capabilities(colors=0, ascii=True)


@pytest.mark.parametrize(
    ("keys", "size", "theme", "options"),
    [
        pytest.param([], SIZE, "textual-dark", {}, id="table"),
        pytest.param(["v"], SIZE, "textual-light", {}, id="map"),
        pytest.param(["v", "v"], SIZE, "textual-dark", {}, id="bands"),
        pytest.param(["down", "x"], (140, 45), "textual-dark", {}, id="beside"),
        pytest.param(["left", "r", "v"], (60, 20), "textual-dark", {"capabilities": SIGNS}, id="ascii"),
    ],
)
async def test_screen(open_app, compare, keys, size, theme, options):
    app = open_app(passing=True, runner=at_once, **options)
    app.theme = theme
    async with app.run_test(size=size) as pilot:
        page = await opened(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: not page._working)
        await pilot.pause()
        compare(Taken(app))
