"""The map in the app: its cursor by keys and mouse, the run at it, what it costs, when it is held back."""

import math
import random
import re
from functools import partial

import pytest
from app_helpers import Later, at_once, log, message, repaints, train, until
from test_packets import post_all
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.rate_map import pieces
from quadfit_tui.core.rate_map.rate_map import CellOutcome
from quadfit_tui.core.session.whole_run import whole_run
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.panes import Panes

CONFIG = RunConfig(
    samples=8, batch="full", optimizer="momentum", momentum=0.5, schedule="constant", lr=0.3, init=(1, 1, 1), epochs=50
)


@pytest.fixture(autouse=True)
def small_maps(monkeypatch):
    """Has maps be worked out in no time."""
    monkeypatch.setattr(pieces, "map_pieces", partial(pieces.map_pieces, size=(30, 12)))


@pytest.fixture
def make_map(make_app):
    """Makes an app with the map in sight, which is worked out at once."""
    return lambda config=CONFIG, **options: make_app(config, **{"views": {"map": {}}, "map_runner": at_once} | options)


def footer(app):
    return screen_text(app).splitlines()[-1]


def pane(app):
    return next(pane for pane in app.query(ChartView) if pane.display and pane.view == "map")


def cursor(app):
    """Where the brackets of the cursor are drawn, row and column."""
    rows = [row.text for row in pane(app)._rows]
    return next((at, row.index("[")) for at, row in enumerate(rows) if "[" in row)


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (40, 24)])
async def test_each_arrow_moves_what_is_seen(make_map, monkeypatch, size):
    monkeypatch.setattr(pieces, "map_pieces", partial(pieces.map_pieces.func, size=(200, 40)))
    app = make_map()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for key, down, across in (("right", 0, 1), ("up", -1, 0), ("left", 0, -1), ("down", 1, 0)):
            for _ in range(3):
                before = cursor(app)
                await pilot.press(key)
                assert cursor(app) == (before[0] + down, before[1] + across), key


async def test_arrows_move_cursor_and_update_sentence(make_map):
    app = make_map()
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        worker = app.maps.worker
        row, column = own = worker.cell
        assert own == worker.map.cell_of(CONFIG)
        for key, cell in (("right", (row, column + 1)), ("up", (row + 1, column + 1)), ("left", (row + 1, column))):
            await pilot.press(key)
            assert worker.cell == cell
        await pilot.press("down", "down")
        assert worker.cell == (row - 1, column)
        await pilot.pause()
        rate, momentum = worker.map.rates[column], worker.map.levels[row - 1]
        left = worker.map.values[row - 1, column]
        told = f"Enter plays lr {rate:.4g} with momentum {momentum:.4g}: a tenth is left after {left:.4g} epochs."
        assert message(app) == told
        assert all(told not in row.text for row in pane(app)._rows)
        await pilot.press(*["down"] * (row + 2), *["left"] * (column + 2))
        assert worker.cell == (0, 0)
        await pilot.pause()
        assert message(app).startswith(f"Enter plays lr {worker.map.rates[0]:.4g} with momentum 0: ")
        app.maps.action_move_cell(1000, 1000)
        assert worker.cell == (len(worker.map.levels) - 1, len(worker.map.rates) - 1)
        await pilot.press("escape")
        assert worker.cell == own
        assert app.snapshot.epoch == app.snapshot.update == 0  # no arrow was of time


async def test_active_map_leaves_time_and_log_keys(make_map):
    app = make_map()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert footer(app).split("  ")[0].strip() == (
            "⏎ Start run arrows Cell f Large space Play/Pause n Step b Back PgUp Log ? Keys"
        )
        await pilot.press("up")
        await pilot.pause()
        assert footer(app).startswith(" ⏎ Start run arrows Cell f Large esc This run space Play/Pause n Step ")
        await pilot.press("n", "n", "b")
        assert (app.snapshot.epoch, app.session.timeline.newest.epoch) == (1, 2)
        train(app, 40)
        top = log(app).top
        await pilot.press("pageup")
        assert log(app).top < top
        await pilot.press("pagedown")
        assert log(app).top == top
        await pilot.press("1")
        await pilot.pause()
        assert "Cell" not in footer(app)
        await pilot.press("left", "up")
        assert (app.snapshot.epoch, log(app).top) == (39, top - 1)
        await pilot.press("6", "left", "up")
        assert (app.snapshot.epoch, log(app).top) == (39, top - 1)


async def test_former_key_of_the_map_leads_there(make_app):
    app = make_app(map_runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("7")
        assert app.query_one(Panes).view == "map"
        await pilot.press("question_mark", "slash", *"map of what")
        await pilot.pause()
        assert re.findall(r"(\d) +show the map of what converges", screen_text(app)) == ["6"]


async def test_inactive_map_takes_no_keys(make_map):
    app = make_map(views={"fit": {}, "map": {}})
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        assert app.query_one(Panes).views_in_sight == ["fit", "map"]
        assert app.maps.worker.map is not None
        await pilot.press("right", "enter")
        assert (app.snapshot.epoch, app.snapshot.number) == (1, 1)
        assert "Cell" not in footer(app)
        await pilot.press("6", "right")
        assert app.snapshot.epoch == 1
        assert app.maps.worker.cursor is not None
        await pilot.pause()
        assert "arrows Cell" in footer(app)


async def test_enter_starts_run_at_cursor(make_map):
    app = make_map()
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.press("z")
        await pilot.pause()
        worker = app.maps.worker
        assert app.query_one(Panes).words["figure"] == "ends"
        row, column = worker.map.fastest()
        app.maps.action_point_at(row, column - 3)
        found, cell = worker.map, worker.cell
        assert found.outcomes[cell] == CellOutcome.CONVERGES
        shown = found.values[cell]
        await pilot.press("enter")
        assert app.session.config == found.config(*cell)
        assert app.snapshot.status is Status.RUNNING
        assert worker.cell == cell  # where the run is
        assert worker.map is found  # which has not been worked out anew
        train(app, int(shown) + 5)
        assert (app.snapshot.status, app.snapshot.epoch) == (Status.CONVERGED, shown)
        await pilot.press("right", "enter")  # after one that has ended
        assert app.session.config == found.config(cell[0], cell[1] + 1)
        assert app.snapshot.status is Status.RUNNING
        await pilot.press("right", "enter")  # while one plays
        assert app.session.config == found.config(cell[0], cell[1] + 2)
        assert app.snapshot.status is Status.RUNNING


async def test_started_runs_match_map_outcomes(make_map):
    app = make_map(CONFIG.replace(batch=2, shuffle=False, samples=6))
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.press("z")
        await pilot.pause()
        found, draws = app.maps.worker.map, random.Random(28)
        rows, columns = found.values.shape
        outcomes = set()
        for _ in range(20):
            cell = draws.randrange(rows), draws.randrange(columns)
            app.maps.action_point_at(*cell)
            await pilot.press("enter")
            run = whole_run(app.session.timeline.task, lambda: True)
            outcome = CellOutcome(found.outcomes[cell])
            outcomes.add(outcome)
            if outcome is CellOutcome.CONVERGES:
                assert (run.status, run.epochs) == (Status.CONVERGED, found.values[cell])
            elif outcome is CellOutcome.UNFINISHED:
                assert run.status is Status.FINISHED
            assert app.maps.worker.map is found
        assert len(outcomes) > 1


async def test_click_moves_cursor(make_map):
    app = make_map()
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        chart, worker = pane(app), app.maps.worker
        begins = next(y for y, row in enumerate(chart._rows) if "┤" in row.text or "│" in row.text)
        for x, y in ((20, begins + 1), (40, begins + 4), (60, begins + 2), (75, begins + 5)):
            await pilot.click(chart, offset=(chart.gutter.left + x, chart.gutter.top + y))
            await pilot.pause()
            row, column = worker.cell
            assert worker.cursor == worker.map.config(row, column)
            (up, begin), *others = [(at, row.text.index("[")) for at, row in enumerate(chart._rows) if "[" in row.text]
            assert (chart._rows[up].text[begin + 2], others) == ("]", [])
            assert abs(begin + 1 - x) <= 2  # half a cell of the map, which has 30 on 80 columns
            assert abs(up - y) <= 1
            await pilot.click(chart, offset=(chart.gutter.left + begin + 1, chart.gutter.top + up))
            assert worker.cell == (row, column)
        before = worker.cell
        await pilot.click(chart, offset=(chart.gutter.left + 1, chart.gutter.top + begins))  # the axis
        assert worker.cell == before
        await pilot.press("1")
        await pilot.click(chart, offset=(20, 5))  # the other view has no cell
        assert worker.cursor is None


async def test_only_changes_are_repainted(make_map, monkeypatch):
    app = make_map(speed=None, passing=True, config=CONFIG.replace(epochs=3000, stop_on="never"))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("1", "6")
        await pilot.pause()
        drawn = []
        view = VIEWS["map"]
        monkeypatch.setitem(VIEWS, "map", view._replace(draw=lambda *args: drawn.append(1) or view.draw(*args)))
        painted = repaints(pane(app))
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.status.ended)
        assert (drawn, painted) == ([], [])
        await pilot.press("right", "right", "right")
        assert len(drawn) == 3
        assert all(len(regions) in (1, 2, 3) for regions in painted)  # those that the cursor leaves and comes to
        assert {region.height for regions in painted for region in regions} == {1}
        await pilot.press("enter")  # of the same data only the marks move
        assert len(drawn) == 4
        assert len(painted[-1]) <= 4


async def test_map_computed_only_while_visible(make_app):
    later = Later()
    app = make_app(CONFIG, map_runner=later)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not later.jobs
        await pilot.press("6")
        await pilot.pause()
        assert len(later.jobs) == 1
        assert "computing the map" in screen_text(app)
        await pilot.press("right", "up", "enter", "escape")  # there is no cell yet
        assert (app.snapshot.number, app.snapshot.epoch, app.maps.worker.cursor) == (1, 0, None)
        await pilot.press("1")
        later.work()
        await pilot.pause()
        assert app.maps.worker.map is None
        await pilot.press("6", "x")  # another parameter upwards
        assert len(later.jobs) == 2
        later.work()
        assert app.maps.worker.map is None
        later.work()
        await pilot.pause()
        assert app.maps.worker.map.up == app.query_one(Panes).words["up"] != "momentum"
        assert "computing the map" not in screen_text(app)
        app.runs.restart(CONFIG.replace(true=(1, 1, 1)))
        await pilot.pause()
        assert "computing the map" in screen_text(app)
        assert len(later.jobs) == 1


async def test_default_runner_computes_in_background(make_map):
    app = make_map(CONFIG.replace(batch=2), map_runner=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right")
        await settled(pilot)
        assert "computing the map" not in screen_text(app)
        found = app.maps.worker.map
        *_, whole = pieces.map_pieces(app.session.timeline.task, found.up, found.figure)
        assert (found.outcomes == whole.outcomes).all()


async def test_too_large_map_suggests_full_batch(make_map, monkeypatch):
    monkeypatch.setattr(pieces, "MOST_WORK", 1000)
    app = make_map(CONFIG.replace(batch=1))
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        assert "try batch full" in screen_text(app)
        assert "Press Enter to start a run with batch full." in screen_text(app)
        await pilot.press("right")
        assert app.maps.worker.cursor is None
        await pilot.press("enter")
        assert app.session.config.batch == "full"
        await pilot.pause()
        assert "Press Enter" not in screen_text(app)


KEYS = [*"bneBuvxzoh1477777 +-r", "left", "right", "up", "down", "enter", "escape", "pageup", "pagedown", "tab", "home"]


async def test_random_keys_and_clicks_keep_consistency(make_map):
    app = make_map(speed=None, passing=True)
    async with app.run_test(size=(120, 34)) as pilot:
        draws = random.Random(28)
        for _ in range(100 if AT_LENGTH else 8):
            packet = ["6"]
            for _ in range(8):
                click = f"click {draws.randrange(120)},{draws.randrange(34)}"
                packet.append(click if draws.random() < 0.2 else draws.choice(KEYS))
            await post_all(pilot, [packet])
            assert app.is_running
            assert not app._exit
            found, cell = app.maps.worker.map, app.maps.worker.cell
            assert (found is None) == (cell is None)
            if found is not None:
                assert math.isfinite(found.config(*cell).lr)
