"""The runs below the form: what each came to, and in which color."""

from app_helpers import go, train
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.charts.spec import Role, run_roles
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.form.form_field import Fields
from quadfit_tui.ui.themes import COLORS
from quadfit_tui.ui.widgets.log import EMPTY
from quadfit_tui.ui.widgets.run_list import RunList, run_rows


def told(app):
    """The rows of the list, without the blanks in them."""
    region = app.query_one(RunList).content_region
    rows = screen_text(app).splitlines()[region.y : region.bottom]
    return [*filter(None, (" ".join(row[region.x : region.right].split()) for row in rows))]


async def test_run_list_from_100_by_30_on(make_app):
    app = make_app("full-batch")
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((80, 45), (99, 30), (100, 29), (140, 29)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert not app.query_one(RunList).display, size
        await pilot.resize_terminal(140, 45)  # while nothing is trained
        await pilot.pause()
        assert told(app) == ["run epoch mean loss", "> 1 start 5.785e+06 ready"]
        assert EMPTY in screen_text(app)
        train(app, 20)
        await pilot.pause()
        app.runs.action_twin_of("schedule")
        await pilot.pause()
        await pilot.pause()
        assert [row.split()[0] for row in told(app)[1:]] == [">", "1"]
        assert [row.split()[-1] for row in told(app)[1:]] == ["paused", "paused"]
        app.session.play()
        app.training.publish()
        await pilot.pause()
        assert told(app)[1].endswith("running")
        for size in ((120, 30), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert len(told(app)) == 3, size


@table(
    ("width", "rows"),
    [
        (29, ["run epoch mean loss", "> 1 start 5.785e+06 ready"]),
        (22, ["run epoch mean loss", "> 1 start 5.785e+06 r…"]),
    ],
)
def test_rows_are_as_wide_as_there_is_room(width, rows):
    session = RunSession(PRESETS["full-batch"])
    assert [row.text for row in run_rows(session.runs, 1, width)] == rows


def test_longest_state_fits_beside_the_form_of_100_columns():
    session = go(RunSession(PRESETS["playground"]), (200,))
    (_heading, row) = run_rows(session.runs, 1, 29)
    assert row.text.startswith("> 1   100 ")
    assert row.text.endswith("e-06 converged")


async def test_three_runs_at_least_while_the_form_is_used(make_app):
    app = make_app("noisy")
    async with app.run_test(size=(100, 30)) as pilot:
        for rate in range(1, 8):
            go(app.session, (1,)).restart(app.session.config.replace(lr=rate / 100))
        await pilot.press("e")
        await pilot.pause()
        assert [row.split()[0] for row in told(app)] == ["run", ">", "7", "6", "5", "4", "3", "2"]
        await pilot.press("l")
        await pilot.pause()
        assert [row.split()[0] for row in told(app)] == ["run", ">", "7", "6"]
        form = app.query_one(Form)
        assert all(form.region.contains_region(app.query_one(f"#field-{name}").region) for name in ("lr", "data"))
        assert form.region.contains_region(app.query_one("#input-more").region)


async def test_seven_runs_in_their_colors(make_app):
    app = make_app("noisy")
    async with app.run_test(size=(140, 45)) as pilot:
        for rate in range(1, 8):
            go(app.session, (1,)).restart(app.session.config.replace(lr=rate / 100))
        await pilot.press("e")
        await pilot.pause()
        assert [int(row.replace(">", " ").split()[0]) for row in told(app)[1:]] == [8, 7, 6, 5, 4, 3, 2]
        roles = run_roles(range(2, 8)) | {8: Role.FITTED}
        for y, number in enumerate((8, 7, 6, 5, 4, 3, 2), 1):
            color = next(iter(app.query_one(RunList).render_line(y))).style.color
            assert color.triplet.hex == app.theme_variables[COLORS[roles[number]]].lower()
        assert app.query_one(RunList).content_size.height >= 8
        assert app.query_one(Fields).max_scroll_y == 0
