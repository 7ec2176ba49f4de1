"""The simulator without teaching: its modules can't be imported, and all but lessons and classes works."""

import re
import subprocess
import sys

import pytest
from command_line import ROOT

OF_CORE = ("lessons", "judging", "course", "classroom", "dialogue")
TEACHING = [*(f"quadfit_tui.core.{name}" for name in OF_CORE), "quadfit_tui.ui.lessons", "quadfit_tui.cli.lessons"]
WITHOUT = f"""
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in {TEACHING}):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Nowhere())
"""
COMMAND_LINE = "from quadfit_tui.cli.main import main; main(sys.argv[1:])"
APP = """
import asyncio
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session
from quadfit_tui.cli.main import _TEACHING
from quadfit_tui.ui.app import QuadfitApp

async def drive():
    app = QuadfitApp(Session(PRESETS["article"]), fps=1_000_000, teaching=_TEACHING.on_app({}))
    async with app.run_test(size=(100, 30)) as pilot:
        async def screen():
            await pilot.pause()
            return "\\n".join(line.text for line in app.screen._compositor.render_strips())

        await pilot.press("n", "e", "4", "v", "g", *"3", "enter", "r", "n", "k", "enter", "t", "escape", "w", "escape")
        await pilot.press("l", *"0.1", "enter")
        print(app.session.config.lr, len(app.session.earlier), app.return_code)
        await pilot.press("question_mark")
        print("play or pause" in await screen())
        await pilot.press("escape", "ctrl+p", *"preset noisy", "enter")
        await screen()
        print(app.session.config.noise > 0)
        await pilot.press("a", "enter", "H", "S", "R", "V", "L")
        await screen()
        print([app.message_queue.shown.text])
        await pilot.press("q")
    print(app.return_code in (0, None))

asyncio.run(drive())
"""


def python(script, *args, without=True):
    """Runs a script, with what it needs of teaching or without; gives its exit code and what it wrote."""
    command = [sys.executable, "-c", WITHOUT * without + "import sys\n" + script, *args]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_the_app_works_but_for_its_lessons():
    code, out, err = python(APP)
    assert (code, err) == (0, "")
    assert out.splitlines() == ["0.1 2 None", "True", "True", "['Lessons are not installed here.']", "True"]


def test_no_module_of_the_simulator_imports_it():
    code, out, err = python(f"""
import pkgutil, quadfit_tui
for each in pkgutil.walk_packages(["quadfit_tui"], "quadfit_tui.", onerror=print):
    if not each.name.startswith(tuple({TEACHING})):
        __import__(each.name)
        print(each.name)
""")
    assert (code, err) == (0, "")
    assert {"quadfit_tui.cli.main", "quadfit_tui.ui.app", "quadfit_tui.core.session.session"} < {*out.splitlines()}


def test_run_gives_the_same():
    args = ("run", "--epochs", "3", "--format", "jsonl", "--output", "-")
    assert python(COMMAND_LINE, *args) == python(COMMAND_LINE, *args, without=False)
    assert python(COMMAND_LINE, *args)[1].count("\n") == 4


def test_help_names_no_lessons():
    code, out, err = python(COMMAND_LINE, "--help")
    assert (code, err) == (0, "")
    assert not re.search("lesson|--class|--teacher", out)


@pytest.mark.parametrize(
    "args",
    [
        ("lessons",),
        ("lessons", "play", "rate", "--no-record"),
        ("--class", "room"),
        ("--lesson=rate",),
        ("--lessons", "folder", "--teacher"),
        ("--students", "x"),
        ("--no-record",),
        ("--spoken",),
    ],
)
def test_what_is_of_lessons_says_so_in_a_line(args):
    code, out, err = python(COMMAND_LINE, *args)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"quadfit-tui: .*lessons are not installed here\n", err)


def test_the_names_of_its_options_are_those_that_it_has():
    from quadfit_tui.cli.lessons.teaching_commands import installed
    from quadfit_tui.cli.teaching import not_installed

    def names(teaching):
        return {option.opts[0] for option in teaching.options}, {*teaching.commands}

    assert names(installed()) == names(not_installed())


def test_what_teaching_itself_does_not_find_is_told():
    code, _, err = python(WITHOUT.replace("name=name", "name='markdown_it'") + COMMAND_LINE, "lessons", without=False)
    assert code == 1
    assert err.rstrip().endswith("No module named 'quadfit_tui.cli.lessons'")
