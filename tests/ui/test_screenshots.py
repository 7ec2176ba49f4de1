"""Pictures of the screen, and the other ways that lead out of the app: where they end where files are confined."""

import os
import pwd
import re
import webbrowser
from pathlib import Path

import pytest
from app_helpers import field, problem, told, type_in, until
from textual.geometry import Region

from quadfit_tui.core.export.picture import text_lines
from quadfit_tui.core.files import access
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.commands import saving_commands
from quadfit_tui.ui.commands.command_list import commands
from quadfit_tui.ui.keymap import KEYS
from quadfit_tui.ui.screenshots import screen_picture


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder, by the password database as well as by $HOME."""
    folder = tmp_path / "anna"
    folder.mkdir()
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(folder), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    monkeypatch.chdir(folder)
    yield folder
    access.configure()


async def said(pilot):
    """What the app says next."""
    await until(pilot, lambda: told(pilot.app))
    text = told(pilot.app)[0]
    pilot.app.message_queue.pass_key(True)
    return text


async def take_picture(pilot):
    """Takes a picture as the command palette does; gives what is said of it."""
    (command,) = [each for each in commands(pilot.app) if "screenshot" in each.words]
    await pilot.app.run_action(command.result)
    return await said(pilot)


async def test_confined_screenshot_folder_ignores_environment(make_app, home, monkeypatch):
    """Confined, the home folder is that of the password database."""
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    elsewhere = home.parent / "elsewhere"
    (elsewhere / "Downloads").mkdir(parents=True)
    async with make_app().run_test() as pilot:
        for confined, made, where in (
            (False, False, "."),
            (True, False, "."),
            (False, True, "Downloads"),
            (True, True, "."),
        ):
            if made:
                (home / "Downloads").mkdir(exist_ok=True)
            if confined:
                monkeypatch.setenv("HOME", str(elsewhere))
                monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(elsewhere))
            else:
                monkeypatch.setenv("HOME", str(home))
                monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
            access.configure(confined)
            text = await take_picture(pilot)
            (picture,) = home.rglob("*.svg")
            assert picture.parent == home / where, (confined, made)
            assert text == f"Saved the screen to {picture}."
            text = picture.read_text(encoding="utf-8")
            picture.unlink()
        access.configure(folder=str(home / "Downloads"))  # given, whatever the password database says
        text = await take_picture(pilot)
        (picture,) = home.rglob("*.svg")
        assert picture.parent == home / "Downloads"
        assert text == f"Saved the screen to {picture}."
        text = picture.read_text(encoding="utf-8")
    assert list(elsewhere.rglob("*.svg")) == []
    assert text.startswith("<svg")
    assert "READY" in text
    assert text.count("http") == 1  # nothing is loaded


async def test_screenshot_equals_screen_cells(make_app):
    app = make_app("noisy")
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in ("n", "?"):
            await pilot.press(*keys)
            await pilot.pause()
            picture = screen_picture(app)
            shown = [line.rstrip() for line in screen_text(app).splitlines()]
            assert text_lines(picture) == shown
            for row, strip in zip(picture.rows, app.screen._compositor.render_strips(), strict=True):
                cells = [picture.inks[span.ink] for span in row for _ in span.text]
                styles = [style for text, style, _ in strip for _ in text]
                for cell, style in zip(cells, styles, strict=True):
                    if style.color is None:  # of a blank
                        continue
                    colors = style.color.triplet.hex, style.bgcolor.triplet.hex
                    assert (cell.color, cell.ground or picture.paper) == (colors[::-1] if style.reverse else colors)
                    assert cell.bold == bool(style.bold)
        before = set(app.screen._compositor._dirty_regions) | {Region(0, 0, 3, 1)}
        app.screen._compositor._dirty_regions |= before
        screen_picture(app)
        assert app.screen._compositor._dirty_regions == before, "what is to be painted is to be painted still"


async def test_ansi_theme_screenshot_has_hex_colors(make_app):
    app = make_app()
    app.theme = "ansi-dark"
    async with app.run_test(size=(80, 24)):
        picture = screen_picture(app)
    colors = {picture.paper, *(ink.color for ink in picture.inks.values())}
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)
    assert len(colors) > 4


async def test_refused_paths_and_confined_browser(make_app, home, monkeypatch):
    (home / "link").symlink_to(home.parent)
    outside = f"it is outside your home directory; allowed: a file in {home}"
    absent = "its folder does not exist; allowed: a file"
    async with make_app().run_test() as pilot:
        for confined, path, why in (
            (True, "..", outside),
            (True, "/tmp", outside),
            (True, "link", outside),
            (False, "absent", absent),
        ):
            access.configure(confined)
            file = os.path.join(path, "[b]x.svg")
            monkeypatch.setattr(saving_commands, "screenshot_path", lambda file=file: file)
            await pilot.app.run_action("screenshot")
            await pilot.pause()
            assert str(pilot.app.query_one("FilePrompt .problem").render()) == f"{file!r} cannot be written: {why}"
            assert pilot.app.focused.value == file
            assert not Path(file).exists()
            await pilot.press("escape")
        opened = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        for confined in (True, False):
            access.configure(confined)
            pilot.app.open_url("https://example.org")
            assert len(opened) == (not confined)


async def test_palette_has_only_harmless_commands(make_app):
    async with make_app().run_test() as pilot:
        actions = {command.result.partition("(")[0] for command in commands(pilot.app) if command.result}
    assert actions - {binding.action.partition("(")[0] for binding in KEYS} == {
        "twin_of",
        "preset",
        "theme",
        "language",
        "screenshot",
        "suspend_process",
    }


# The form


async def test_data_field_refuses_pipes_and_outside_files(make_app, home):
    (home / "link").symlink_to("/etc/passwd")
    (home / "own.csv").write_text("0,1\n1,2\n2,4\n")
    os.mkfifo(home / "pipe")
    async with make_app().run_test() as pilot:
        for confined in (False, True):
            access.configure(confined)
            access.forbid_blocking()
            await type_in(pilot, "data", "pipe")
            refused = "cannot be read: it is not a regular file; allowed: a CSV file"
            assert problem(pilot.app, "data").startswith(refused), confined
            await type_in(pilot, "data", "/dev/zero")
            assert problem(pilot.app, "data").startswith("cannot be read: "), confined
        for path in ("/etc/passwd", "../..", "link", "~/../x", "/proc/self/root/etc/passwd"):
            field(pilot.app, "data").value = ""
            await type_in(pilot, "data", path)
            what = f"cannot be read: it is outside your home directory; allowed: a CSV file in {home}"
            assert problem(pilot.app, "data") == what, path
        assert pilot.app.session.config.data is None
        for path in ("own.csv", "~/own.csv", str(home / "own.csv")):
            await type_in(pilot, "data", path)
            assert problem(pilot.app, "data") == ""
            assert pilot.app.session.config.data == path
            assert len(pilot.app.snapshot.problem.x) == 3
