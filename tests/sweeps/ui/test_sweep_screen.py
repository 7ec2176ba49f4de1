"""The page of a sweep: its table by keys and the mouse, its picture, and the run that is opened from it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from app_helpers import at_once, burst, until
from sweep_helpers import AXES, BASE, ROWS, SPACE, order
from textual.widgets import DataTable

from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.status import Status
from quadfit_tui.sweeps.rows import STATUSES, ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.ui import sweep_screen as module
from quadfit_tui.sweeps.ui.sweep_screen import OpenSweep, SweepScreen
from quadfit_tui.sweeps.work import SweepJob
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.charts.spec import ChartSpec
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.key_bar import KeyBar

SIZE, WIDE = (80, 24), (140, 45)
LINE = Space(BASE, {"lr": [0.01, 0.1, 0.5, 1.0], "seed": range(3)})
SEEDS = Space(BASE, {"seed": range(3)})


# The rows


@pytest.mark.parametrize("name", ["cell", *AXES, "status", "epochs", "mean loss", "b"])
def test_sort_by_any_column_nan_last(name):
    sweep = OpenSweep("rates.csv", SPACE, ROWS)
    where = {
        "optimizer": lambda cell: AXES["optimizer"].index(SPACE.config(cell).optimizer),
        "batch": lambda cell: AXES["batch"].index(SPACE.config(cell).batch),
        "momentum": lambda cell: math.nan if SPACE.config(cell).optimizer == "sgd" else SPACE.config(cell).momentum,
        "cell": lambda cell: cell,
        "status": lambda cell: int(ROWS.status[cell]),
        "epochs": lambda cell: int(ROWS.epochs[cell]),
        "mean loss": lambda cell: float(ROWS.mean_loss[cell]),
        "b": lambda cell: float(ROWS.w[cell, 1]),
    }
    value = where.get(name) or (lambda cell: getattr(SPACE.config(cell), name))
    for sign in (1, -1):
        sweep.is_reversed = sign < 0
        sweep.sort(sweep.columns.index(name))
        found = order(sweep)
        assert sorted(found) == [*range(len(SPACE))]
        values = [sign * value(cell) for cell in found]
        known = [each for each in values if not math.isnan(each)]
        assert known == sorted(known)
        assert all(map(math.isnan, values[len(known) :]))
        equal = [(value(one), one, other) for one, other in pairwise(found) if value(one) == value(other)]
        assert all(one < other for _, one, other in equal)


def test_row_texts_match_results():
    sweep = OpenSweep("rates.csv", SPACE, ROWS)
    assert [*sweep.columns] == [
        "cell", "optimizer", "momentum", "lr", "batch", "seed", "status", "epochs", "mean loss", "a", "b", "c",
    ]  # fmt: skip
    for row in sweep.texts(0, len(SPACE)):
        cell = int(row[0])
        config = SPACE.config(cell)
        momentum = "–" if config.optimizer == "sgd" else f"{config.momentum:g}"
        assert row[1:6] == (config.optimizer, momentum, f"{config.lr:g}", str(config.batch), str(config.seed))
        assert row[6:8] == (STATUSES[ROWS.status[cell]], str(ROWS.epochs[cell]))
        if np.isinf(ROWS.mean_loss[cell]):
            assert row[8:] == ("inf", "–", "–", "–")
        else:
            assert [float(each) for each in row[8:]] == pytest.approx([ROWS.mean_loss[cell], *ROWS.w[cell]], rel=6e-4)


def test_best_run_marked_and_notes():
    rows = ResultRows.joined([ROWS.part(slice(0, len(SPACE) - 1)), ResultRows.failed([len(SPACE) - 1], "no memory")])
    sweep = OpenSweep("rates.csv", SPACE, rows)
    best = int(rows.cell[np.nanargmin(rows.mean_loss)])
    config = SPACE.config(best)
    assert sweep.config == config
    assert sweep.note(6).startswith(f"cell {best} (optimizer {config.optimizer}, ")
    assert f", lr {config.lr:g}, batch {config.batch}, seed {config.seed}): mean loss " in sweep.note(6)
    sweep.sort(sweep.columns.index("status"))
    sweep.marked = len(rows) - 1
    assert sweep.note(6).endswith("): no memory")
    sweep.marked = int(np.flatnonzero(np.isinf(rows.mean_loss[sweep.order]))[0])
    assert sweep.note(6).endswith("): the numbers overflowed")


def test_a_sweep_without_runs_says_so():
    sweep = OpenSweep("x", SPACE, ROWS.part(slice(0, 0)))
    assert (sweep.at, sweep.texts(0, 9), sweep.note(6)) == (None, [], "This sweep has no runs yet.")
    assert sweep.config == SPACE.base


# The page


@pytest.fixture
def open_app(make_app):
    """Makes the app with a sweep open."""

    def make(space=SPACE, rows=None, **options):
        rows = SweepJob(space).train(range(len(space))) if rows is None else rows
        sweep = OpenSweep("rates.csv", space, rows)
        app = make_app(sweep.config, passing=True, **options)
        app.runs.table = sweep
        return app

    return make


async def opened(pilot):
    """Waits for the page and its picture; returns the table."""
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
    await until(pilot, lambda: pilot.app.runs.table.chart is not None)
    return pilot.app.screen.query_one(DataTable)


def cells(table):
    """The numbers of the cells in the order of the table."""
    return [int(str(each)) for each in table.get_column_at(0)]


async def test_opens_at_start_and_keeps_state(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=SIZE) as pilot:
        table = await opened(pilot)
        best = int(np.nanargmin(ROWS.mean_loss))
        assert cells(table)[0] == best
        await pilot.press("left", "left", "s", "down", "down", "escape")
        await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
        assert app.session.config == SPACE.config(best)
        before = cells(table)
        await pilot.press("T")
        table = await opened(pilot)
        assert (cells(table), table.cursor_row) == (before, 2)
        assert "status▲" in screen_text(app)


async def test_enter_opens_run_bit_identical_at_end(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=SIZE) as pilot:
        for by in (4, 7):
            table = await opened(pilot)
            cell = cells(table)[table.cursor_row + by]
            burst(app, [*["down"] * by, "enter"])  # in one packet
            await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
            await until(pilot, lambda: not app.session.is_busy)
            snapshot = app.session.snapshot()
            assert snapshot.config == SPACE.config(cell)
            assert snapshot.position == Position(int(ROWS.epochs[cell]), 0)
            assert str(snapshot.status) == STATUSES[ROWS.status[cell]]
            assert [value.hex() for value in snapshot.w.tolist()] == [value.hex() for value in ROWS.w[cell].tolist()]
            await pilot.press("T")
        assert len(app.session.runs) == 2  # the first one was not trained
        await opened(pilot)
        await pilot.press("left", "left", "s", "s", "enter")
        await until(pilot, lambda: app.session.status is Status.DIVERGED)


async def test_key_and_heading_click_sort(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=SIZE) as pilot:
        table = await opened(pilot)
        await pilot.press(*["left"] * 20, "s")
        assert (await opened(pilot)).cursor_column == 0
        assert cells(table) == [*range(len(SPACE))]
        await pilot.press("s")
        await opened(pilot)
        assert cells(table) == [*range(len(SPACE))][::-1]
        await pilot.click(table, offset=(8, 0))
        await opened(pilot)
        assert app.runs.table.columns[app.runs.table.sorted_by] == "optimizer"
        await pilot.click(table, offset=(3, 4))  # marks
        assert (table.cursor_row, isinstance(app.screen, SweepScreen)) == (3, True)
        await pilot.click(table, offset=(3, 4))  # opens
        await until(pilot, lambda: app.session.config == SPACE.config(cells(table)[3]))


async def test_long_table_lists_first_rows(open_app, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 250)
    space = Space(BASE, {"lr": np.geomspace(0.01, 1, 30), "tol": np.linspace(0.1, 1, 40)})
    rows = ResultRows.empty(len(space))
    rows.cell[:] = range(len(space))
    rows.status[:], rows.epochs[:] = 1, 5
    rows.mean_loss[:] = np.random.default_rng(0).permutation(len(space)) + 1.0
    app = open_app(space, rows)
    async with app.run_test(size=SIZE) as pilot:
        table = await opened(pilot)
        assert "1,200 runs, of which 250 are listed" in screen_text(app)
        for key, of_all in (("down", rows.mean_loss), ("s", -rows.mean_loss)):
            await pilot.press(key)
            await opened(pilot)
            for count in (100, 200, 250, 250):
                await pilot.pause()
                assert cells(table) == np.argsort(of_all)[:count].tolist()
                await pilot.press("ctrl+end")
        await pilot.press("up", "escape", "T")
        table = await opened(pilot)
        assert table.cursor_row == 248


async def test_sorted_column_always_visible(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=SIZE) as pilot:
        for size, step in ((SIZE, 11), ((40, 12), 2), (WIDE, 11)):
            await pilot.resize_terminal(*size)
            await opened(pilot)
            for name in [*reversed(app.runs.table.columns)][::step]:
                at = app.runs.table.columns.index(name)
                table = app.screen.query_one(DataTable)
                table.move_cursor(column=at)
                await pilot.press("s")
                await opened(pilot)
                await pilot.pause()
                assert f"{name}▲" in screen_text(app) or f"{name}▼" in screen_text(app), (size, name)


async def test_its_keys_are_told_and_close_it(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=SIZE) as pilot:
        for key in ("escape", "q", "T"):
            await opened(pilot)
            told = {each.label for each in app.screen.query_one(KeyBar).keys}
            assert told == {"Open", "Close", "Sort", "Picture", "Move"}
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, SweepScreen))
            await pilot.press("T")


async def test_key_inactive_without_sweep(make_app):
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("T")
        await pilot.pause()
        assert not isinstance(app.screen, SweepScreen)
        assert "T" not in {each.key for each in app.screen.query_one(KeyBar).keys}


# The picture


async def test_picture_beside_table_from_120_columns(open_app):
    app = open_app(rows=ROWS)
    async with app.run_test(size=(120, 30)) as pilot:
        table = await opened(pilot)
        chart = app.screen.query_one(ChartView)
        seen = []
        for width, key in ((120, "v"), (119, "v"), (119, "v"), (119, "v"), (120, "escape")):
            await pilot.resize_terminal(width, 30)
            await pilot.pause()
            seen.append((table.display, chart.display))
            await pilot.press(key)
        assert seen == [(True, True), (True, False), (False, True), (True, False), (True, True)]


async def test_picture_toggle_and_opening_its_run(open_app):
    app = open_app(LINE)
    async with app.run_test(size=SIZE) as pilot:
        table = await opened(pilot)
        await pilot.press("down", "v", "v", "down")
        await pilot.pause()
        assert table.cursor_row == 2
        await pilot.press("v", "enter")
        await until(pilot, lambda: app.session.config == LINE.config(cells(table)[2]))


@pytest.mark.parametrize("space", [SPACE, LINE])
async def test_picture_marks_selected_run(open_app, space):
    app = open_app(space)
    async with app.run_test(size=WIDE) as pilot:
        table = await opened(pilot)
        chart = app.screen.query_one(ChartView)
        for _ in range(3):
            config = space.config(cells(table)[table.cursor_row])
            cursor = chart._spec.cursor
            if space is SPACE:
                assert cursor == (None if config.optimizer == "sgd" else (config.lr, config.momentum))
            else:
                assert cursor is None or cursor[0] == config.lr
            await pilot.press(*["down"] * 3)
            await pilot.pause()
        assert space is not LINE or cursor


async def test_loss_bands_computed_once(open_app):
    app = open_app(SEEDS)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        chart = app.screen.query_one(ChartView)
        assert isinstance(chart._spec, ChartSpec)
        assert "Median and quartiles over 3 seeds." in chart._spec.caption
        drawn = app.runs.table.chart
        await pilot.press("escape", "T")
        await opened(pilot)
        assert app.runs.table.chart is drawn


async def test_what_has_no_picture_says_why(open_app):
    app = open_app(SEEDS, ResultRows.failed([0, 1, 2], "no memory"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert "no run of this sweep could be trained" in screen_text(app)


# How it looks

SIGNS = Capabilities(colors=0, ascii=True)


LOOKS = {
    "table": (SPACE, [], SIZE, "textual-dark"),
    "map": (SPACE, ["v"], SIZE, "textual-light"),
    "bands": (SEEDS, [], (120, 30), "textual-dark"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_look(open_app, snap_compare, look):
    space, keys, size, theme = LOOKS[look]
    app = open_app(space, runner=at_once)
    app.theme = theme

    async def go(pilot):
        await opened(pilot)
        await pilot.press(*keys)
        await opened(pilot)

    assert snap_compare(app, terminal_size=size, run_before=go)


@pytest.mark.parametrize(("keys", "size"), [([], SIZE), (["left", "s", "v"], (60, 20))])
async def test_look_in_ascii(open_app, snapshot, keys, size):
    app = open_app(LINE, runner=at_once, capabilities=SIGNS)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press(*keys)
        await opened(pilot)
        assert screen_text(app) == snapshot
