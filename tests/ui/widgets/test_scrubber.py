"""The scrubber: where in a run one is, and the way to any other point of it, by mouse and by a typed epoch."""

from types import SimpleNamespace

from app_helpers import burst, repaints, train, until
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from textual import events
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.scrubber import ScrubBar, Track, position_label

RUN = RunConfig(samples=10, init=(1, 1, 1), stop_on="never", epochs=100)  # ten updates an epoch


def at(point, newest, per_epoch=10, goal=None, epochs=20):
    """A snapshot, as far as the scrubber looks at it."""
    return SimpleNamespace(
        position=Position(*point),
        newest=Position(*newest),
        updates_per_epoch=per_epoch,
        goal=goal,
        run=1,
        config=SimpleNamespace(epochs=epochs),
    )


@table(
    ("point", "newest", "goal", "bar"),
    [
        ((0, 0), (0, 0), None, "●──────────"),
        ((0, 0), (20, 0), None, "●━━━━━━━━━┫"),
        ((10, 0), (20, 0), None, "━━━━━●━━━━┫"),
        ((10, 0), (16, 0), None, "━━━━━●━━┫──"),
        ((16, 0), (16, 0), None, "━━━━━━━━●──"),
        ((20, 0), (20, 0), None, "━━━━━━━━━━●"),
        ((19, 9), (19, 9), None, "━━━━━━━━━●─"),  # only the end of the run is at the end
        ((10, 0), (20, 0), (4, 0), "━━○━━●━━━━┫"),
        ((10, 0), (12, 0), (20, 0), "━━━━━●┫───○"),
        ((10, 0), (20, 0), (10, 1), "━━━━━●━━━━┫"),
    ],
)
def test_bar_marks_without_colors(point, newest, goal, bar):
    goal = None if goal is None else Position(*goal)
    assert Track(at(point, newest), 11).bar(Position(*point), goal) == bar


POINTS = st.tuples(st.integers(0, 5000), st.integers(0, 9)).map(lambda point: Position(*point))


@trials(300)
@given(POINTS, POINTS, POINTS, st.integers(1, 120), st.integers(0, 5000))
def test_bar_and_points_fit_each_other(one, other, newest, width, more):
    newest, epochs = max(one, other, newest), newest.epoch + 1 + more
    epochs = max(epochs, max(one, other).epoch + 1)
    track = Track(at(one, newest, epochs=epochs), width)
    early, late = sorted([one, other])
    assert len(track.bar(one, other)) == width
    assert 0 <= track.cell(early) <= track.cell(late) <= width - 1
    apart = (width - 1) / (10 * epochs)  # cells between two points, if there are that few of them
    for cell in range(width):
        point = track.position(cell)
        assert START <= point <= (epochs, 0)
        assert 0 <= point.update < 10
        assert abs(track.cell(point) - cell) <= max(1, (apart + 1) / 2)
    assert track.position(track.cell(newest)) == newest  # what is trained ends there, and not within the cell
    assert track.position(0) == START or track.cell(newest) == 0
    assert track.position(width - 1) == track.position(10 * width) == ((epochs, 0) if width > 1 else newest)
    assert track.position(-5) == track.position(0)


def test_cells_snap_to_whole_epochs():
    track = Track(at((0, 0), (50, 5), epochs=100), 21)
    assert [track.position(cell) for cell in (1, 2, 10, 19, 20)] == [(5, 0), (10, 0), (50, 5), (95, 0), (100, 0)]
    track = Track(at((0, 0), (2, 0), epochs=2), 21)
    assert [track.position(cell) for cell in (1, 2, 19, 20)] == [(0, 1), (0, 2), (1, 9), (2, 0)]


@table(
    ("point", "newest", "text", "brief"),
    [
        ((0, 0), (0, 0), "start", "start"),
        ((0, 0), (20, 0), "start / 19", "start / 19"),
        ((20, 0), (20, 0), "epoch 19", "epoch 19"),
        ((9, 0), (20, 0), "epoch 8 / 19", "epoch 8 / 19"),
        ((14, 799), (20, 0), "epoch 14:799 / 19", "epoch 14:799"),
        ((14, 799), (19, 3), "epoch 14:799 / 19:3", "epoch 14:799"),
    ],
)
def test_label_text_by_width(point, newest, text, brief):
    snapshot = at(point, newest, per_epoch=800)
    assert position_label(snapshot, 30).rstrip() == text
    assert position_label(snapshot, 29).rstrip() == position_label(snapshot, 21).rstrip() == brief
    assert position_label(snapshot, 20) == ""


@table("per_epoch", [1, 2, 800])
@table(("epochs", "width"), [(1, 28), (10, 12), (11, 28), (100, 18), (100, 49)])
def test_label_width_constant_during_run(width, epochs, per_epoch):
    moments = [(epoch, update) for epoch in range(epochs) for update in {0, min(5, per_epoch - 1), per_epoch - 1}]
    moments.append((epochs, 0))
    labels = {
        position_label(at(here, newest, per_epoch, epochs=epochs), width)
        for here in moments[:: max(1, epochs // 10)]
        for newest in moments
        if here <= newest
    }
    assert len({*map(len, labels)}) == 1


# In the app


def bar_of(app):
    return app.query_one(ScrubBar)


async def trained(pilot, epochs):
    train(pilot.app, epochs)
    await pilot.pause()


async def mouse(pilot, kind, x, button=1):
    bar = bar_of(pilot.app)
    await pilot._post_mouse_events([kind], bar, offset=(x, 0), button=button)
    await pilot.pause()


async def test_bar_click_seeks_or_leaves_field(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await pilot.click(ScrubBar, offset=(3, 0))  # nothing is trained yet: it is, up to there
        await until(pilot, lambda: app.snapshot.status is Status.PAUSED)
        assert app.snapshot.position == app.snapshot.newest == bar_of(app)._track(app.snapshot).position(3) > (0, 0)
        await trained(pilot, 100)
        width = len(bar_of(app)._bar)
        for cell in (0, width // 2, width - 1):
            await pilot.click(ScrubBar, offset=(cell, 0))
            await pilot.pause()
            assert bar_of(app)._bar.index("●") == cell
            assert abs(app.snapshot.epoch - 100 * cell / (width - 1)) <= 0.5
        app.views.action_edit("lr")
        await pilot.pause()
        await pilot.click(ScrubBar, offset=(3, 0))
        assert app.focused is None
        assert app.snapshot.epoch == 100


async def test_drag_seeks_without_training(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await trained(pilot, 90)
        seen = []
        await mouse(pilot, events.MouseMove, 2)  # without a button nothing moves
        seen.append(app.snapshot.epoch)
        await mouse(pilot, events.MouseDown, 5)
        for x in (4, 3, 2):
            await mouse(pilot, events.MouseMove, x)
            seen.append(app.snapshot.epoch)
        await pilot._post_mouse_events([events.MouseMove], ChartView, offset=(0, 3), button=1)
        await pilot.pause()
        seen.append(app.snapshot.epoch)
        await mouse(pilot, events.MouseMove, len(bar_of(app)._bar) - 1)
        seen.append(app.snapshot.epoch)
        await mouse(pilot, events.MouseUp, 2)
        await mouse(pilot, events.MouseMove, 9)
        seen.append(app.snapshot.epoch)
        assert seen[0] == 90
        assert seen[1] > seen[2] > seen[3] > 0 == seen[4]
        assert seen[5] == seen[6] == 90
        assert app.snapshot.position == app.snapshot.newest == (90, 0)


async def test_narrow_bar_and_minimal_repaint(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await trained(pilot, 50)
        for width, labelled in [(21, True), (20, False), (80, True)]:
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            row = "".join(part.text for part in app.screen._compositor.render_strips()[bar_of(app).region.y])
            assert ("epoch 49" in row) is labelled, width
            assert len(bar_of(app)._bar) == bar_of(app).size.width
        app.query_one(Form).fold(False)  # a bar of 25 columns, in which two epochs have one
        await pilot.pause()
        painted = repaints(bar_of(app))
        for _ in range(5):
            app.playback.action_step_back("epoch")
        app.playback.action_step_back("update")
        await pilot.press("plus")
        app.playback.action_last()
        assert [len(regions) for regions in painted] == [
            2,
            2,
        ]  # the mark left the end, and came back


MOMENTS = {"15:3": (15, 3), "start": (0, 0), "99": (100, 0)}  # more of them: test_position.py


async def test_go_to_prompt_seeks_and_captures_keys(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await pilot.press("g", "1")
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert app.focused is app.query_one("#go-to")  # it comes back with the terminal window
        assert app.query_one("#go-to").parent.display
        await pilot.press("2", "enter")
        await pilot.pause()
        assert app.snapshot.epoch == 13
        await trained(pilot, 30)
        for typed, point in MOMENTS.items():
            await pilot.press("g")
            app.query_one("#go-to").value = typed
            await pilot.press("enter")
            await pilot.pause()
            assert app.snapshot.position == point
            assert app.snapshot.newest == max((30, 0), point)
            assert app.focused is None
            assert bar_of(app).parent.display
        await pilot.press("g")
        assert "Go to" in screen_text(app)
        assert "start, 0 to 99, or 15:3" in screen_text(app)
        await pilot.press(*"q bn+u?", "home", "x")
        assert app.query_one("#go-to").value == "xq bn+u?"
        assert (app.snapshot.position, app.snapshot.unit) == ((100, 0), "epoch")


async def test_go_to_errors_and_escape(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        app.query_one(Form).fold(False)
        await trained(pilot, 30)
        snapshot = app.snapshot
        for keys in (["1", "2", "escape"], ["enter"]):
            await pilot.press("g")
            assert not bar_of(app).parent.display, keys
            await pilot.press(*keys)
            assert app.snapshot is snapshot, keys
            assert app.focused is None, keys
            assert bar_of(app).parent.display, keys
        await pilot.press("b")
        assert app.snapshot.position == (29, 9)
        await pilot.press("g", *"1x5", "enter")
        await pilot.pause()
        problem = app.query_one("Scrubber .problem")
        assert problem.display
        assert str(problem.render()) == "'1x5' is not a number; allowed: start, 0 to 99, or 0:1 to 99:10"
        assert problem.region.height == 2
        assert app.focused is app.query_one("#go-to")
        assert app.snapshot.position == (29, 9)
        await pilot.press("backspace", "backspace", "2", "enter")
        await pilot.pause()
        assert app.snapshot.epoch == 13
        assert not problem.display
        await pilot.press("g")
        assert app.query_one("#go-to").value == ""
        assert not problem.display


TYPED_AHEAD = [
    (["g", "1", "4", "enter", "B", "e", "n"], (15, 1)),
    (["n", "g", "2", "backspace", "1", "colon", "7", "enter", "n", "n"], (1, 9)),
    (["g", "1", "5", "enter", "g", "2", "enter"], (3, 0)),
    (["g", "1", "5", "escape", "g", "2", "enter", "b"], (2, 9)),
    (["g", "4", "enter", "left_square_bracket", "right_square_bracket", "right"], (10, 1)),
]


async def test_typed_ahead_keys_apply_in_order(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        words = app.query_one(Panes)._words["fit"]
        await trained(pilot, 30)
        for keys, point in TYPED_AHEAD:
            window = words["window"]
            burst(app, [*keys, "z"])
            await until(pilot, lambda window=window: words["window"] != window)
            await pilot.pause()
            assert app.snapshot.position == point, keys
            assert app.focused is None
            assert bar_of(app).parent.display
