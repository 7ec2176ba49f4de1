"""`w` writes what the name of the file says: the view as it is shown, the worked update."""

import re
from xml.etree import ElementTree

import pytest
from app_helpers import screen_text, until

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.files import access


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(text):
    return [{".": "full_stop", "/": "slash"}.get(char, char) for char in text]


def note(app):
    return str(app.query_one("FilePrompt .problem").render())


async def test_w_writes_the_view_and_the_update_by_the_ending_of_the_name(make_app, folder):
    app = make_app(RunConfig(epochs=5))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", *typed("none.md"), "enter")
        await pilot.pause()
        assert note(app) == "'none.md' cannot be written: no update has been made yet; allowed: a file"
        await pilot.press("escape", "n", "2")
        names = ("loss.svg", "loss.ansi", "loss.TXT", "update.md")
        for name in names:
            await pilot.press("w", *typed(name), "enter")
            await until(pilot, (folder / name).exists)
        svg, ansi, text, update = ((folder / name).read_text(encoding="utf-8") for name in names)
        assert re.sub(r"\x1b\[[\d;]*m", "", ansi) == text
        assert "mean loss" in text
        assert len(text.splitlines()) == 24
        root = ElementTree.fromstring(svg)
        assert root[1].attrib["fill"] == app.theme_variables["background"].lower()
        assert "mean loss" in [element.text for element in root.iter() if element.text]
        assert update.splitlines() == markdown_update(app.session.snapshot().record)
        await pilot.press("w", *typed("loss.svg"), "enter")
        await pilot.pause()
        assert note(app) == "'loss.svg' already has content."
        await pilot.press("n", "enter", "escape", "w", *typed("run.csv"), "enter")
        await pilot.pause()
        assert "the epochs are written as they are trained, by --output run.csv" in note(app)
        assert "Save to" in screen_text(app)
    assert (folder / "loss.svg").read_text(encoding="utf-8") == svg
    assert sorted(file.name for file in folder.iterdir()) == sorted(names)


async def test_no_picture_leaves_the_home_folder_where_files_are_confined(make_app, folder, monkeypatch):
    home = folder / "home"
    home.mkdir()
    monkeypatch.setattr(access, "home_folder", lambda: str(home))
    monkeypatch.chdir(home)
    access.configure(confined=True)
    try:
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("n", "w", *typed("../fit.svg"), "enter")
            await pilot.pause()
            assert "it is outside your home directory" in note(app)
            await pilot.press("escape", "w", *typed("fit.svg"), "enter")
            await until(pilot, (home / "fit.svg").exists)
    finally:
        access.configure()
    assert not (folder / "fit.svg").exists()
