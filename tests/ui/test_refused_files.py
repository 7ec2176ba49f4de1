"""Files that `w` and ctrl+p refuse: outside of the home folder where files are confined; the program's own always."""

import pwd

import pytest
from app_helpers import until

from quadfit_tui.cli.user_folders import own_folders
from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.files import access, protected_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    access.configure()


def typed(text):
    return [{".": "full_stop", "/": "slash", "~": "tilde"}.get(char, char) for char in text]


def note(app):
    """What stands below the prompt."""
    return str(app.query_one("FilePrompt .problem").render())


async def save(pilot, name, subject="view"):
    """Names a file for a subject."""
    await pilot.app.run_action(f"save('{subject}')")
    pilot.app.focused.value = name
    await pilot.press("enter")
    await pilot.pause()


async def test_confined_saves_stay_in_home(make_app, folder, monkeypatch):
    home = folder / "home"
    home.mkdir()
    (home / "link.toml").symlink_to(folder / "elsewhere.toml")
    monkeypatch.setattr(access, "home_folder", lambda: str(home))
    monkeypatch.chdir(home)
    access.configure(confined=True)
    names = {subject.name: f"../{subject.name}{subject.suffixes[0]}" for subject in SUBJECTS.values()}
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("n")
        for subject, name in (*names.items(), ("settings", str(folder / "run.toml")), ("settings", "link.toml")):
            await save(pilot, name, subject)
            assert f"{name!r} cannot be written: it is outside your home directory; allowed: a file in" in note(app)
            await pilot.press("escape")
        await pilot.press("w", *typed("../h"))
        await pilot.pause()
        assert app.focused._suggestion == ""
        await pilot.press("escape", "w", *typed("~/fit.svg"), "enter")
        await until(pilot, (home / "fit.svg").exists)
    assert [file.name for file in folder.iterdir()] == ["home"]


async def test_lesson_record_never_overwritten(make_app, folder, monkeypatch):
    home = folder / "anna"
    (home / "lessons").mkdir(parents=True)
    record = home / "lessons/transcript.jsonl"
    record.write_text("precious")
    entry = pwd.struct_passwd(("anna", "x", 1, 1, "", str(home), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    protected_files.register_protected("user", own_folders)
    app = make_app()
    async with app.run_test(size=(200, 24)) as pilot:
        await pilot.press("e")
        for where, confined in (("", False), (f" in {home}", True)):
            access.configure(confined)
            kept = f"your answers to lessons are kept there; allowed: another file{where}"
            await save(pilot, "~/lessons/transcript.jsonl")
            assert note(app) == f"'~/lessons/transcript.jsonl' cannot be written: {kept}"
            await pilot.press("enter")
            assert record.read_text() == "precious"
            await pilot.press("escape")
        for subject in SUBJECTS.values():
            await save(pilot, f"lessons/new{subject.suffixes[0]}", subject.name)
            assert kept in note(app)
            await pilot.press("escape")
    assert [(each, each.read_text()) for each in (home / "lessons").iterdir()] == [(record, "precious")]


async def test_settings_alone_are_saved_among_the_presets(make_app, folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    protected_files.register_protected("user", own_folders)
    presets = folder / "config/quadfit-tui/presets"
    app = make_app(presets=PresetCatalog(lambda: str(presets)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await save(pilot, str(presets / "mine.toml"), "settings")
        await until(pilot, (presets / "mine.toml").exists)
        await save(pilot, str(presets / "fit.svg"))
        assert "only settings are saved among your own presets" in " ".join(note(app).split())
        await pilot.press("escape")
        await save(pilot, str(presets.parent / "settings.toml"), "settings")
        assert "your settings are kept there" in " ".join(note(app).split())
    assert [each.name for each in presets.parent.rglob("*.*")] == ["mine.toml"]
