"""The simulator knows none of its annexes: where these cannot be imported, the app works."""

import subprocess
import sys

from command_line import ROOT

ANNEXES = ["quadfit_tui.teaching", "quadfit_tui.sweeps", "quadfit_tui.serve"]
PUT_TOGETHER = ("quadfit_tui.__main__", "quadfit_tui.main")  # the simulator and its annexes
WITHOUT = f"""
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in {ANNEXES}):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Nowhere())
"""
APP = """
import asyncio
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.app import QuadfitApp

async def drive():
    app = QuadfitApp(RunSession(PRESETS["article"]), fps=1_000_000)
    async with app.run_test(size=(100, 30)) as pilot:
        async def screen():
            await pilot.pause()
            return "\\n".join(line.text for line in app.screen._compositor.render_strips())

        await pilot.press("n", "e", "4", "v", "g", *"3", "enter", "r", "n", "k", "enter", "t", "escape", "w", "escape")
        await pilot.press("l", *"0.1", "enter")
        print(app.session.config.lr, len(app.session.earlier), app.return_code)
        await pilot.press("question_mark")
        print("Words on the first screen" in await screen())
        await pilot.press("escape", "ctrl+p", *"preset noisy", "enter")
        await screen()
        print(app.session.config.noise > 0)
        await pilot.press("enter", "H", "S", "R", "V", "L")
        await screen()
        print([app.message_queue.shown.text])
        await pilot.press("q")
    print(app.return_code in (0, None))

asyncio.run(drive())
"""


def python(script):
    """Runs a script that can import nothing of the annexes; returns its exit code and what it wrote."""
    command = [sys.executable, "-c", WITHOUT + script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def test_the_app_works_but_for_its_lessons():
    code, out, err = python(APP)
    assert (code, err) == (0, "")
    assert out.splitlines() == ["0.1 2 None", "True", "True", "['There are no lessons here.']", "True"]


def test_no_module_of_the_simulator_imports_it():
    code, out, err = python(f"""
import pkgutil, quadfit_tui
for each in pkgutil.walk_packages(["quadfit_tui"], "quadfit_tui.", onerror=print):
    if not each.name.startswith(tuple({[*ANNEXES, *PUT_TOGETHER]})):
        __import__(each.name)
        print(each.name)
""")
    assert (code, err) == (0, "")
    assert {"quadfit_tui.cli.commands.run", "quadfit_tui.ui.app", "quadfit_tui.core.session.session"} < {
        *out.splitlines()
    }
