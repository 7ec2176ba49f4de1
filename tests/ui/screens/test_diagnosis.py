"""The diagnosis on the screen: its line, its page, and the restart with a rate that works."""

from app_helpers import at_once, message, train, until
from textual.widgets import Static

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.screens.diagnosis import FAILED, WORKING, DiagnosisPage
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.message_row import MessageRow


def shown_chart(app):
    (chart,) = (chart for chart in app.query(ChartView) if chart.display)
    return "\n".join(str(chart.render_line(row).text) for row in range(chart.size.height))


def shown_page(app):
    return str(app.screen.query_one(Static).render())


async def test_failed_diagnosis_is_reported(make_app):
    app = make_app("article", runner=lambda _, done: done(ValueError("no")))
    async with app.run_test() as pilot:
        await pilot.press("i")
        assert shown_page(app) == f"{FAILED}: ValueError: no"
        await pilot.press("i")
        assert message(app) == ""
        await pilot.press("e")
        assert app.snapshot.epoch == 1


async def test_the_line_follows_the_run(make_app):
    app = make_app("article", runner=at_once)
    async with app.run_test() as pilot:
        assert message(app) == "At the start c is farthest off: -2400, its best value is 3."
        painted = []
        app.query_one(MessageRow).refresh = lambda *regions, **options: painted.append(regions)  # noqa: ARG005
        train(app, 4)  # each sentence stands for two seconds
        await pilot.pause()
        assert message(app) == "At the start c is farthest off: -2400, its best value is 3."
        assert painted == []
        train(app, 9)  # what warns comes at once
        await pilot.pause()
        assert message(app).startswith("The mean loss grew in epoch 4")
        await pilot.resize_terminal(40, 20)
        assert message(app).startswith("loss grew")


async def test_settling_run_shown_and_fixed_by_restart(make_app):
    config = RunConfig(noise=0.5, init=(-1, 10, 26), lr=0.8, schedule="constant", epochs=200)
    jobs = []
    app = make_app(config, runner=lambda *job: jobs.append(job))
    async with app.run_test() as pilot:
        app.views.action_view("surface")
        await pilot.press("z", "escape")  # near, where it is seen to be elsewhere; what was told goes
        await pilot.pause()
        assert "settles" not in shown_chart(app)
        while jobs:
            job, done = jobs.pop(0)
            done(job())
        await pilot.pause()
        assert message(app).startswith("At the start c is farthest off")  # the user is to predict the rest
        assert "x settles" in shown_chart(app)
        await pilot.press("i")
        assert shown_page(app).startswith("So far\n0 epochs: At the start c is farthest off")
        assert "\n\nIn short\nThe learning rate says how far an update goes: " in shown_page(app)
        assert "\n\nEnter restarts with schedule halve, everything else unchanged.\n\n" in shown_page(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.session.config == config.replace(schedule="halve")
        assert "settles" not in shown_chart(app)  # that rate does not last
        app.session.jump(200)
        app.training.advance()
        app.session.advance(1e9)
        assert app.session.snapshot().mean_loss < 0.2503


async def test_early_stop_predicted_then_alarm(make_app):
    app = make_app("article-as-printed", runner=at_once, speed=None, passing=True)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not app.query_one(MessageRow).message.warns  # the user is to predict it
        await pilot.press("i")
        assert "the run stops after 2 epochs, because" in " ".join(shown_page(app).split())
        await pilot.press("escape", "space")
        await until(pilot, lambda: app.snapshot.status.ended)
        await pilot.pause()
        assert app.query_one(MessageRow).message.warns


async def test_two_remedies_have_two_keys(make_app):
    config = PRESETS["ill-conditioned"].replace(lr=1e-3)
    app = make_app(config, runner=at_once)
    async with app.run_test() as pilot:
        for key, changes in ("enter", {"scale_features": True, "lr": 0.64}), ("s", {"lr": 1.4e-6}):
            assert message(app) == "lr 0.001 is above the limit 1.59e-06: in the end each epoch lands farther off."
            await pilot.press("i")
            assert (
                "\n\nEnter restarts with scaled features and lr 0.64, everything else unchanged.\n"
                "s restarts with lr 1.4e-06, everything else unchanged.\n\n"
            ) in shown_page(app)
            await pilot.press(key)
            await pilot.pause()
            assert app.session.config == config.replace(**changes)
            app.runs.restart(config)
            await pilot.pause()


async def test_late_results_for_page_are_harmless(make_app):
    app = make_app("too-fast", runner=at_once)
    async with app.run_test() as pilot:
        snapshot, nothing = app.snapshot, DiagnosisState()
        page = DiagnosisPage(snapshot, nothing)
        page.show(snapshot, app.diagnosis.get_or_start(snapshot, True))  # from the thread, before it is on the screen
        await app.push_screen(page)
        await pilot.pause()
        assert "limit" in shown_page(app)
        app.pop_screen()
        await pilot.pause()
        page.show(snapshot, nothing)


async def test_keep_training_offered_only_if_helpful(make_app):
    app = make_app(runner=at_once)
    async with app.run_test(size=(140, 30)) as pilot:
        slow = PRESETS["playground"].replace(lr=0.05, epochs=200)
        for config, helps in ((slow, True), (RunConfig(optimizer="adagrad"), False)):
            app.runs.restart(config)
            train(app, config.epochs)
            await pilot.pause()
            assert app.snapshot.status is Status.FINISHED
            said = message(app)
            assert said.endswith("c: keep training.") == helps


async def test_page_fills_in_and_closes(make_app):
    jobs = []
    app = make_app("article", runner=lambda *job: jobs.append(job))
    async with app.run_test() as pilot:
        await pilot.press("i")
        assert shown_page(app) == WORKING
        for _ in range(2):
            assert "a constant learning rate of 0.5 would" not in shown_page(app)
            job, done = jobs.pop(0)
            done(job())
            await pilot.pause()
        assert (
            "an epoch at a constant learning rate of 0.5 would multiply the distance to the optimum by 0.5759."
            in shown_page(app)
        )
        assert "computing" not in shown_page(app)
        await pilot.press("enter")  # nothing to restart with
        assert isinstance(app.screen, DiagnosisPage)
        await pilot.press("i")
        assert len(app.screen_stack) == 1
        assert app.session.config == PRESETS["article"]
