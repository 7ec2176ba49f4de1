"""The wheel, installed in an empty environment: all that the program needs beside its modules is in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.system  # builds and installs, which takes a network or a cache of pip's

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "quadfit_tui"
APP = """
import asyncio
from quadfit_tui import RunConfig
from quadfit_tui.testing import app_at

async def main():
    async with app_at(RunConfig(), "9").run_test() as pilot:
        await pilot.pause()
        print(pilot.app.query_one("LogView").size.height, pilot.app.css_path[0])

asyncio.run(main())
"""


def done(*words, cwd):
    """What a command prints, which has to end well; nothing of this environment is seen by it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    ran = subprocess.run([*map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=280)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_holds_all_and_works_where_nothing_else_is(tmp_path):
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("quadfit_tui-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    needed = {path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".tcss", ".md") or path.name == "py.typed"}
    assert {"quadfit.tcss", "py.typed", "01-one-update.md"} <= {path.name for path in needed}
    assert {path.relative_to(ROOT).as_posix() for path in needed} <= held
    assert [name for name in held if name.startswith("tests/")] == []

    done(sys.executable, "-m", "venv", "empty", cwd=tmp_path)
    bin = tmp_path / "empty" / "bin"
    done(bin / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert "converged after 25 epochs" in done(bin / "quadfit-tui", "run", "--quiet", cwd=tmp_path)
    assert "one-update" in done(bin / "quadfit-tui", "lessons", cwd=tmp_path)
    height, sheet = done(bin / "python", "-c", APP, cwd=tmp_path).split()
    assert int(height) > 1
    assert sheet.startswith(str(tmp_path))
