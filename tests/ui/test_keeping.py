"""Keys by which a run is kept: `Y` copies the command that gives it again, `w` writes its settings to a file."""

import shlex

import pytest
from app_helpers import burst, go, message, told, until
from command_line import started
from textual import events
from trials import variants

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.toml.toml_file import read_values
from quadfit_tui.core.files import virtual_files
from quadfit_tui.testing import screen_text, settled
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.panes import Panes


async def test_shift_y_copies_reproducing_command(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("Y")
        assert app.clipboard == "quadfit-tui --preset article --at start"  # whatever view somebody else begins with
        app.session.restart(PRESETS["article"].replace(lr=0.1, seed=3))
        go(app.session, (12, 40))
        await pilot.press("4", "Y")
        line = "quadfit-tui --preset article --seed 3 --lr 0.1 --at 12:40 --view surface"
        assert app.clipboard == line
        assert message(app).endswith("… press i")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        page = [row.strip(" │") for row in screen_text(app).splitlines()]
        assert "Copied to the clipboard, if this terminal allows it:" in page
        assert line in page
        w = app.session.snapshot().w.tobytes()
    again = started(*shlex.split(line)[1:])
    assert again._first_views == {"surface": {}}
    while again.session.is_busy:
        again.session.advance(1)
    assert again.session.snapshot().w.tobytes() == w


AGAIN = {
    "three words of a view": ("4zhx", "noisy", (80, 24), (3, 5), "--at 3:5 --view 'surface:near,b c,third fixed'"),
    "the past, unit and speed": ("+uBB", "noisy", (80, 24), (6, 5), "--at 4 --trained-to 6:5 --unit update --speed 30"),
    "three views of a diverged run": (
        "4321", "too-fast", (200, 60), (90, 0),
        "--at 6:34 --trained-to 6:35 --view fit --view loss --view parameters",
    ),
    "words of two views": (
        "1o4z", "article", (140, 45), (2, 7),
        "--at 2:7 --view surface:near --view 'fit:least squares'",
    ),
    "a word that goes without saying": ("2zzz", "noisy", (40, 12), (3, 5), "--at 3:5 --view loss"),
    "a word of a view": ("2z", "noisy", (80, 24), (3, 5), "--at 3:5 --view loss:recent"),
    "two words of a view": ("1zo", "noisy", (80, 24), (3, 5), "--at 3:5 --view 'fit:article,least squares'"),
    "a page": ("5", "noisy", (80, 24), (3, 5), "--at 3:5 --view update"),
    "the past, and speed": ("+b", "momentum", (80, 24), (9, 0), "--at 7 --trained-to 8 --speed 30"),
    "two views": ("31", "article", (140, 45), (2, 7), "--at 2:7 --view fit --view parameters"),
    "a diverged run": ("2", "too-fast", (140, 45), (90, 0), "--at 6:34 --trained-to 6:35 --view loss"),
}  # fmt: skip


@pytest.mark.parametrize(("keys", "preset", "size", "moment", "told"), variants(AGAIN, first=4))
async def test_the_screen_is_the_same_again(make_app, keys, preset, size, moment, told):
    app = make_app(preset, passing=True)
    async with app.run_test(size=size) as pilot:
        app.session.seek(*moment)
        app.training.advance()
        await settled(pilot)
        await pilot.press(*keys, "Y", "escape")  # which has nothing to do but to take away what was told
        await pilot.pause()
        line, before = app.clipboard, screen_text(app)
    assert line == f"quadfit-tui --preset {preset} {told}"
    again = started(*shlex.split(line)[1:])
    app = make_app(session=again.session, views=again._first_views)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        assert screen_text(app) == before


async def test_command_shown_without_clipboard(make_app):
    app = make_app("noisy", capabilities=Capabilities(ascii=True, extras=False))
    async with app.run_test(size=(40, 24)) as pilot:
        await pilot.press("n", "3", "Y")
        await until(pilot, lambda: isinstance(app.screen, TextScreen))
        text = screen_text(app).partition("quadfit-tui")[2].partition("╰")[0]
        rows = ["quadfit-tui" + text.split("│")[0], *(row.strip("│ ") for row in text.splitlines()[1:])]
        shell = "\n".join(row.strip() for row in rows).strip()
        assert shell == "quadfit-tui --preset noisy --at \\\n0:1 --view parameters"
        await pilot.press("Y")
        await until(pilot, lambda: not isinstance(app.screen, TextScreen))
        assert app.query_one(Panes).view == "parameters"
        assert app.clipboard == ""


# w


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(text):
    return [{".": "full_stop", "/": "slash", "~": "tilde"}.get(key, key) for key in text]


def note(app):
    """What stands below the prompt."""
    return str(app.query_one("FilePrompt .problem").render())


async def test_save_settings_asks_before_overwriting(make_app, folder):
    config = RunConfig(init="random", optimizer="adam", lr=1 / 3, seed=7)
    app = make_app(config)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "w")
        await pilot.pause()
        assert "Save the view to" in screen_text(app)
        assert note(app) == "as it is now: .svg, .ansi or .txt; ↑ ↓: screen, animation, log, update, settings"
        burst(app, [*typed("run.toml"), "enter", "n"])  # typed ahead
        await until(pilot, lambda: app.session.snapshot().update == 2)
        assert RunConfig(**read_values("run.toml")) == config
        assert "--at 0:1" in (folder / "run.toml").read_text()
        assert told(app) == []  # the key after it has taken that away
        assert "Save the" not in screen_text(app)
        (folder / "run.toml").write_text("precious")
        for answer in ("n", "enter", "x"):
            await pilot.press("w")
            app.focused.value = "run.toml"
            await pilot.press("enter")
            await pilot.pause()
            assert "Overwrite? y or n" in screen_text(app)
            assert note(app) == "'run.toml' already has content."
            await pilot.press(answer)
            await pilot.pause()
            assert app.focused.value == ("run.toml" if answer == "n" else "")  # another name, or Esc
            await pilot.press("escape")
            assert (folder / "run.toml").read_text() == "precious"
            assert app.focused is None
        assert [file.name for file in folder.iterdir()] == ["run.toml"]


async def test_write_errors_keep_typed_name(make_app, folder):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for name, why in (("no/run.toml", "its folder does not exist"), (".", "it names a directory")):
            await pilot.press("w", *typed(name), "enter")
            await pilot.pause()
            assert note(app) == f"{name!r} cannot be written: {why}; allowed: a file"
            assert app.focused.value == name
            await pilot.press("escape")
        await pilot.press("w", "backspace", "enter")
        assert (app.focused, told(app)) == (None, [])
        assert list(folder.iterdir()) == []
        virtual_files.register_virtual("lesson:x/ball", b"0,1\n1,2\n2,4\n")
        app.session.restart(PRESETS["own-data"].replace(data="lesson:x/ball"))
        for keys in (["w", *typed("run.toml"), "enter"], ["Y"]):
            await pilot.press(*keys)
            await pilot.pause()
            assert told(app) == ["The samples of this run are part of a lesson: open the lesson to see it again."]
        assert app.clipboard == ""


async def test_prompt_survives_blur_and_closes_on_click(make_app, folder):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", "a")
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert app.focused.value == "a"
        assert "Save the" in screen_text(app)
        await pilot.click(ChartView)
        await pilot.pause()
        assert app.focused is None
        assert "Save the" not in screen_text(app)
        await pilot.press("w", "ctrl+p", *"next view", "enter")
        await pilot.pause()
        assert app.focused is None
        assert "Save the" not in screen_text(app)
    assert list(folder.iterdir()) == []
