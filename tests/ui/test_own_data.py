"""Own data in the app: columns are chosen in the list, names and units are seen, a run that rests is paused once."""

import re

import numpy as np
import pytest
from app_helpers import at_once, burst, message, problem, until
from textual.widgets import OptionList

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.reproduction import app_command
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.data_list import DataList
from quadfit_tui.ui.widgets.header import formulas_line

T = np.arange(20) / 20
HEIGHT = np.round(120.9 + 479.5 * T - 494 * T**2 + (-1.0) ** np.arange(20), 1)
BEST = np.polyfit(T, HEIGHT, 2)
MISS = float(np.sqrt(np.mean((np.polyval(BEST, T) - HEIGHT) ** 2)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with files of samples, in which the app is started."""
    rows = [f"{at},run {at},{t:g},{height:.1f}" for at, (t, height) in enumerate(zip(T, HEIGHT, strict=True))]
    (tmp_path / "ball.csv").write_text("\n".join(["no,note,time (s),height (cm)", *rows]) + "\n")
    (tmp_path / "serial.log").write_text("1034ms, adc=512\n1134ms, adc=530\n")
    (tmp_path / "bare.dat").write_text("1 2 4\n2 3 9\n3 4 12\n")
    monkeypatch.chdir(tmp_path)


async def rows(pilot):
    """The rows of the list that is open, and which one is marked."""
    await pilot.pause()
    assert isinstance(pilot.app.screen, DataList)
    listed = pilot.app.screen.query_one(OptionList)
    return [str(option.prompt) for option in listed.options], listed.highlighted


# The list


@pytest.mark.usefixtures("folder")
async def test_list_asks_for_columns_by_two_marks(make_app):
    app = make_app(runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", *"ball", "enter")
        listed = ["  no           0, 1, 2, 3", "  time (s)     0, 0.05, 0.1, 0.15"]
        listed.append("  height (cm)  121.9, 142.6, 164.9, 180.7")  # no note, which is no number
        assert await rows(pilot) == (listed, 0)
        assert "ball.csv: Which column is x?" in screen_text(app)
        await pilot.press("down", "enter")
        listed[1] = listed[1].replace("  time", "x time")
        assert await rows(pilot) == (listed, 2)
        assert "ball.csv: Which column is y?" in screen_text(app)
        await pilot.press("up", "enter")  # takes the mark away
        assert "ball.csv: Which column is x?" in screen_text(app)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.session.config.columns == ("time (s)", "height (cm)"))
        assert app.session.config == PRESETS["own-data"].replace(data="ball.csv", columns=("time (s)", "height (cm)"))
        assert app.session.status is Status.RUNNING
        assert "--columns 'time (s), height (cm)'" in app_command(app.snapshot.task, app.snapshot.position)
        await pilot.press("d", *"ball", "enter", *"height", "enter", *"no", "enter")  # others of the same file
        await until(pilot, lambda: app.session.config.columns == ("height (cm)", "no"))


@pytest.mark.usefixtures("folder")
async def test_esc_goes_back_to_files(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (["enter"], ["enter", "enter"], ["enter", *"time", "enter"]):
            await pilot.press("d", *"ball", *keys, "escape")
            files, marked = await rows(pilot)
            assert files[marked].startswith("ball.csv  ")
            assert "columns no, note, time (s) and height (cm)" in " ".join(" ".join(files).split())
            await pilot.press("escape")
            await pilot.pause()
            assert len(app.screen_stack) == 1
        assert app.session.config == PRESETS["playground"]


@pytest.mark.usefixtures("folder")
async def test_keys_typed_ahead_choose_columns(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        burst(app, ["d", *"ball", "enter", "down", "enter", "enter", "space", "n"])
        await until(pilot, lambda: app.session.config.data == "ball.csv" and app.session.snapshot().update == 0)
        assert app.session.config.columns == ("time (s)", "height (cm)")
        await until(pilot, lambda: app.session.status is Status.PAUSED)  # by Space, since the list plays


@pytest.mark.usefixtures("folder")
async def test_columns_without_headings_have_numbers(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", *"bare", "enter")
        assert (await rows(pilot))[0][2] == "  column 3  4, 9, 12"
        await pilot.press("down", "enter", "enter")
        await until(pilot, lambda: app.session.config.columns == ("2", "3"))
        assert app.snapshot.problem.y.tolist() == [4, 9, 12]


@pytest.mark.usefixtures("folder")
async def test_log_is_listed_and_refused_without_options(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", *"serial")
        (row,), _marked = await rows(pilot)
        said = "is a log with words between its numbers, as an Arduino writes it: '1034ms, adc=512' in line 1"
        assert said in " ".join(row.split())
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and app.focused is not None)
        assert "Arduino" in problem(app, "data")
        assert "--" not in problem(app, "data")
        assert app.session.config.data is None


@pytest.mark.usefixtures("folder")
async def test_undecided_file_in_form_is_refused_without_options(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        app.views.action_edit("data")
        await pilot.press("end", *"ball.csv", "enter")
        await pilot.pause()
        assert "has 4 columns (no, note, time (s), height (cm))" in problem(app, "data")
        assert "--" not in problem(app, "data")


# Names and units


def own(**changes):
    return PRESETS["own-data"].replace(data="ball.csv", columns=("time (s)", "height (cm)"), **changes)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("ascii", [False, True])
async def test_names_and_units_on_axes_and_formula(make_app, ascii):
    app = make_app(own(), runner=at_once, capabilities=Capabilities(ascii=ascii))
    async with app.run_test(size=(80, 24)) as pilot:
        app.session.seek(250)
        while app.session.is_busy:
            app.training.advance()
        await pilot.pause()
        rows = screen_text(app).splitlines()
        times, square = (r"\*", r"\^2") if ascii else ("·", "²")
        shown = re.match(rf" height = (-\S+){times}time{square} \+ (\S+){times}time \+ (\S+)  ", rows[1])
        assert [*map(float, shown.groups())] == pytest.approx(BEST, rel=2e-3)
        assert any(row.split()[:2] == ["height", "(cm)"] for row in rows)
        assert any(row.endswith("time (s)") for row in rows)
        assert f"typical miss {MISS:.2g} cm " in formulas_line(app.snapshot, 138).plain


# A run at rest


@pytest.fixture
def resting(folder, make_app):  # noqa: ARG001  the files are there
    """Makes the app with a run of own data amid its epochs, which comes to rest."""

    def make(**options):
        app = make_app(own(scale_features=True), passing=True, runner=at_once, speed=60, **options)
        app.session.seek(105)
        app.session.advance(9)
        return app

    return make


async def test_run_at_rest_is_paused_once(resting):
    app = resting()
    app.narration.pauses = True
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: not app.session.is_busy)
        paused = app.snapshot.epoch
        assert 105 < paused < 300
        assert app.snapshot.w == pytest.approx(BEST, rel=1e-3)
        assert screen_text(app).startswith("  AT REST ")
        assert message(app) == f"At rest: no parabola gets closer. 2a is the acceleration, {2 * BEST[0]:.0f} cm/s²."
        await pilot.press("b")
        await pilot.pause()
        before = app.snapshot.epoch
        assert screen_text(app).split()[0] in ("PAUSED", "AT")
        await pilot.press("home")
        await until(pilot, lambda: app.snapshot.epoch == 0)
        assert screen_text(app).startswith("  PAUSED ")  # where it had not come to rest
        await pilot.press("end")
        await until(pilot, lambda: app.snapshot.epoch == paused > before)
        assert screen_text(app).startswith("  AT REST ")
        await pilot.press("space")
        await until(pilot, lambda: app.snapshot.status.ended)
        assert screen_text(app).startswith("  FINISHED ")
        assert app.snapshot.epoch == 300
        await pilot.press("r", "space")  # a new run is paused, too
        await until(pilot, lambda: not app.session.is_busy, seconds=60)
        assert screen_text(app).startswith("  AT REST ")


async def test_at_rest_without_units_space_goes_on(folder, make_app, tmp_path):  # noqa: ARG001
    text = (tmp_path / "ball.csv").read_text()
    (tmp_path / "ball.csv").write_text(text.replace("(cm)", "(V)"))
    app = make_app(own().replace(columns=("3", "4")), runner=at_once)
    app.narration.pauses = True
    app.session.seek(200)
    app.session.advance(9)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.training.publish()
        assert screen_text(app).startswith("  AT REST ")  # whoever has stood there by hand is not paused by it
        assert message(app) == "At rest: no parabola gets closer. Space goes on."
        await pilot.press("space")
        await pilot.pause()
        assert app.session.status is Status.RUNNING


async def test_only_the_app_of_main_pauses(resting):
    app = resting()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: not app.session.is_busy)
        assert app.session.status is Status.FINISHED
        app.session.seek(200)
        app.training.advance()
        await pilot.pause()
        assert screen_text(app).startswith("  PAUSED ")


async def test_made_samples_are_not_paused(make_app):
    app = make_app(PRESETS["noisy"].replace(stop_on="never", epochs=400, lr=0.5), passing=True, runner=at_once)
    app.narration.pauses = True
    app.session.speed = None  # as fast as it can
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: not app.session.is_busy, seconds=60)
        assert app.session.status is Status.FINISHED
