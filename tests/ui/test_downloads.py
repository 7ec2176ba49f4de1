"""Files that are saved are sent to the terminal where they are to be downloads, and that is what is told."""

import pytest
from app_helpers import go, told, until

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.subjects import SUBJECTS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sends(app, failure=None):
    """Has an app send what is saved to a list."""
    sent = []

    def send(path):
        if failure:
            raise failure
        sent.append(path)
        return True

    app.send_saved = send
    return sent


async def save(pilot, name, subject):
    await pilot.app.run_action(f"save('{subject}')")
    pilot.app.focused.value = name
    await pilot.press("enter")
    await until(pilot, lambda: told(pilot.app))
    text = told(pilot.app)[0]
    pilot.app.message_queue.pass_key(True)
    return text


async def test_subjects_are_sent_under_base_name(make_app, folder):
    (folder / "sub").mkdir()
    app = make_app()
    sent = sends(app)
    async with app.run_test(size=(200, 30)) as pilot:
        await pilot.press("n")
        for subject in SUBJECTS.values():
            name = f"{subject.stem}{subject.suffixes[0]}"
            text = await save(pilot, f"sub/{name}", subject.name)
            assert text.startswith(f"Sent the {subject.name} as a download, {name}")
            assert "sub/" not in text
        again = "quadfit-tui --config run.toml --at 0:1 starts this run again."
        assert text == f"Sent the settings as a download, run.toml; {again}"
    assert sent == [f"sub/{each.stem}{each.suffixes[0]}" for each in SUBJECTS.values()]


@pytest.mark.usefixtures("folder")
async def test_what_cannot_be_sent_is_told(make_app):
    app = make_app()
    sends(app, OSError(27, "it is too long"))
    async with app.run_test(size=(120, 30)) as pilot:
        await app.run_action("save('view')")
        app.focused.value = "x.svg"
        await pilot.press("enter")
        await pilot.pause()
        note = str(app.query_one("FilePrompt .problem").render())
        assert note == "'x.svg' cannot be written: it is too long; allowed: a file"


async def test_unsupported_terminal_saves_to_file(make_app, folder):
    app = make_app()
    app.downloads = True
    async with app.run_test(size=(120, 30)) as pilot:
        assert await save(pilot, "x.svg", "view") == "Saved the view to x.svg."
    assert (folder / "x.svg").exists()


async def test_saved_settings_command_matches_file(make_app, folder):
    app = make_app(RunConfig(epochs=5))
    async with app.run_test(size=(120, 24)) as pilot:
        for name, at in (("my run.toml", ""), ("my 2.toml", " --at 0")):
            told_again = f"quadfit-tui --config {name!r}{at} starts this run again."
            assert await save(pilot, name, "settings") == f"Saved the settings to {name}; {told_again}"
            assert f"# quadfit-tui -c {name!r}{at}\n" in (folder / name).read_text()
            go(app.session, (1, 0))
            app.training.echo()
