"""The start: one picture that has it all, and nothing is made twice for it."""

import pytest
from app_helpers import records, until
from textual._compositor import Compositor
from textual.widgets import Input
from trials import rounds

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.form.form import FOLDED, Form
from quadfit_tui.ui.form.form_field import Field, Fields
from quadfit_tui.ui.widgets.key_bar import KeyBar

SIZES = {(140, 45): "-wide -higher", (50, 10): "-slim -short", (80, 24): "-narrow -tall", (80, 20): "-narrow -medium"}


@pytest.mark.parametrize("size", rounds([*SIZES]))
async def test_first_frame_complete_with_size_classes(make_app, monkeypatch, size):
    pictures, display = [], QuadfitApp._display

    def record(app, screen, renderable):
        if renderable is not None and app._batch_count == 0:
            pictures.append(screen_text(app))
        display(app, screen, renderable)

    monkeypatch.setattr(QuadfitApp, "_display", record)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        # All but the form: whether that needs a scrollbar, Textual finds out by its first layout.
        form = app.query_one(Form).region
        first, last = (
            [line[: form.x] + line[form.right :] if form.y <= y < form.bottom else line for y, line in enumerate(text)]
            for text in (pictures[0].splitlines(), screen_text(app).splitlines())
        )
        assert first == last
        assert "fitted" in pictures[0]
        assert "┤" in pictures[0]
        assert "space Play" in pictures[0]
        assert ("optimizer" in pictures[0]) is bool(form)
        assert app.screen.classes == {*SIZES[size].split(), FOLDED}
        other = [*SIZES][[*SIZES].index(size) - 2]
        await pilot.resize_terminal(*other)
        await pilot.pause()
        assert app.screen.classes == {*SIZES[other].split(), FOLDED}


async def test_inputs_and_footer_updated_lazily(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not app.query("Form Input")
        bar, painted = app.query_one(KeyBar), []
        before = bar.keys
        bar.refresh = lambda *_, **__: painted.append([key.label for key in bar.keys])
        app.refresh_bindings()
        await pilot.pause()
        assert painted == []
        await pilot.press("l")
        await until(pilot, lambda: bar.keys[0].label == "Apply and restart")
        await pilot.press("escape")
        await until(pilot, lambda: bar.keys == before)
        assert [labels[0] for labels in painted] == ["Apply and restart", "Play"]
        await pilot.press("l", "tab", "tab")
        assert [each.id for each in app.query("Form Input").results(Input)] == ["input-lr", "input-batch"]


@pytest.mark.parametrize(("rows", "layouts"), [(24, 2), (45, 2), (34, 3)], ids=["scrollbar", "none", "not_foreseen"])
async def test_two_layouts_unless_unforeseen_scrollbar(make_app, monkeypatch, rows, layouts):
    lay_out, done = Compositor.reflow, []
    monkeypatch.setattr(Compositor, "reflow", lambda *args: done.append(args) or lay_out(*args))
    app = make_app(PRESETS["article"].replace(tol=1.0))  # with all settings in sight
    async with app.run_test(size=(100, rows)) as pilot:
        await pilot.pause()
        assert len(done) == layouts
        fields = app.query_one(Fields)
        assert fields.show_vertical_scrollbar == (fields.virtual_size.height > fields.size.height) == (rows < 45)
        beside = fields.scrollable_content_region.width
        assert {line.size.width for line in app.query(Field) if line.display} == {beside}
        await pilot.resize_terminal(100, rows + 1)
        await pilot.pause()
        assert len(done) > layouts


async def test_opens_paused_at_moment_with_log(make_app):
    app = make_app(passing=True)
    app.session.seek(12, 40)  # as --at does
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert (app.snapshot.status, app.snapshot.position) == (Status.PAUSED, (12, 40))
        assert [record.epoch for record in records(app)][:3] == [0, 1, 2]
        assert "epoch 12:40" in screen_text(app)
