"""What the user changes in the app is kept for another time; presets of one's own in the form and the palette."""

import pytest
from app_helpers import burst, field, go, told, until

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.text import language
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.screens.list_screen import ListScreen


async def test_only_preference_keys_change_settings(make_app):
    app = make_app(views={"loss": {"window": "recent"}}, speed=30)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "n", "l", "escape", "r", "?", "escape")
        app.set_background(True)  # as the terminal is
        await pilot.press("x", "h")  # which the view has not
        assert app.changed_settings == {}
        await pilot.press("+")
        assert app.changed_settings == {"speed": "max"}
        app.changed_settings.clear()
        await pilot.press("+")  # there is none above it
        assert app.changed_settings == {}
        await pilot.press("-", "-", "u", "4")
        assert app.changed_settings == {"speed": "10", "unit": "update"}
        await pilot.press("z", "h", "2", "z", "v", "s")  # of what is seen nothing is kept
        await pilot.press("u")
        assert app.changed_settings == {"speed": "10", "unit": "epoch"}
        await pilot.press("ctrl+p", *"theme nord", "enter")
        await until(pilot, lambda: app.theme == "nord")
        assert app.changed_settings["theme"] == "nord"


async def test_language_change_applies_at_next_start(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for typed in ("language zh_CN", "语言 简体", "语言 zh", "language 中文"):
            await pilot.press("ctrl+p")
            await until(pilot, lambda: isinstance(app.screen, ListScreen))
            app.screen.query_one("Input").value = typed
            await pilot.press("enter")
            await until(pilot, lambda: "language" in app.changed_settings)
            assert app.changed_settings == {"language": "zh_CN"}
            assert told(app) == ["The language is 简体中文 from the next start on."]
            assert (language.current_language(), app.query_one("Form").border_title) == ("en", "Settings · article")
            app.changed_settings.clear()
        app.views.saves_settings = False  # as by --no-settings
        app.views.action_language("zh_CN")
        assert told(app) == ["Your settings are not saved: for 简体中文, start with --lang zh_CN."]


async def test_settings_errors_reported_at_start(make_app):
    app = make_app()
    app.notices = ["settings.toml:2: [red]no[/] …", "another", "and another"]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: told(app))
        assert told(app) == ["settings.toml:2: [red]no[/] …"]
        assert "[red]no[/]" in screen_text(app)
        await pilot.press("n")
        assert told(app) == ["… and 2 more of these."]
        await pilot.pause()
        await pilot.press("n")
        assert told(app) == []


# Presets


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "mine.toml").write_text("# Slow and steady\nlr = 0.1\nepochs = 20\n")
    return folder


async def test_presets_reloaded_listed_and_started(make_app, folder):
    app = make_app(presets=PresetCatalog(lambda: str(folder)))
    async with app.run_test(size=(80, 24)) as pilot:
        burst(app, ["l", "up", "left", "enter"])  # as typed ahead
        await until(pilot, lambda: app.session.config == RunConfig(lr=0.1, epochs=20))
        assert app.query_one("Form").border_title == "Settings · mine"
        app.runs.restart(RunConfig())
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, ListScreen))
        await pilot.press(*"steady")
        assert "preset mine: Slow and steady" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.session.config == RunConfig(lr=0.1, epochs=20))
        go(app.session, (3, 5))
        await pilot.press("Y")
        assert app.clipboard == "quadfit-tui --preset article --lr 0.1 --epochs 20 --at 3:5"  # which names it nowhere
        (folder / "later.toml").write_text("lr = 0.25\n")
        (folder / "low.toml").write_text("\nlr = -1\n")
        await pilot.press("l", "up", *["right"] * len(PRESETS), "m")
        assert field(app, "preset").value == "mine"
        assert "Slow and steady" in screen_text(app)
        said = "presets/low.toml:2: lr = '-1' is too small; allowed: above 0, up to 1e6"
        assert told(app) == [said]
        await pilot.press("left", "enter")
        await until(pilot, lambda: app.session.config.lr == 0.25)
        await pilot.press("l", "up", "escape")
        assert told(app) == []  # it was told
        (folder / "mine.toml").unlink()
        await pilot.press("l", "up", "left", "enter")
        await until(pilot, lambda: app.session.config == PRESETS["own-data"])


async def test_saved_settings_become_a_preset(make_app, folder, tmp_path):
    (tmp_path / "own.csv").write_text("0,1\n1,2\n2,5\n")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    app = make_app(
        PRESETS["own-data"].replace(data=str(tmp_path / "own.csv")), presets=PresetCatalog(lambda: str(folder))
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", "ctrl+u")
        burst(app, f"{folder}/new.toml")
        await pilot.press("enter")
        await until(pilot, lambda: (folder / "new.toml").exists())
        await pilot.press("l", "up", "right")
        assert field(app, "preset").value == "new"
        (tmp_path / "own.csv").write_text("0,1\n1,2\n2,5\n3,9\n")
        await pilot.press("enter")
        await until(pilot, lambda: told(app))
        assert told(app) == ["The file of samples has changed since this preset was saved."]
