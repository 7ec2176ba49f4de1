"""Settings that last: which goes first, where they are, and that nothing but the app reads or writes them."""

import os
import pwd
import re
import tomllib

import pytest
from command_line import one_line, started
from documents import MANUAL

from quadfit_tui.cli.settings import SETTINGS, save_settings, saved_settings
from quadfit_tui.core.files import access, atomic_file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the environment names for settings; TEXTUAL_THEME and TEXTUAL_FPS are not set."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("TEXTUAL_THEME", "TEXTUAL_FPS", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path / "config/quadfit-tui"
    access.configure()


@pytest.fixture
def keep(folder):
    def keep(text):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.toml").write_text(text)

    return keep


ALL = 'theme = "nord"\nspeed = 30\nunit = "update"\nfps = 20\n'


def about(app):
    """What of an app that was started is set by settings."""
    return app.theme, app.session.speed, str(app.session.unit)


def test_app_starts_with_saved_settings(keep):
    keep(ALL)
    app = started()
    assert about(app) == ("nord", 30, "update")
    assert (app.follows_background, app.notices) == (False, [])


def test_option_overrides_environment_overrides_settings(keep, monkeypatch):
    keep(ALL)
    options = ["--theme", "dracula", "--speed", "max", "--fps", "5"]
    assert about(started(*options)) == ("dracula", None, "update")
    assert about(started("--no-settings"))[1:] == (10, "epoch")
    assert [started(*options).views.saves_settings for options in ([], ["--no-settings"])] == [True, False]
    assert about(started("--at", "3")) == ("nord", 10, "epoch")  # as whoever copied that command saw it
    monkeypatch.setenv("TEXTUAL_THEME", "gruvbox")
    assert started().theme != "nord"  # Textual has read the environment when it was imported


@pytest.mark.parametrize(
    ("options", "environment", "fps"),
    [([], None, 20), ([], "30", 30), (["--fps", "40"], "30", 40), (["--no-settings"], None, 10)],
)
def test_fps_option_overrides_environment_overrides_settings(keep, monkeypatch, options, environment, fps):
    from quadfit_tui.ui import app as module

    keep(ALL)
    if environment:
        monkeypatch.setenv("TEXTUAL_FPS", environment)
    rates = []
    made = module.QuadfitApp.__init__
    monkeypatch.setattr(module.QuadfitApp, "__init__", lambda *a, fps, **b: rates.append(fps) or made(*a, fps=fps, **b))
    started(*options)
    assert rates == [fps]


def test_invalid_settings_warn_and_use_defaults(keep):
    keep('theme = "nrod"\nspeed = 30\nunit = "pie"\n')
    app = started()
    assert about(app)[1:] == (30, "epoch")
    assert app.notices == [
        "settings.toml:3: unit = 'pie' is not one of the choices; allowed: one of update, epoch",
        "settings.toml:1: theme = 'nrod' is not one of the choices (did you mean 'nord'?)",
    ]
    keep("theme =\n")
    app = started()
    assert about(app)[1:] == (10, "epoch")
    assert app.notices == ["settings.toml:1: 'theme =' is not valid TOML: Invalid value; the defaults are used"]
    assert started("--no-settings").notices == []


def test_manual_example_is_valid(keep):
    keep(re.search(r"test_settings.py reads the next block -->\n```toml\n(.+?)```", MANUAL["settings"], re.DOTALL)[1])
    assert saved_settings().faults == ()
    app = started()
    assert about(app) == ("nord", 30, "update")
    assert app.notices == []


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ('view = "loss"\n', "view"),
        ('form = "unfolded"\n[options]\nfit = "follow"\n', "options, form"),
        ("view = 3\noptions = 4\nform = 5\n", "view, options, form"),
    ],
)
def test_saved_views_are_dropped_once(folder, keep, lines, names):
    keep(f'speed = "5"\n{lines}')
    told = f"settings.toml: {names}: no longer kept; each start begins with Fit, and --view chooses another view."
    for options in (["--no-settings"], ["--at", "3"]):  # which change no file
        assert started(*options).notices == []
    app = started()
    assert (app.notices, [*app._first_views], app.session.speed) == ([told], ["fit"], 5)
    assert tomllib.loads((folder / "settings.toml").read_text()) == {"speed": "5"}
    assert started().notices == []


def test_failed_drop_is_silent(keep, capsys, monkeypatch):
    keep('view = "loss"\n')

    def fail(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(atomic_file.os, "fchmod", fail)
    save_settings({}, ["view"])
    assert capsys.readouterr().err == ""
    save_settings({"speed": "1"}, ["view"])
    assert "Read-only file system" in one_line(capsys.readouterr().err)


def test_confined_settings_are_in_home_folder(tmp_path, monkeypatch, folder, keep):
    home = tmp_path / "anna"
    entry = pwd.struct_passwd(("anna", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", {os.getuid(): entry}.__getitem__)
    monkeypatch.setenv("HOME", str(tmp_path))
    home.mkdir()
    keep("speed = 30\n")  # which the environment names, outside
    before = (folder / "settings.toml").read_text()
    access.configure(confined=True)
    assert saved_settings().values == {}
    save_settings({"speed": "1"})
    assert tomllib.loads((home / ".config/quadfit-tui/settings.toml").read_text()) == {"speed": "1"}
    assert (folder / "settings.toml").read_text() == before
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "inside"))
    save_settings({"speed": "2"})
    assert saved_settings().values == {"speed": "2"}
    assert (home / "inside/quadfit-tui/settings.toml").exists()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "link"))
    (home / "link").symlink_to(tmp_path)
    assert saved_settings().values == {"speed": "1"}
    access.configure()
    monkeypatch.delenv("XDG_CONFIG_HOME")
    save_settings({"speed": "5"})
    assert (tmp_path / ".config/quadfit-tui/settings.toml").exists()


def test_save_errors_are_one_line(folder, capsys, monkeypatch):
    def told():
        save_settings({"speed": "1"})
        out, err = capsys.readouterr()
        assert out == ""
        return one_line(err).removeprefix(f"quadfit-tui: your settings were not saved: {folder}/settings.toml")

    save_settings({})
    assert not folder.exists()
    folder.parent.mkdir()
    folder.write_text("in its place")
    assert told() in (": File exists", ": Not a directory")
    folder.unlink()
    folder.mkdir()
    (folder / "settings.toml").write_text("x = \n")
    assert told() == ":1: 'x =' is not valid TOML: Invalid value"
    (folder / "settings.toml").unlink()

    def fail(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(atomic_file.os, "fchmod", fail)
    assert told() == ": Read-only file system"
    assert os.listdir(folder) == []


def test_nobody_needs_a_home(monkeypatch, capsys):
    for name in ("XDG_CONFIG_HOME", "HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    assert (saved_settings().values, saved_settings().faults) == ({}, ())
    save_settings({"speed": "1"})
    assert one_line(capsys.readouterr().err).endswith("settings.toml: you have no home directory")


def test_a_new_file_explains_every_setting(folder):
    save_settings({"theme": "nord"})
    lines = (folder / "settings.toml").read_text().splitlines()
    told = [line.split()[1] for line in lines if line.startswith("# ") and ": " in line]
    assert told == [f"{name}:" for name in SETTINGS]
    assert "# fps: maximum frames per second (a whole number from 1 to 60) [10]" in lines
    assert lines[-1] == 'theme = "nord"'
    assert saved_settings().faults == ()


@pytest.mark.parametrize("args", [["run", "--epochs", "1"], ["run", "--plot", "--epochs", "1"]])
def test_commands_read_no_settings_but_the_language(call, keep, monkeypatch, args):
    opened = []
    opens = access.open_descriptor
    monkeypatch.setattr(access, "open_descriptor", lambda path, *a: opened.append(str(path)) or opens(path, *a))
    keep(ALL)
    assert call(*args)[0] == 0
    assert [path.rpartition("/")[2] for path in opened] == ["settings.toml"]
    with monkeypatch.context() as patched:
        patched.setattr("quadfit_tui.cli.language_choice.saved_language", lambda: None)
        opened.clear()
        assert call(*args)[0] == 0
        assert opened == []
        started()
    assert [path.rpartition("/")[2] for path in opened] == ["settings.toml"]
