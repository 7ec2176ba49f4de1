"""The row `more`: what it stands for, what opens and closes it, and when it stays open."""

from app_helpers import burst, field, told, until

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.form.more_row import MoreRow

# What is always shown, if the run uses it.
MATTER = {"lr", "optimizer", "batch", "schedule", "init", "noise", "data", "columns"}
MATTER |= {"momentum", "rho", "beta1", "beta2", "epsilon", "decay_every", "decay_rate"}
CLOSED, OPEN = "more: 12 settings …", "fewer settings"


def shown(app):
    return {name for name in PARAMETERS if app.query_one(f"#field-{name}").display}


def more(app):
    return str(app.query_one(MoreRow).render())


def used(config):
    return PARAMETERS.keys() - config.unused


async def test_what_matters_is_shown_and_the_rest_counted(make_app):
    galileo = PRESETS["own-data"].replace(data="example:galileo")
    for config, says in (
        (PRESETS["playground"], CLOSED),
        (PRESETS["adam"], CLOSED),
        (galileo, "more: 10 settings …"),  # none of made samples, but two of files
    ):
        for size in ((80, 24), (100, 24), (140, 45)):
            app = make_app(config)
            async with app.run_test(size=size) as pilot:
                app.query_one(Form).fold(False)
                await pilot.pause()
                assert shown(app) == used(config) & MATTER
                assert more(app) == says
                assert says in screen_text(app)


async def test_enter_and_down_and_a_click_open_it(make_app):
    app = make_app("playground")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab", "up")
        assert app.focused is app.query_one(MoreRow)
        for says, names in ((OPEN, used(app.session.config)), (CLOSED, used(app.session.config) & MATTER)):
            await pilot.press("enter")
            assert (more(app), shown(app)) == (says, names)
        assert app.snapshot.number == 1  # no key of these has begun a run
        await pilot.press("down")
        assert (app.focused, more(app)) == (field(app, "epochs"), OPEN)
        await pilot.press("up", "enter", "escape")
        for says in (OPEN, CLOSED):
            await pilot.click(MoreRow)
            assert (app.focused, more(app)) == (None, says)  # the keys are those of the app still
        burst(app, ["l", *["down"] * 8, "7", "enter"])  # past it, to the epochs
        await until(pilot, lambda: app.session.config.epochs == 7)


async def test_it_stays_open_while_something_differs(make_app):
    app = make_app(PRESETS["playground"].replace(lr=0.4, tol=0.5))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "tol            0.5" in screen_text(app)
        await pilot.click(MoreRow)
        assert more(app) == OPEN
        (said,) = told(app)
        assert said.endswith("not as in the preset playground.")
        app.runs.restart(PRESETS["playground"].replace(lr=0.4))
        await pilot.pause()
        assert more(app) == CLOSED


async def test_what_is_typed_keeps_it_open(make_app):
    app = make_app("playground")
    async with app.run_test(size=(140, 45)) as pilot:
        for typed in ("x", "9"):  # what is wrong, and what differs
            app.views.action_edit("seed")
            await pilot.press(typed)
            await pilot.click(MoreRow)
            assert (more(app), app.focused) == (OPEN, field(app, "seed")), typed
            await pilot.press("backspace", "0")
            await pilot.click(MoreRow)
            assert (more(app), app.focused) == (CLOSED, app.query_one(MoreRow)), typed
            await pilot.press("escape")


async def test_refusal_opens_what_it_is_about(make_app):
    app = make_app("playground")
    async with app.run_test(size=(100, 30)) as pilot:
        app.runs.restart(RunConfig(data="example:nothing"))
        await pilot.pause()
        assert app.focused is field(app, "data")
        assert more(app) == CLOSED
        app.views.action_edit("x_min")
        await pilot.press("9", "enter")
        await pilot.pause()
        assert "is empty" in screen_text(app)
        assert (app.focused, app.snapshot.status) == (field(app, "x_min"), Status.READY)


async def test_presets_are_looked_through_without_opening_it(make_app):
    app = make_app("playground")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("tab")
        for _ in PRESETS:
            await pilot.press("right")
            assert shown(app) <= MATTER, field(app, "preset").value
