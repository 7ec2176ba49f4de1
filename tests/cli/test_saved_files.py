"""What the app saves with `w` is what `run` writes: the same pictures and the same updates, byte by byte."""

import pytest
from app_helpers import until
from trials import AT_LENGTH

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import style_of
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.main import main
from quadfit_tui.testing import app_at
from quadfit_tui.ui.fields.file_prompt import FileAnswer

MOMENT = "3:5"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_run(*args):
    with pytest.raises(SystemExit) as end:
        main(["run", *args, "--output", "by-run", "--force"])
    assert end.value.code == 0
    with open("by-run", "rb") as file:
        return file.read()


async def saved(pilot, subject, name):
    """The content of a file that w saves."""
    await pilot.app.run_action(f"save('{subject}')")
    pilot.app.focused.value = name
    await pilot.press("enter")
    await pilot.pause()
    with open(name, "rb") as file:
        return file.read()


def written(app, subject, name):
    """What that file has, without the prompt: each time it would cost a picture of the screen or two."""
    app.saving._save(FileAnswer(subject, name, False))
    with open(name, "rb") as file:
        return file.read()


@pytest.mark.usefixtures("folder")
async def test_saved_views_and_updates_equal_run():
    found, views = {}, VIEW_NAMES if AT_LENGTH else VIEW_NAMES[:3]
    app = app_at(RunConfig(), MOMENT, size=(100, 30), theme="textual-dark")
    async with app.run_test() as pilot:
        for view in views:
            app.views.action_view(view)
            suffixes = SUBJECTS["view"].suffixes if view == VIEW_NAMES[1] else (".svg",)
            found |= {(view, each): written(app, "view", view + each) for each in suffixes}
        found |= {("0", each): written(app, "update", f"0{each}") for each in SUBJECTS["update"].suffixes}
        app.theme = "textual-light"
        await pilot.pause()
        light = written(app, "view", "light.svg")
    for (name, suffix), content in found.items():
        what = ["--explain", MOMENT] if name == "0" else ["--at", MOMENT, "--plot", name]
        colors = ["--theme", "textual-dark"] if suffix == ".svg" else []
        assert content == by_run(*what, "--format", style_of(suffix), *colors), (name, suffix)
    assert light == by_run("--at", MOMENT, "--plot", views[-1], "--format", "svg")


@pytest.mark.usefixtures("folder")
async def test_saved_view_options_and_width_equal_run():
    app = app_at(PRESETS["noisy"], MOMENT, size=(60, 20), view="surface", theme="textual-light")
    async with app.run_test() as pilot:
        await pilot.press("z", "x", "h")
        content = await saved(pilot, "view", "a.svg")
    plot = "surface:near,b c,third fixed"
    assert content == by_run("-p", "noisy", "--at", MOMENT, "--plot", plot, "--format", "svg", "--width", "80")


@pytest.mark.parametrize("view", ["fit", "loss"])
async def test_animation_frames_equal_run_pictures(folder, view):
    app = app_at(RunConfig(), "4", size=(100, 30), view=view, theme="textual-light")
    file = folder / "run.svg"
    async with app.run_test() as pilot:
        written(app, "animation", file.name)
        await until(pilot, lambda: file.read_text(encoding="utf-8"))
    drawn = {line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(("<rect", "<text"))}
    for epoch in (0, 3, 4):
        picture = by_run("--at", str(epoch), "--plot", view, "--format", "svg").decode().splitlines()
        shown = {line for line in picture[4:] if line.startswith(("<rect", "<text"))}
        assert shown
        assert shown <= drawn
