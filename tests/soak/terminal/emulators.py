"""Real terminal emulators on a screen that nobody sees: typed and clicked into, and photographed.

Needs Debian's xvfb, xdotool, imagemagick, fonts-dejavu-core and libgl1-mesa-dri; and of xterm, kitty and alacritty
those that are to be tried.
"""

import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from harness import APP, environment

EMULATORS = ("xterm", "kitty", "alacritty")
TWO_COLUMNS = "xterm -cjk_width"  # for characters of ambiguous width
_TOOLS = ("Xvfb", "setxkbmap", "xdotool", "import")
_FONT = "DejaVu Sans Mono"
_SHADE = 32  # of 255


def _started_as(name, columns, rows):
    if name in ("xterm", TWO_COLUMNS):
        return [*name.split(), "-fa", _FONT, "-fs", "8", "-geometry", f"{columns}x{rows}+0+0", "-e"]
    if name == "kitty":
        told = {"font_family": _FONT, "font_size": 8, "remember_window_size": "no", "update_check_interval": 0}
        told |= {"initial_window_width": f"{columns}c", "initial_window_height": f"{rows}c", "enable_audio_bell": "no"}
        return [
            "kitty",
            "--config",
            "NONE",
            *(word for key, value in told.items() for word in ("-o", f"{key}={value}")),
        ]
    told = {"font.normal.family": f'"{_FONT}"', "font.size": 8}
    told |= {"window.dimensions.columns": columns, "window.dimensions.lines": rows}
    return ["alacritty", *(word for key, value in told.items() for word in ("-o", f"{key}={value}")), "-e"]


class Desktop:
    """A screen that nobody sees."""

    def __init__(self, folder):
        reader, writer = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writer],
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with open(reader) as told:
            display = told.readline().strip()
        # Without a graphics card, and without the services of a desktop.
        others = {"LIBGL_ALWAYS_SOFTWARE": "1", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self.env = environment(DISPLAY=f":{display}", HOME=str(folder), XDG_RUNTIME_DIR=str(folder), **others)
        # A keyboard that has other letters than those of English: xdotool would change it for each, amid its use.
        subprocess.run(["setxkbmap", "us", "altgr-intl"], env=self.env, check=True, timeout=60)

    def close(self):
        self._server.terminate()
        self._server.wait()


class Emulator:
    """A terminal with a shell in a folder, in which `app` starts the program, or another command."""

    def __init__(self, name, desktop, folder, columns=80, rows=24, command=APP, args=()):
        self._env, self._folder, self.rows, self.columns = desktop.env, Path(folder), rows, columns
        script = self._folder / "app"
        alone = ["--no-settings"] * (command is APP)  # two on a desktop would have the same
        command = " ".join(["exec", *command, *args, *alone])
        script.write_text(f"#!/bin/sh\nsh -c 'echo $$ >pid.new; mv pid.new pid; {command} 2>errors'\necho $? >status\n")
        script.chmod(0o755)
        self._process = subprocess.Popen(
            [*_started_as(name, columns, rows), "bash", "--norc"],
            env=desktop.env | {"PS1": "$ "},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._window = self._wait(lambda: self._xdotool("search", "--onlyvisible", "--name", ".").split(), "no window")[
            -1
        ]
        self._xdotool("windowfocus", "--sync", self._window)
        shape = dict(line.split("=") for line in self._xdotool("getwindowgeometry", "--shell", self._window).split())
        self.width, self.height = int(shape["WIDTH"]), int(shape["HEIGHT"])

    def close(self):
        for pid in (self.pid, self._process.pid):
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def _xdotool(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=self._env, capture_output=True, text=True, timeout=120)
        return done.stdout

    def _wait(self, condition, why, seconds=60):
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, why
            time.sleep(0.05)
        return found

    def type(self, text):
        """Types a line, with Enter."""
        self._xdotool("type", "--delay", 15, text)
        self._xdotool("key", "Return")

    def do(self, hands):
        """Does what hands do, in the words of xdotool, one after the other."""
        for first in range(0, len(hands), 50):
            words = [word for each in hands[first : first + 50] for word in (*each, "sleep", "0.03")]
            self._xdotool(*words)

    @property
    def pid(self):
        """That of the program, once it was started."""
        path = self._folder / "pid"
        return int(path.read_text()) if path.exists() else 0

    def start(self, shows=True):
        """Starts the program, and waits for it to be up; also for something to be seen, where it shows something."""
        blank = self.still()
        end = time.monotonic() + 60
        while not self.pid:  # a shell that is not up yet loses what is typed
            assert time.monotonic() < end, "it does not start"
            self.type("./app")
            time.sleep(0.5)
        if shows:
            self.still_other_than(blank)

    def photograph(self):
        """What is to be seen, as an image."""
        command = ["import", "-silent", "-window", self._window, "-depth", "8", "ppm:-"]
        return subprocess.run(command, env=self._env, capture_output=True, check=True, timeout=60).stdout

    def still(self, quiet=0.5):
        """A photograph of what stays as it is for some seconds, in which neither program has anything to do."""
        end = time.monotonic() + 120
        before = self._work(), self.photograph()
        while True:
            time.sleep(quiet)
            if (after := (self._work(), self.photograph())) == before and not self._is_busy():
                return after[1]
            assert time.monotonic() < end, "it does not come to rest"
            before = after

    def still_other_than(self, photograph):
        """A photograph of what stays as it is, once it is another than that one."""
        return self._wait(lambda: self.photograph() != photograph and self.still(), "it stays as it is")

    def _work(self):
        """The processor time of each thread of the program; nothing where there is none."""
        return [numbers[10:12] for _, *numbers in _threads(self.pid)]

    def _is_busy(self):
        """Whether a thread of the program or of the terminal has something to do, though it may wait for its turn."""
        return any(state == "R" for pid in (self.pid, self._process.pid) for state, *_ in _threads(pid))

    def scribble(self):
        """Writes all over what the program has drawn, without its knowing."""
        rows = "".join(f"\x1b[{row}H{'#' * self.columns}" for row in range(1, self.rows + 1))
        with open(os.readlink(f"/proc/{self.pid}/fd/0"), "w") as terminal:
            terminal.write(f"\x1b[m{rows}")

    def redraw(self):
        """Has the program draw all anew, as it does when it is continued."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def end(self):
        """The exit code of the program and what it said of it, once it has ended."""
        path = self._folder / "status"
        return f"{path.read_text()}{(self._folder / 'errors').read_text()}" if path.exists() else ""

    def wait_for(self, name):
        """Waits for a file in the folder."""
        self._wait((self._folder / name).exists, f"{name} does not come about")


def _threads(pid):
    """What the kernel tells of each thread of a process, from its state on; nothing where there is no such process."""
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):
            yield path.read_text().rpartition(")")[2].split()


def rows_of(photograph, first, stop, rows):
    """What a photograph shows of some rows of text, of all that it has."""
    _, size, _, pixels = photograph.split(b"\n", 3)
    width, height = map(int, size.split())
    edges = [row * height // rows * width * 3 for row in (first, stop)]
    return pixels[slice(*edges)]


def differing(one, other):
    """How many bytes of two photographs are others, by more than a shade: letters hang over into the next cell."""
    first, second = (np.frombuffer(each, np.uint8).astype(int) for each in (one, other))
    return int((abs(first - second) > _SHADE).sum()) if first.size == second.size else first.size


def emulator_names(names=EMULATORS):
    """A parameter for each emulator, which is skipped where something is missing."""
    for name in names:
        missing = [tool for tool in (*_TOOLS, name.split()[0]) if shutil.which(tool) is None]
        reason = f"not installed: {', '.join(missing)}"
        yield pytest.param(name, marks=pytest.mark.skipif(bool(missing), reason=reason))


_KEYS = """
    space n b e B g u v 1 2 3 4 5 6 i r l p t c k y plus minus bracketleft bracketright Home End Left Right Up
    Down Prior Next Tab shift+Tab Return Return Escape Escape Escape BackSpace Delete F1 question ctrl+p ctrl+u
    ctrl+a ctrl+e 0 7 8 9 period comma slash a d f h m o s w x z A Z adiaeresis ctrl+Left alt+b shift+Right
""".split()  # noqa: SIM905


def hands(emulator, chance: random.Random, count):
    """Clicks, drags, the wheel and keys as they come; none that ends the program."""
    found = []
    above = emulator.height * (emulator.rows - 1) // emulator.rows  # the last row, which has a key that ends it
    for _ in range(count):
        x, y = chance.randrange(emulator.width), chance.randrange(above)
        what = chance.random()
        if what < 0.35:
            found.append(["mousemove", "--window", emulator._window, x, y, "click", 1])
        elif what < 0.45:
            to = [chance.randrange(emulator.width), chance.randrange(above)]
            drag = ["mousedown", 1, "mousemove", "--window", emulator._window, *to, "mouseup", 1]
            found.append(["mousemove", "--window", emulator._window, x, y, *drag])
        elif what < 0.55:
            found.append(["mousemove", "--window", emulator._window, x, y, "click", chance.choice([4, 5])])
        else:
            found.append(["key", chance.choice(_KEYS)])
    return found
