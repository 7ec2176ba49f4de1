"""Own data in the app: columns are chosen in the list, names and units are seen, a run that rests is paused once."""

import numpy as np
import pytest
from app_helpers import at_once, log, until

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.list_screen import ListScreen

T = np.arange(20) / 20
HEIGHT = np.round(120.9 + 479.5 * T - 494 * T**2 + (-1.0) ** np.arange(20), 1)


@pytest.fixture
def ball(tmp_path, monkeypatch):
    """A folder with a file of three columns, in which the app is started."""
    rows = (f"{t:g},{height:.1f},5" for t, height in zip(T, HEIGHT, strict=True))
    (tmp_path / "ball.csv").write_text("\n".join(["time (s),height (cm),voltage (V)", *rows]) + "\n")
    monkeypatch.chdir(tmp_path)


async def choose(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    assert isinstance(pilot.app.screen, ListScreen)
    return screen_text(pilot.app)


@pytest.mark.usefixtures("ball")
async def test_list_asks_for_columns_of_many(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "which column is x" in (await choose(pilot, "d", "enter")).lower()
        assert "142.6" in screen_text(app)  # values that show what is what
        text = await choose(pilot, "down", "enter")
        assert "height (cm): x" in text
        text = await choose(pilot, "escape")  # back to x
        assert "height (cm): x" not in text
        assert "ball.csv  " in await choose(pilot, "escape")  # back to the files
        await choose(pilot, "enter")
        await choose(pilot, "enter")
        await pilot.press("enter")
        await until(pilot, lambda: app.session.config.data == "ball.csv")
        assert app.session.config.columns == ("time (s)", "height (cm)")


@pytest.mark.usefixtures("ball")
async def test_file_of_two_columns_asks_nothing(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", *"galileo", "enter")
        await until(pilot, lambda: app.session.config.data == "example:galileo")


def own(**changes):
    return PRESETS["own-data"].replace(data="ball.csv", columns=("time (s)", "height (cm)"), **changes)


@pytest.mark.usefixtures("ball")
@pytest.mark.parametrize("pauses", [True, False])
async def test_run_at_rest_is_paused_once(make_app, pauses):
    app = make_app(own(), passing=True, runner=at_once, speed=60)
    app.session.seek(105)
    app.session.advance(9)
    app.narration.pauses = lambda: pauses
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: not app.session.is_busy)
        assert ("AT REST" in screen_text(app)) is pauses
        if not pauses:  # as in a lesson, where somebody asks first, and in app_at
            assert app.session.snapshot().status.ended
            return
        a, b, c = np.polyfit(T, HEIGHT, 2)
        w, miss = app.session.snapshot().w, np.sqrt(np.mean((np.polyval((a, b, c), T) - HEIGHT) ** 2))
        assert w == pytest.approx((a, b, c), rel=1e-3)
        shown = screen_text(app)
        assert f"typical miss {miss:.2g} cm" in shown
        assert f"2a is the acceleration, {2 * a:.0f} cm/s²." in shown
        assert "height = " in shown
        assert "time (s)" in shown
        assert len(log(app).lines.records) > 0
        await pilot.press("b")
        assert "PAUSED" in screen_text(app) or "AT REST" in screen_text(app)
        await pilot.press("home")
        assert "AT REST" not in screen_text(app)  # where it had not come to rest yet
        await pilot.press("end", "space")
        await until(pilot, lambda: app.session.snapshot().status.ended)
        assert "AT REST" not in screen_text(app)


@pytest.mark.usefixtures("ball")
async def test_units_on_axes_and_formula_without_colors_or_signs(make_app):
    app = make_app(own(), runner=at_once, capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(80, 24)):
        text = screen_text(app)
        assert "height (cm)" in text
        assert "time (s)" in text
        assert "height = 0 " in text
