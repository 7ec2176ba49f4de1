"""A command on a real pseudo-terminal, for the tests of what a person sees there."""

import itertools
import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections import deque
from pathlib import Path

import pyte
import pytest
from fork_server import UNHURRIED as SECONDS
from fork_server import start

SIZE = (24, 80)
QUESTION = b"\x1b[6n"  # behind each frame
GONE = b"\x1b[?1000l"  # it is on its way out: reports of the mouse are not wanted any more
ANSWERS = {QUESTION: b"\x1b[1;1R"}
ALL_ANSWERS = ANSWERS | {b"\x1b[?2026$p": b"\x1b[?2026;2$y"}  # as xterm has them
APP = (sys.executable, "-m", "quadfit_tui")
FULL_SPEED = ("--play", "--speed", "max", "--epochs", "1000000000", "--stop-on", "never", "--shuffle", "--noise", "9")
# As much time for an end in order as a fork of the program has, for what is not one.
UNHURRIED = "from quadfit_tui.ui.terminal import signals, terminal_app; "
UNHURRIED += f"terminal_app.END_TIMEOUT = signals.END_TIMEOUT = {SECONDS}; "
UNHURRIED_APP = (sys.executable, "-c", UNHURRIED + "from quadfit_tui.main import main; main()")
# Modes of a terminal that must be off again at the end, by their numbers; and two that must be on.
OFF = {"1049": "other screen", "1000": "mouse", "1003": "mouse motion", "1006": "mouse SGR", "1015": "mouse urxvt"}
OFF |= {"2004": "bracketed paste", "1004": "focus reports", "2026": "sync", "2048": "resize reports"}
OFF |= {"2031": "scheme reports"}
ON = {"25": "cursor", "7": "line wrap"}
# Textual reads some of these, and others would tell the program of another terminal than this one.
_NOT_OURS = ("COLUMNS", "LINES", "TEXTUAL_FPS", "NO_COLOR", "COLORTERM", "TMUX", "LC_ALL", "LC_CTYPE", "TERM_PROGRAM")
_NOT_OURS += ("COLORFGBG", "STY", "ALACRITTY_WINDOW_ID", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WEZTERM_PANE")
_PRIVATE = re.compile(rb"\x1b\[(?:[>=]\d+|<)u|\x1b\[\?\d+\$p")  # pyte takes no such sequences, and none of them shows


_folders = map(str, itertools.count())


def _new_folder():
    """A folder for the settings of one program, which is there once it has some."""
    return f"{os.environ['XDG_CONFIG_HOME']}-{next(_folders)}"


def environment(**changes):
    """That of a program on an xterm, whatever terminal the tests run on; a variable of value None is taken away."""
    environ = {key: value for key, value in os.environ.items() if key not in _NOT_OURS}
    environ |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_CONFIG_HOME": _new_folder()} | changes
    return {key: value for key, value in environ.items() if value is not None}


def fresh():
    """The attributes of a terminal that nobody has used yet."""
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[0])
    finally:
        for end in ends:
            os.close(end)


class Program:
    """A command on a pseudo-terminal.

    `answers`: it answers the question behind each frame, as terminals do, or whatever it is given answers to, all of
    them `delay` seconds after it was asked. `env` changes the environment; a variable of value None is taken away.
    `anew`: it is started as people do, by a Python of its own, for what depends on when that has imported what.
    """

    def __init__(self, *args, command=APP, size=SIZE, env=None, cwd=None, answers=False, delay=0.0, anew=False):
        self.environ = environment(**(env or {}))
        self.code = None  # its exit code once it has ended, or minus the signal that it died of
        self.fd, terminal = os.openpty()  # the end of the terminal that is not the program's
        self.set_size(*size)
        self._told = start([*command, *args], self.environ, cwd, anew, terminal)
        self.pid = int(self._line())
        os.close(terminal)
        self.before = fresh()  # not of this one: on a busy machine the program has made it raw by now
        self.answers = ANSWERS if answers is True else answers or {}
        self.delay = delay
        self.due = deque()  # answers, and when they are given
        self._questions = re.compile(b"|".join(map(re.escape, self.answers)) or b"(?!)")
        self._asked = 0  # how much of the output has been looked at for questions
        self.output = b""

    def _line(self):
        """What is told next: two lines may be there at once, its number and its end."""
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self._told, 1) or b"1\n"  # without the server it has failed
        return line

    @property
    def is_alive(self):
        """Whether it goes on; else its code is known."""
        if self.code is None and select.select([self._told], [], [], 0)[0]:
            self.code = int(self._line())
        return self.code is None

    def send(self, keys):
        """Types."""
        os.write(self.fd, keys.encode() if isinstance(keys, str) else keys)

    def signal(self, number):
        """Sends a signal to the program, while it goes on."""
        if self.is_alive:
            os.kill(self.pid, number)

    def set_size(self, rows, columns):
        """Gives the terminal another size, of which the program is told."""
        termios.tcsetwinsize(self.fd, (rows, columns))

    def read(self, seconds, most=65536):
        """Takes what arrives within some time, at most so many bytes at once."""
        got, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            until_due = self.due[0][0] - time.monotonic() if self.due else left
            piece = b""
            if select.select([self.fd], [], [], max(0.0, min(left, until_due)))[0]:
                try:
                    piece = os.read(self.fd, most)
                except OSError:  # nobody writes to the terminal any more
                    break
            got += piece
            self.take(piece)
        return got

    def take(self, piece):
        """Keeps a piece of the output, and answers the questions in it."""
        self.output += piece
        for question in self._questions.finditer(self.output, self._asked):  # of which a piece may hold a part
            self._asked = question.end()
            self.due.append((time.monotonic() + self.delay, self.answers[question[0]]))
        while self.due and self.due[0][0] <= time.monotonic():
            self.send(self.due.popleft()[1])

    @property
    def text(self):
        """What it has written."""
        return self.output.decode(errors="replace")

    def wait(self, condition, why="it does not come about", seconds=30):
        """Reads until something is so."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{why}:\n{self.text}"
            self.read(0.02)

    def wait_for_part(self, part):
        """Reads on, some bytes at a time, until a part of the output has come, and little more."""
        start, end = len(self.output), time.monotonic() + 30
        while part not in self.output[start:]:
            assert time.monotonic() < end, f"{part!r} does not come:\n{self.text}"
            self.read(0.001, most=1)

    def quiet(self, seconds=0.4):
        """Reads until nothing has come for a while."""
        came = time.monotonic()
        end = came + 30
        while time.monotonic() < came + seconds:
            if self.read(0.02):
                came = time.monotonic()
            assert came < end, f"it does not come to rest:\n{self.text}"

    def rest(self, act=lambda: None):
        """Reads until the program sleeps and has done nothing for a while, however long others keep it from its work.

        `act` is done between, as by a terminal that answers in its own way.
        """
        end = time.monotonic() + 60
        before, now = None, self._work()
        while now is None or now != before:
            assert time.monotonic() < end, f"it does not come to rest:\n{self.text}"
            act()
            self.read(0.1)
            before, now = now, self._work()

    def _work(self):
        """How much it has written, and done in nanoseconds of the processor; None while it does something."""
        done = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            done += int((task / "schedstat").read_text().split()[0])
            if (task / "stat").read_text().rpartition(")")[2].split()[0] != "S":
                return None
        return len(self.output), done

    def end(self, seconds=30):
        """The exit code, once the program has ended; minus the signal that it died of."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.02)
            if not self.is_alive:
                self.read(0.05)
                return self.code
        raise AssertionError(f"it goes on:\n{self.text}")

    @property
    def state(self):
        """The letter of its state, as ps shows it: T where it is stopped."""
        with open(f"/proc/{self.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]

    def left(self):
        """What the terminal was left with that it did not have before."""
        switches = {}
        for numbers, switch in re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.output):
            switches |= dict.fromkeys(numbers.decode().split(";"), switch == b"h")
        found = [name for number, name in OFF.items() if switches.get(number)]
        found += [f"no {name}" for number, name in ON.items() if not switches.get(number, True)]
        found += ["keyboard protocol"] * (self.output.count(b"\x1b[>1u") != self.output.count(b"\x1b[<u"))
        found += ["raw"] if termios.tcgetattr(self.fd)[:4] != self.before[:4] else []
        return found

    def fill(self):
        """Fills the line, as it is where nobody has read for long: the terminal takes not a byte more."""
        line = self.line()
        os.set_blocking(line, False)
        quiet = 0
        while quiet < 5:  # the kernel moves what is written on, which makes room again
            try:
                os.write(line, b"x" * 256)
                quiet = 0
            except BlockingIOError:
                quiet += 1
                time.sleep(0.01)
        os.close(line)

    def line(self):
        """The line of the terminal, opened once more: what is typed stays in it when the program has gone."""
        return os.open(os.path.realpath(f"/proc/{self.pid}/fd/0"), os.O_RDWR | os.O_NOCTTY)

    def unread(self, line):
        """What the program has left in the line for whoever reads next, once all has arrived that was asked for."""
        while self.due:
            self.send(self.due.popleft()[1])
        tty.setcbreak(line, termios.TCSANOW)  # else a part of a line does not count
        found = b""
        while select.select([line], [], [], 0.05)[0]:
            found += os.read(line, 4096)
        return found

    def gone(self, seconds=10):
        """The exit code, once the program has ended, though nobody reads; minus the signal that it died of."""
        end = time.monotonic() + seconds
        while self.is_alive:
            assert time.monotonic() < end, "it goes on"
            time.sleep(0.002)
        return self.code

    def hang_up(self):
        """The terminal goes away, as it does when the line is cut."""
        if self.fd != -1:
            os.close(self.fd)
            self.fd = -1

    def close(self):
        """Ends it by force."""
        if self._told == -1:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.hang_up()
        if self.code is None:
            select.select([self._told], [], [], 60)  # it may have to give back gigabytes
            assert not self.is_alive
        os.close(self._told)
        self._told = -1


class Terminal(Program):
    """A command on a pseudo-terminal, and the screen that its output makes.

    `screens`: one, or a second one for programs that fill it (by default what TERM usually has).
    """

    def __init__(self, *args, size=SIZE, screens=None, **options):
        super().__init__(*args, size=size, **options)
        usual = 2 if self.environ.get("TERM", "").startswith(("xterm", "screen", "tmux")) else 1
        self._screens = screens or usual
        self.display = pyte.Screen(size[1], size[0])
        self.stream = pyte.ByteStream(self.display)

    def resize(self, rows, columns):
        """Gives the window another size; what it showed is gone, which is more than most terminals do."""
        self.display.resize(rows, columns)
        self.display.erase_in_display(2)
        self.set_size(rows, columns)

    def take(self, piece):
        """Feeds a piece of the output to the screen."""
        first, *others = _PRIVATE.sub(b"", piece).split(b"\x1b[?1049l")
        self.stream.feed(first)
        for after in others:  # pyte knows no other screen: of what was before, there is an empty one
            if self._screens == 2:
                self.display.reset()
            self.stream.feed(after)
        super().take(piece)

    @property
    def text(self):
        """What the screen shows: as pyte's `display` has it, which takes longer."""
        rows = (self.display.buffer[y] for y in range(self.display.lines))
        # Of a wide character, the second cell is empty.
        return "\n".join("".join(row[x].data for x in range(self.display.columns)) for row in rows)

    def until(self, text, seconds=30):
        """The screen, once it shows the text."""
        self.wait(lambda: text in self.text, f"{text!r} does not show", seconds)
        return self.text


@pytest.fixture
def terminal():
    """Starts programs on terminals of their own, which are closed after the test."""
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
