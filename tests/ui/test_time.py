"""Time in the app: back and forth by keys and mouse, and everything on the screen as it was."""

import random

from app_helpers import burst, message, repaints, until
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.training_loop import MAX_LINES
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.log import LogLines, LogView

RUN = RunConfig(samples=10, init=(1, 1, 1), stop_on="never", epochs=100)  # ten updates an epoch
LONG = RUN.replace(epochs=100_000, samples=2, lr=0.01)


async def go(pilot, epoch, update=0):
    pilot.app.session.seek(epoch, update)
    while pilot.app.session.is_busy:
        pilot.app.training.advance()
    await pilot.pause()


def lines(app):
    return app.query_one(LogLines)


def seen(app):
    """The rows of the log as text."""
    view = lines(app)
    return ["".join(part.text for part in view.render_line(y)) for y in range(view.size.height)]


def tail_of(app):
    """The newest records that the log of the present run keeps."""
    return list(app.query_one(LogView)._models[app.session.timeline].kept)


def picture(app):
    """Everything on the screen, with its colors."""
    return [list(strip) for strip in app.screen._compositor.render_strips()]


# Back and forth


BACK_AND_FORTH = [("article-minibatch", Unit.EPOCH), ("article", Unit.UPDATE), ("too-fast", Unit.EPOCH)]


async def test_back_and_as_much_forth_changes_nothing(make_app):
    chance = random.Random(20)
    app = make_app()
    async with app.run_test() as pilot:
        for preset, unit in BACK_AND_FORTH * (3 if AT_LENGTH else 1):
            app.runs.restart(PRESETS[preset])
            app.session.unit = unit
            await go(pilot, 4)
            burst(app, played := chance.choices("ne", k=chance.randint(0, 12)))
            await pilot.pause()
            newest, per_epoch = app.snapshot.newest, app.snapshot.updates_per_epoch
            start = divmod(chance.randint(0, newest.epoch * per_epoch + newest.update), per_epoch)
            await go(pilot, *start)
            w, before, tail = app.snapshot.w.tobytes(), picture(app), tail_of(app)
            steps = min(chance.randint(1, 20), app.snapshot.updates)
            case = preset, "".join(played), start, steps
            burst(app, ["b"] * steps)
            await pilot.pause()
            assert app.snapshot.updates == start[0] * per_epoch + start[1] - steps, case
            assert steps == 0 or picture(app) != before, case
            burst(app, ["n"] * steps)
            await pilot.pause()
            assert app.snapshot.w.tobytes() == w, case
            assert tail_of(app) == tail, case
            assert picture(app) == before, case


async def test_back_and_forth_restores_run_end(make_app):
    app = make_app("article", passing=True, speed=None)
    async with app.run_test() as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.status.ended)
        await pilot.pause()
        before, end, tail = picture(app), app.snapshot, tail_of(app)
        assert (end.status, len(tail)) == (Status.CONVERGED, 25)
        burst(app, ["b"] * 20)
        await pilot.pause()
        assert (app.snapshot.status, app.snapshot.position) == (Status.PAUSED, (24, 780))
        burst(app, ["right"] * 20)
        await pilot.pause()
        assert app.snapshot.status is Status.CONVERGED
        assert picture(app) == before
        await go(pilot, 7, 13)
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.status.ended)
        assert app.snapshot.w.tobytes() == end.w.tobytes()
        assert tail_of(app) == tail


WAYS = {
    "b b left n right": [(50, 2), (50, 1), (50, 0), (50, 1), (50, 2)],
    "B B B e": [(50, 0), (49, 0), (48, 0), (49, 0)],
    "left_square_bracket left_square_bracket right_square_bracket": [(40, 0), (30, 0), (40, 0)],
    "home b B left_square_bracket n": [(0, 0), (0, 0), (0, 0), (0, 0), (0, 1)],
    "home end end": [(0, 0), (50, 3), (50, 3)],
    "right_square_bracket end left_square_bracket": [(60, 0), (60, 0), (50, 0)],
}


async def test_every_key_goes_where_it_says(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        for keys, points in WAYS.items():
            await go(pilot, 50, 3)
            visited = []
            for key in keys.split():
                await pilot.press(key)
                visited.append(app.snapshot.position)
                assert not app.session.is_busy
            assert visited == points


async def test_end_follows_log_without_pausing(make_app, clock):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await go(pilot, 30)
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.epoch == 31)
        await pilot.press("pageup")
        await pilot.pause()
        assert lines(app).top < lines(app).end
        await pilot.press("end")
        assert app.snapshot.status is Status.RUNNING
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.epoch == 32)
        await pilot.pause()
        assert lines(app).top == lines(app).end
        assert "  31 " in seen(app)[-1]


# The play unit


async def test_u_switches_unit_and_sample_mark(make_app, clock):
    app = make_app(RUN)
    async with app.run_test() as pilot:

        def legend():
            return app.query_one("#first", ChartView)._rows[0].text

        assert app.snapshot.unit is Unit.EPOCH
        await pilot.press("u", "space")
        await until(pilot, lambda: app.snapshot.update == 1)
        clock.now += 0.1
        await until(pilot, lambda: app.snapshot.update == 2)
        assert [line.split()[0] for line in seen(app)[:2]] == ["0:1", "0:2"]
        await pilot.press("space")
        assert "# sample" in legend()
        await pilot.press("u")
        assert "# sample" not in legend()
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.position == (1, 0))
        assert app.snapshot.unit is Unit.EPOCH


# The log


async def test_log_marks_visited_line_and_takes_clicks(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await go(pilot, 30)
        assert not any(">" in row for row in seen(app))
        await go(pilot, 20)
        marked = [row for row in seen(app) if row.startswith(">")]
        assert [row.split()[1] for row in marked] == ["19"]
        parts = [row.part for row in lines(app)._rows]
        assert parts == ["", "", "visited", "future", "future"]
        await pilot.press("b")
        assert [row.lstrip(">").split()[0] for row in seen(app)] == ["17", "18", "19:9", "19", "20"]
        await pilot.press("end")
        await pilot.pause()
        assert [row.split()[0] for row in seen(app)] == ["25", "26", "27", "28", "29"]
        assert {row.part for row in lines(app)._rows} == {""}
        await go(pilot, 5)
        await go(pilot, 30)
        assert [row.split()[0] for row in seen(app)] == ["25", "26", "27", "28", "29"]
        await pilot.click(LogLines, offset=(10, 2))
        await pilot.pause()
        assert app.snapshot.position == (28, 0)
        await pilot.press("home", "n")
        await pilot.click(LogLines, offset=(10, 1))
        await pilot.pause()
        assert app.snapshot.position == (1, 0)
        app.views.action_edit("lr")
        await pilot.pause()
        await pilot.click(LogLines, offset=(10, 3))
        await pilot.pause()
        assert (app.snapshot.position, app.focused) == ((1, 0), None)
        await pilot.press("end", "e")
        await pilot.pause()
        assert seen(app)[-1].split()[0] == "30"


async def test_log_scrolls_without_needless_repaints(make_app):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await go(pilot, 50)
        await go(pilot, 30)
        there = lines(app).top
        await pilot.press("pageup", "plus", "u")
        await pilot.pause()
        assert lines(app).top < there
        await pilot.press("b", "n", "u")
        assert lines(app).top == there
        await go(pilot, 20, 5)
        painted = repaints(lines(app))
        await pilot.press("b", "plus", "z", "b")
        assert [len(regions) for regions in painted] == [1, 1]


async def test_dropped_log_lines_are_paged_in(make_app):
    app = make_app(LONG, passing=True)
    async with app.run_test() as pilot:
        await go(pilot, 3 * MAX_LINES)
        before = picture(app)
        page = app.session.timeline.epochs_per_page
        await go(pilot, page + 7)
        assert len(lines(app).lines.records) == page
        assert any(row.startswith(">") and row.split()[1] == str(page + 6) for row in seen(app))
        first = picture(app)
        await pilot.press("home", "g", *f"{page + 6}", "enter")
        await pilot.pause()
        assert picture(app) == first
        await pilot.press("end")
        await pilot.pause()
        assert picture(app) == before
        assert len(lines(app).lines.records) == MAX_LINES


async def test_position_message_and_reset_by_restart(make_app, monkeypatch):
    app = make_app(RUN)
    async with app.run_test() as pilot:
        await go(pilot, 30)

        await go(pilot, 20, 5)
        assert message(app) == "At 20:5 the mean loss was 4.67e-07; the newest is 6.34e-08."
        await pilot.press("space")
        assert message(app) == "replaying up to epoch 29"
        monkeypatch.setattr(app.session, "advance", lambda _: [])
        await pilot.press("space", "home")
        assert message(app) == "going to the start…"
        monkeypatch.undo()
        await pilot.press("r", "n")
        await pilot.pause()
        assert app.snapshot.newest == Position(0, 1)
        assert seen(app)[0].split()[0] == "0:1"
        assert set(seen(app)[1:]) == {" " * lines(app).size.width}
