"""The form folded to a row: where it is, what it says, what unfolds it; and that it never covers the chart."""

from app_helpers import at_once, field, repaints, until
from languages import speaking
from tables import table

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS, preset_for
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.folded_form import FoldedForm, values
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.log import LogLines

PLAYGROUND = "playground · sgd · batch full · constant · lr 0.2 · 500 epochs"


def folded(app):
    """The row of the folded form; empty where it is not shown."""
    row = app.query_one(FoldedForm).region
    return screen_text(app).splitlines()[row.y].strip() if row else ""


def nearest(config):
    return PresetCatalog().nearest(config)


def form(app):
    return app.query_one(Form).region


@table(
    ("width", "text"),
    [
        (78, PLAYGROUND),
        (62, PLAYGROUND),
        (61, "playground · sgd · batch full · constant · lr 0.2"),
        (40, "playground · sgd · batch full · constant"),
        (30, "playground · sgd · batch full"),
        (20, "playground · sgd"),
        (12, "playground"),
    ],
)
def test_least_important_values_are_dropped_first(width, text):
    assert (
        " · ".join(value.text for value in values(PRESETS["playground"], nearest(PRESETS["playground"]), width)) == text
    )


@table(("language", "epochs"), [("en", "500 epochs"), ("zh_CN", "500 轮")])
def test_change_in_the_title_is_not_repeated(language, epochs):
    config = PRESETS["playground"].replace(lr=0.4)
    with speaking(language):
        title, *row = [value.text for value in values(config, nearest(config), 78)]
    assert title.endswith("lr 0.4")
    assert row[2:] == ["constant", epochs]


def test_own_samples_are_named_by_their_file():
    config = preset_for("own-data", RunConfig(data="/home/anna/experiment.csv"))
    assert [value.text for value in values(config, nearest(config), 78)][:3] == [
        "own-data",
        "experiment.csv",
        "momentum",
    ]


async def test_narrow_screen_folds_the_form(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert folded(app) == PLAYGROUND
        assert not form(app)
        assert app.query_one(FoldedForm).region.y == 2  # below state and formulas
        chart, log = app.query_one(ChartView).content_region, app.query_one(LogLines).region
        assert (chart.width, log.width) == (78, 80)
        assert chart.height >= 10
        assert log.height >= 5
        for size, has_row, has_form in (((99, 24), True, False), ((100, 24), False, True), ((140, 45), False, True)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert (bool(folded(app)), bool(form(app))) == (has_row, has_form), size
            assert "playground" in screen_text(app), size
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert folded(app) == PLAYGROUND.removesuffix(" · 500 epochs")


async def test_s_toggles_form_and_is_remembered(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        for key, is_there in (("s", True), ("s", False), ("s", True)):
            await pilot.press(key)
            await pilot.pause()
            assert bool(form(app)) is is_there
            assert bool(folded(app)) is not is_there
            assert ("Tab goes into the settings" in screen_text(app)) is is_there
            assert app.focused is None
            assert app.session.status is Status.RUNNING
            view = app.query_one(ChartView).region
            assert not view.overlaps(form(app))
            assert view.width == (50 if is_there else 80)
        await pilot.press("l", "1", "escape")  # it stays, and what was typed does not
        await pilot.pause()
        assert form(app).width == 30
        assert field(app, "lr").value == "0.2"
        assert app.changed_settings == {}  # each start begins with all of the picture


async def test_focused_field_unfolds_temporarily(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        for key, name in (("l", "lr"), ("tab", "preset")):
            await pilot.press(key)
            await pilot.pause()
            assert app.focused is field(app, name)
            assert form(app).width == 30
            assert form(app).contains_region(app.focused.region)
            await pilot.press("escape")
            await pilot.pause()
            assert (app.focused, bool(form(app)), folded(app)) == (None, False, PLAYGROUND)
        await pilot.press("l", *"0.4", "enter")
        await until(pilot, lambda: app.session.config.lr == 0.4)
        await pilot.pause()
        assert folded(app) == "playground, lr 0.4 · sgd · batch full · constant · 500 epochs"
        assert folded(app)


async def test_click_on_value_focuses_its_field(make_app):
    app = make_app("playground")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for text, name in (
            ("playground", "preset"), ("sgd", "optimizer"), ("batch full", "batch"), ("constant", "schedule"),
            ("lr 0.2", "lr"), ("500 epochs", "epochs"),
        ):  # fmt: skip
            row = screen_text(app).splitlines()[2]
            for x in (row.index(text), row.index(text) + len(text) - 1):
                await pilot.click(FoldedForm, offset=(x, 0))
                await until(pilot, lambda name=name: app.focused is not None and app.focused.id == f"input-{name}")
                await pilot.press("escape")
                await pilot.pause()
        await pilot.click(FoldedForm, offset=(row.index(" · ") + 1, 0))
        await pilot.pause()
        assert app.focused is None


async def test_s_focuses_form_that_cannot_fold(make_app):
    """On wide screens the form always shows; below 60 columns it replaces the chart."""
    app = make_app("playground")
    async with app.run_test(size=(100, 24)) as pilot:
        for size in ((100, 24), (140, 45), (50, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("s")
            await pilot.pause()
            assert app.focused is field(app, "preset")
            assert bool(app.query_one(ChartView).region) is (size[0] > 50)
            await pilot.press("escape")
            await pilot.pause()
        assert folded(app)


async def test_text_page_folds_form_at_medium_width(make_app):
    app = make_app("playground")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("5")
        for size in ((100, 24), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert (bool(form(app)), bool(folded(app))) == (False, True)
            await pilot.press("s")
            await pilot.pause()
            assert (bool(form(app)), bool(folded(app))) == (True, False)
            await pilot.press("s")


async def test_values_of_fields_stand_below_each_other(make_app):
    app = make_app("playground")
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        left, starts = form(app).x, set()
        for row in screen_text(app).splitlines()[form(app).y + 1 : form(app).bottom - 1]:
            name, _, value = row[left + 1 : left + 37].strip().partition("  ")
            if value.strip():
                starts.add(row.index(value.strip(), left + len(name)))
        assert len(starts) == 1


async def test_folded_form_is_not_repainted(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        painted = repaints(app.query_one(FoldedForm))
        await pilot.press("n", "n", "b")
        await pilot.pause()
        assert painted == []
