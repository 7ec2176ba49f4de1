"""The panes: which views are seen, and with which words."""

import re

import pytest
from app_helpers import burst, go, told, train, until
from languages import speaking
from pseudo_locale import cells, pseudo, pseudo_locale

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.screens.runs import RunsScreen
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import OPTIONS, VIEWS, WORDS
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.panes import Panes, pane_title
from quadfit_tui.ui.widgets.view_bar import ViewBar


async def test_axis_name_in_border_keeps_tick_labels(make_app):
    app = make_app()
    async with app.run_test(size=(140, 45)) as pilot:
        train(app, 12)
        for key, name in (("2", "epochs done"), ("4", "a (b at its best)")):
            await pilot.press(key)
            await pilot.pause()
            pane = app.query_one("#second", ChartView)
            rows = [row[pane.region.x : pane.region.right] for row in screen_text(app).splitlines()]
            axis, labels, border = rows[pane.region.bottom - 3 : pane.region.bottom]
            assert border.endswith(f" {name} ─╯")
            assert len(labels.strip("│ ").split()) == axis.count("┬") + axis.rstrip(" │").endswith("┐") >= 3
        await pilot.press("5")
        await pilot.pause()
        assert "a (b at its best)" not in screen_text(app)
        await pilot.press("2")
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        pane = app.query_one("#first", ChartView)
        assert screen_text(app).splitlines()[pane.region.bottom - 1].rstrip().endswith(" epochs done")
        # A row may be drawn for a new size before the border is known to be gone.
        pane._axis_name, pane._drawn = "epochs done", None
        pane.render_line(0)
        pane.on_resize()
        await pilot.pause()
        assert screen_text(app).splitlines()[pane.region.bottom - 1].rstrip().endswith(" epochs done")


async def test_v_and_option_keys_cycle(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("z")
        assert told(app) == ["1 Fit: data"]  # since no border tells it
        panes = app.query_one(Panes)
        for name, view in VIEWS.items():
            assert panes.view == name
            assert panes.views_in_sight == [name]
            left_out = view.left_out(app.snapshot)
            for option, all_words in view.options.items():
                begun, words = panes._words[name][option], [word for word in all_words if word not in left_out]
                seen = []
                for _ in words:
                    await pilot.press(OPTIONS[option].key)
                    seen.append(panes._words[name][option])
                assert sorted(seen) == sorted(words)
                assert seen[-1] == begun
            untouched = {other: dict(words) for other, words in panes._words.items()}
            for key in {option.key for option in OPTIONS.values()} - {OPTIONS[option].key for option in view.options}:
                await pilot.press(key)
            assert panes._words == untouched
            await pilot.press("v")
        assert panes.view == next(iter(VIEWS))
    assert {name for view in VIEWS.values() for name in view.options} == set(OPTIONS)


async def test_switched_view_shows_current_moment(make_app):
    app = make_app(fps=1)
    async with app.run_test() as pilot:
        panes = app.query_one(Panes)
        for size, name in ((100, 30), "loss"), ((80, 24), "surface"):
            go(app.session, (0, 5))
            app.training.publish()
            app.views.action_view(name)
            while panes._words[name].get("window") != ("epoch" if name == "loss" else "path"):
                app.views.action_turn("window")
            app.views.action_view("fit")
            go(app.session, (0, 6))  # which a key within the same half of a frame does, and its picture waits
            app.views.action_view(name)
            assert len(panes._scene.epoch_path) == 7
            go(app.session, (0, 7))
            await pilot.resize_terminal(*size)  # still the moment before: of its path nothing is known any more
            app.training.publish()
            assert len(panes._scene.epoch_path) == 8
            app.session.restart()


async def test_past_moment_has_no_epoch_path(make_app):
    session = make_app().session
    session.seek(0, 5)
    session.advance(1)
    passed = scene_of(session)
    session.seek(0, 7)
    session.advance(1)
    for name in ("loss", "parameters"):
        for series in VIEWS[name].draw(passed, {"window": "epoch"}).series:
            assert len(series.x) == len(series.y)
    assert len(passed.epoch_path) == 0


async def test_fast_view_switching_loses_no_key(make_app):
    """Every key of a burst has its effect, in the order of the keys."""
    app = make_app(
        RunConfig(epochs=10**6, samples=100, stop_on="never", shuffle=True), passing=True, speed=None, fps=10
    )
    done = []
    async with app.run_test(size=(80, 24)) as pilot:
        panes, session = app.query_one(Panes), app.session
        effects = {"view": lambda: panes.view, "turn": lambda: panes._words["fit"]["window"]}
        effects |= {"unit": lambda: session.unit, "speed": lambda: session.speed}

        def noting(act, effect):
            def noted(*args):
                act(*args)
                done.append(effect())

            return noted

        for name, effect in effects.items():
            app._actions[name] = noting(app._actions[name], effect)
        burst(app, ["space"])  # the pilot would wait for two fifths of a second after it
        await until(pilot, lambda: app.snapshot.epoch > 0)
        numbers = [str(number) for number in range(1, len(VIEWS) + 1)]
        keys = [key for number in numbers for key in (number, "1", "z", "u", "minus", "plus")]
        burst(app, keys)
        await until(pilot, lambda: len(done) == len(keys))
        names, windows, units = list(VIEWS), ["article", "data", "follow"], [Unit.UPDATE, Unit.EPOCH]
        expected = []
        for at, number in enumerate(numbers):
            expected += [names[int(number) - 1], names[0], windows[at % 3], units[at % 2], 30, None]
        assert done == expected
        assert session.status is Status.RUNNING
        assert session.snapshot().epoch > 0


def first_row(pane):
    return pane._rows[0].text.rstrip(" ▐")


async def test_page_replaces_form_and_log_scrolls(make_app):
    app = make_app("article-minibatch")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "5")
        page, form, log = app.query_one("#first", ChartView), app.query_one(Form), app.query_one(LogView)
        await until(pilot, lambda: page.size.height > 15)
        assert (page.size.width, bool(form.region), log.display) == (79, False, False)
        assert first_row(page).startswith("Epoch 0, update 1 of 50")
        assert page._rows[0].text.endswith("▐")
        assert not page._rows[-1].text.endswith("▐")
        await pilot.press("pagedown", "pagedown", "pagedown", "up", "down", "down")
        assert page._rows[-1].text.startswith("  lr = lr0 / 2")  # the formulas come last
        assert page._rows[-1].text.endswith("▐")
        here = first_row(page)
        await pilot.press("1")
        assert (bool(form.region), log.display) == (False, True)
        await pilot.press("5")
        assert first_row(page) == here  # the page keeps its place
        await pilot.press("l")
        await until(pilot, lambda: form.region)
        await pilot.press("escape")
        await until(pilot, lambda: not form.region)
        await pilot.press("pageup", "pageup", "pageup", "up")
        assert first_row(page).startswith("Epoch 0, update 1 of 50")


async def test_page_scroll_survives_update_and_resize(make_app):
    app = make_app("article-minibatch")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "5", *["down"] * 4, "n")
        (first,) = app.query(ChartView)
        assert first_row(first).startswith("before        550.5614033")
        await pilot.resize_terminal(200, 30)
        await until(pilot, lambda: app.query("#second"))
        await pilot.pause()
        second = app.query_one("#second", ChartView)
        assert second.display
        assert len(second._rows) == second.size.height > 5
        assert first_row(second).startswith("before        550.5614033")
        await pilot.press("down")
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: not second.display)
        assert first_row(first).split()[:2] == ["gradient", "g"]


async def test_three_views_from_180_columns(make_app):
    app = make_app()
    async with app.run_test(size=(180, 45)) as pilot:
        panes = app.query_one(Panes)
        assert panes.views_in_sight == ["fit", "loss", "surface"]
        await pilot.press("3")
        assert panes.views_in_sight == ["fit", "parameters", "surface"]
        await pilot.press("5")
        await pilot.pause()
        assert panes.views_in_sight == ["fit", "update"]
        assert app.query_one(Form).region.width == 38
        assert app.query_one("#second").region.width >= 76
        await pilot.resize_terminal(179, 45)
        await pilot.pause()
        assert panes.views_in_sight == ["update"]
        await pilot.press("1")
        await pilot.pause()
        assert panes.views_in_sight == ["fit", "parameters"]
        # Number keys choose a view beside Fit, and every title can be read.
        await pilot.resize_terminal(120, 30)
        for number, (name, view) in enumerate(VIEWS.items(), 1):
            await pilot.press(str(number))
            assert panes.view == name
            if view.is_page:
                assert panes.views_in_sight == [name]
            elif name != "fit":
                assert panes.views_in_sight == ["fit", name]
            left_out = view.left_out(app.snapshot)
            words = [max({*each} - left_out, key=len) for each in view.options.values()]
            panes._words[name] = dict(zip(view.options, words, strict=True))
            panes._draw()
            await pilot.pause()
            told = ", ".join(word for word in words if word != "hidden")
            assert f"─ {number} {name.capitalize()}{': ' if told else ''}{told} ─" in screen_text(app)


async def test_fit_stays_in_sight(make_app):
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        panes = app.query_one(Panes)
        assert (panes.view, panes.views_in_sight) == ("fit", ["fit", "surface"])
        assert panes.view_arguments == []  # what an app begins with
        for key in "2364132":
            await pilot.press(key)
            name = list(VIEWS)[int(key) - 1]
            assert panes.view == name
            assert panes.views_in_sight == (["fit", name] if name != "fit" else ["fit", "surface"])
        assert panes.view_arguments == ["loss"]
        for _ in VIEWS:
            await pilot.press("v")
            assert "fit" in panes.views_in_sight or VIEWS[panes.view].is_page
        await pilot.press("f", "4", "escape")
        assert (panes.view, panes.views_in_sight) == ("surface", ["fit", "surface"])
        await pilot.resize_terminal(119, 36)
        await pilot.pause()
        assert panes.views_in_sight == ["surface"]
        await pilot.press("1")
        assert panes.views_in_sight == ["fit"]


@pytest.mark.parametrize(
    ("views", "shown"),
    [
        (["loss"], ["fit", "loss"]),
        (["surface"], ["fit", "surface"]),
        (["update"], ["update"]),
        (["fit", "parameters"], ["fit", "parameters"]),
        (["surface", "loss"], ["loss", "surface"]),  # who names two sees these two
    ],
)
async def test_named_views_come_first(make_app, views, shown):
    app = make_app(views={name: {} for name in views})
    async with app.run_test(size=(140, 45)) as pilot:
        panes = app.query_one(Panes)
        assert (panes.view, panes.views_in_sight) == (views[0], shown)
        assert panes.view_arguments == (views if len(views) == 2 else views[:1])
        await pilot.press("3")
        assert panes.views_in_sight == ["fit", "parameters"]  # from now on beside Fit


async def test_own_samples_omit_article_window(make_app, tmp_path):
    (tmp_path / "own.csv").write_text("0 1\n1 2\n2 4\n")
    app = make_app(RunConfig(samples=400))  # which begins with `follow`, as own samples do
    async with app.run_test() as pilot:
        seen = []
        for key in ("z", "own", "z", "z", "z"):
            if key == "own":
                app.session.restart(RunConfig(data=str(tmp_path / "own.csv"), lr=0.1))
                app.training.echo()
            else:
                await pilot.press(key)
            await pilot.pause()
            seen.append(app.query_one(Panes)._words["fit"]["window"])
        assert seen == ["article", "follow", "data", "follow", "data"]


async def test_active_view_marked_and_chosen_by_click(make_app):
    app = make_app()
    async with app.run_test(size=(140, 45)) as pilot:
        panes, bar = app.query_one(Panes), app.query_one(ViewBar)
        first, second = app.query_one("#first"), app.query_one("#second")
        assert [first.has_class("-active"), second.has_class("-active")] == [True, False]
        assert (first.border_title, second.border_title) == ("1 Fit: article", "4 Surface: path, a c, third at best")
        await pilot.click(second)
        assert (panes.view, panes.views_in_sight) == ("surface", ["fit", "surface"])
        assert [first.has_class("-active"), second.has_class("-active")] == [False, True]
        await pilot.press("z")
        assert (first.border_title, second.border_title) == ("1 Fit: article", "4 Surface: near, a c, third at best")
        assert not told(app)  # the border tells it
        await pilot.click(bar, offset=(screen_text(app).splitlines()[bar.region.y].index("2 Loss") - bar.region.x, 0))
        assert (panes.view, panes.views_in_sight) == ("loss", ["fit", "loss"])
        await pilot.press("h")  # which no view in sight has
        assert told(app) == ["h works only in view 4."]
        await pilot.press("o")  # which one in sight has: it is active from now on
        assert (panes.view, panes._words["fit"]["optimum"]) == ("fit", "least squares")


async def test_legend_clicks(make_app):
    app = make_app("full-batch")
    async with app.run_test(size=(140, 45)) as pilot:
        train(app, 20)
        app.runs.action_twin_of("schedule")
        await pilot.press("2")

        async def click(words, pane):
            region = app.query_one(pane).content_region
            row = screen_text(app).splitlines()
            x, y = next((r.index(words, region.x), y) for y, r in enumerate(row) if words in r[region.x :])
            await pilot.click(pane, offset=(x - region.x + 2, y - region.y + 1))
            await pilot.pause()

        await click("#1", "#second")
        assert isinstance(app.screen, RunsScreen)
        await pilot.press("escape", "1", "o")
        await pilot.pause()
        await click("optimum", "#first")
        assert app.query_one(Panes)._words["fit"]["optimum"] == "hidden"


async def test_wide_legend_positions_map_to_roles(make_app):
    with pseudo_locale():
        app = make_app("full-batch")
        async with app.run_test(size=(140, 45)) as pilot:
            await pilot.press("1", "o")
            await pilot.pause()
            pane = app.query_one("#first", ChartView)
            rows = [cells(row)[pane.region.x :] for row in screen_text(app).splitlines()]
            named = {"true": Role.TRUE, "fitted": Role.FITTED, "samples": Role.SAMPLES, "optimum": Role.OPTIMUM}
            for name, expected in named.items():
                top = pane.content_region.y
                y, row = next((y, row) for y, row in enumerate(rows[top:], top) if pseudo(name) in "".join(row))
                begin = next(x for x in range(len(row)) if "".join(row[x:]).startswith(pseudo(name)))
                for x in (begin + at for at, cell in enumerate(cells(pseudo(name))) if cell != " "):
                    inside = x - (pane.content_region.x - pane.region.x), y - pane.content_region.y
                    assert pane.role_at(*inside) == expected, (name, x)
            assert pane.role_at(-1, 0) == pane.role_at(pane.size.width, 0) == pane.role_at(0, -1) == ""


def test_chinese_view_titles_fully_translated():
    names = {word for view in VIEWS.values() for words in view.options.values() for word in words}
    assert {*WORDS} == names - {"hidden"}
    for name, view in VIEWS.items():
        for option, words in view.options.items():
            for word in words:
                english = pane_title(name, {option: word})
                assert english.endswith(f": {word}") or word == "hidden"
                with speaking():
                    title = pane_title(name, {option: word})
                assert {*re.findall("[A-Za-z]{2,}", title)} <= {"beta", "rho"}, english
    with speaking():
        words = {"window": "path", "pair": "a c", "third": "third at best"}
        assert pane_title("surface", words) == "4 曲面：路径，a、c，第三个参数取最优值"
