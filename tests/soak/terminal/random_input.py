"""Random input: pieces of what a terminal, a person or the system may send, against the program on a pty.

Run as a program it looks for failures with other seeds, and shrinks what it finds:
`python random_input.py FIRST_SEED COUNT`.
"""

import fcntl
import os
import random
import re
import signal
import struct
import sys
import tempfile
import termios
import time
from contextlib import suppress
from pathlib import Path

from harness import QUESTION, UNHURRIED, Program

ROWS = (24, 34, 45, 12, 5, 1, 3, 65535, 24, 65535)
COLUMNS = (80, 120, 140, 40, 20, 1, 4, 80, 65535, 65535)
SIZES = tuple(zip(ROWS, COLUMNS, strict=True))
HANG = 1.1  # seconds of the main thread's own time in which nothing is taken
PATIENCE = 30  # seconds in all; on a busy machine much of it belongs to others
MOST_WORK = 60  # seconds of its own time for one piece, however large: of its inputs 600 wait, each done in 0.1 s
MOST_MEMORY = 300  # MB
LARGE = 50_000  # cells of a window, from which on a chart may take plotext a second and a gigabyte
LARGE_HANG = 10
KEYS = [*" nbeBg[]u+-=v1234567zoxhyirlptckqwLas?/\t\r\r\x1b\x1b\x7f\x10\x15\x01\x05"]
KEYS += [f"\x1b{rest}" for rest in ["[A", "[B", "[C", "[D", "[H", "[F", "[5~", "[6~", "[3~", "[Z", "OP"]]
TEXTS = ["0,5", "1e999", "15:3", "-11/6", "the", "theme", "quit", "ä", "日本", "\x00", "👩\u200d💻"]
WORDS = [*TEXTS, "\u0301" * 50, "x" * 5000, "1;2\n3;4\n" * 100, "\x1b[A", "\u202e"]
# Reports that nobody asked for, or that no terminal would send; without the Esc.
BROKEN = "[1114112u [97;1;1114112u [97;1:3u [999999999999u [48;65535;65535;1;1t [<0;-1;5M [<99999;99999;99999m [M\x20"
BROKEN += " [200~ [201~ ]11;rgb:zz/\x07 ]11;rgb:ffff/ffff/ffff\x1b\\ [?2026;2$y [1;1R [0;0R P1+r\x1b\\ _x\x1b\\ [?1u"
BROKEN += " [?997;1n ]11;#0/0/0\x07"
SIGNALS = [signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP]
TERMS = ["xterm-256color", "xterm-256color", "vt100", "linux", "screen"]
ENDINGS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]
# The program, which writes to a file for each input that it has acted upon a byte, and for a key that marks the end of
# a piece its name, once that has gone all the way through it: the app and each widget have done what came before.
MARKS = [f"f{number}" for number in range(13, 33)]
PROBE = """
import os, sys
from textual import events
from quadfit_tui.ui.terminal.terminal_app import TerminalApp
file, marks, on_event = sys.argv.pop(1), set(sys.argv.pop(1).split(",")), TerminalApp.on_event
told = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

async def on_event_told(self, event):
    is_new = isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
    await on_event(self, event)
    if is_new and isinstance(event, events.Key) and event.key in marks and self.screen_stack and not self.is_leaving:
        left = 1

        def done():
            nonlocal left
            left -= 1
            if not left:
                os.write(told, b" %s " % event.key.encode())

        left += sum(node.call_later(done) for node in [self.screen, *self.screen.walk_children()])
        done()
    elif is_new:
        os.write(told, b".")

TerminalApp.on_event = on_event_told
from quadfit_tui.main import main
main()
"""
_MARK = "\x1b[201~\x1b[{}u"  # which ends a paste, too, that a piece has left without its end
_FIRST_MARK = 57376  # the number of F13 in the kitty keyboard protocol
_SIGNAL_KEYS = {b"\x03": signal.SIGINT, b"\x1c": signal.SIGQUIT}


class SessionError(AssertionError):
    """What the program did that it must not do."""


def pieces(rng, count):
    """Random pieces: bytes, a size (rows, columns) or a signal."""
    return [_piece(rng) for _ in range(count)]


def _piece(rng):
    kind = rng.random()
    if kind < 0.3:
        return _key(rng)
    if kind < 0.55:  # in one packet
        return b"".join(_key(rng) for _ in range(rng.randint(2, 8)))
    if kind < 0.62:
        return (rng.choice(KEYS) + rng.choice(TEXTS) + rng.choice(KEYS)).encode()
    if kind < 0.69:
        return b"".join(_mouse(rng) for _ in range(rng.randint(1, 6)))
    if kind < 0.74:
        return b"".join(_click(rng) if rng.random() < 0.4 else _key(rng) for _ in range(rng.randint(2, 8)))
    if kind < 0.75:
        return bulk(rng)
    if kind < 0.8:
        most = rng.choice([1, 10, 200]) if rng.random() < 0.97 else 1_000_000
        return b"\x1b[200~" + _repeated(rng.choice(WORDS).encode(), most) + b"\x1b[201~"
    if kind < 0.85:
        return f"\x1b{rng.choice(BROKEN.split())}".encode()
    if kind < 0.9:
        return _sequence(rng)
    if kind < 0.93:
        return rng.randbytes(rng.randint(1, 40))
    if kind < 0.97:
        sides = (1, 2, 3, 5, 10, 24, 40, 80, 140, 300, 1001, 65535)
        return rng.choice(sides), rng.choice(sides)
    return rng.choice(SIGNALS)


def _repeated(word, most, length=1_000_000):
    """A word so many times, up to a length; no more is ever made, which of a long word would take seconds."""
    return (word * min(most, length // max(1, len(word)) + 1))[:length]


def _key(rng):
    return rng.choice(KEYS).encode()


def _mouse(rng):
    button, last = rng.choice([0, 1, 2, 32, 35, 64, 65, 66, 128, 255]), rng.choice("Mm")
    return f"\x1b[<{button};{rng.choice([0, 1, rng.randint(1, 140), 9999])};{rng.randint(0, 50)}{last}".encode()


def _click(rng):
    place = f"0;{rng.randint(1, 140)};{rng.randint(1, 40)}"
    return f"\x1b[<{place}M\x1b[<{place}m".encode()


def bulk(rng):
    """More than can be done, in no brackets: text, or keys time and again, clicks among them; nothing that ends it."""
    keys = [key for key in KEYS if key != "q"]
    some = [*(key.encode() for key in rng.choices(keys, k=rng.choice([1, 3, 20]))), *[_click(rng)] * rng.choice([0, 1])]
    words = [f"{rng.choice(TEXTS)} ".replace("q", "").encode() for _ in range(50)]
    return b"".join(rng.choices(rng.choice([some, words]), k=100_000))


def _sequence(rng):
    begin = rng.choice(["\x1b[", "\x1bO", "\x1b]", "\x1bP", "\x1b[?", "\x1b[<", "\x1b[>", "\x9b"])
    middle = "".join(rng.choice("0123456789;:;?$ '") for _ in range(rng.randint(0, 12)))
    return (begin + middle + rng.choice("ABCDHFRmMuty~ZnPc\x07\\")).encode()


class Session(Program):
    """The program on a terminal that answers, and what has come of it; `home` takes its crash reports and pictures."""

    def __init__(self, size, home, *args, term="xterm-256color"):
        self.home = Path(home)
        self.acted_upon = Path(tempfile.mkdtemp(dir=home), "acted-upon")
        command = [sys.executable, "-c", UNHURRIED + PROBE, str(self.acted_upon), ",".join(MARKS)]
        env = {"TERM": term, "HOME": str(home), "XDG_STATE_HOME": str(home), "TEXTUAL_THEME": None}
        super().__init__(*args, command=command, size=size, env=env, cwd=str(home), answers=True)
        os.set_blocking(self.fd, False)
        self.terminal = self.line()
        self.marked = 0  # ends of pieces
        self.is_large = size[0] * size[1] > LARGE  # or was so once
        self.ends = {0}  # the exit codes that it may have by now

    def close(self):
        super().close()
        os.close(self.terminal)

    def send(self, keys):
        """Types, as far as the line takes it."""
        with suppress(OSError):
            super().send(keys)

    @property
    def started(self):
        """Whether it has shown its first picture."""
        return QUESTION in self.output

    def start(self):
        """Waits for its first picture."""
        self._until(lambda: self.started, "it does not start")

    def give(self, piece):
        """Gives it a piece, and waits until it has been acted upon; tells whether the program goes on."""
        if isinstance(piece, bytes):
            # Where a key before it has ended the program, the terminal may take these for ctrl+c and the like by then.
            # Then it may have no handlers of signals any more, and end as any program does.
            for key, number in _SIGNAL_KEYS.items():
                if key in piece:
                    self.ends |= {128 + number, -number}
            self._type(piece)
        elif isinstance(piece, signal.Signals):
            self.signal(piece)
        else:
            self.is_large = self.is_large or piece[0] * piece[1] > LARGE
            self.set_size(*piece)
            self.signal(signal.SIGWINCH)
        self._until(lambda: not self._waiting(), "it takes nothing")
        self._until_acted_upon()
        self._heed_memory()
        return self.is_alive

    def end_by(self, number):
        """Ends it by a signal, if it has not ended yet."""
        if self.is_alive:
            # Where it is about to end by itself, and has given the terminal back, it ends as any program does.
            self.ends |= {128 + number, -number}
            self.signal(number)
        self._until(lambda: False, "it does not end")
        self.judge()

    def judge(self):
        """What it has ended with."""
        self.read(0.1)
        code = self.code
        if code not in self.ends:
            reports = sorted(self.home.rglob("crash-*.txt"), key=lambda path: path.stat().st_mtime)
            why = [path.read_text().strip().splitlines()[-1] for path in reports[-1:]]
            raise SessionError(f"exit code {code}: {why or self._said()}")
        if self.left() or b"Traceback" in self.output[-4000:]:
            raise SessionError(f"it left {self.left()}: {self._said()}")

    def _said(self):
        """The end of what it sent, as text."""
        return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", " ", self.output[-4000:].decode(errors="replace"))[-300:]

    def _type(self, data):
        def done():
            nonlocal data
            try:
                data = data[os.write(self.fd, data) :]
            except BlockingIOError:
                pass
            except OSError:
                data = b""
            return not data

        self._until(done, "it takes nothing", lambda: len(data))

    def _until_acted_upon(self):
        """Waits for a mark behind the piece; one that is dropped, since too much was typed, is sent again."""
        number = self.marked % len(MARKS)
        self.marked += 1
        mark, name = _MARK.format(_FIRST_MARK + number).encode(), f" {MARKS[number]} ".encode()
        before, sent_at, began = self._acted_upon(), -1.0, self._worked()

        def acted():
            nonlocal sent_at
            if time.monotonic() > sent_at + 0.3:
                sent_at = time.monotonic()
                self.send(mark)
            if self.started and self._worked() - began > MOST_WORK:
                raise SessionError(f"it does not get through with it: {self._said()}")
            return name in self._acted_upon()[len(before) :]

        self._until(acted, "it does not act upon it", lambda: len(self._acted_upon()))

    def _acted_upon(self):
        with suppress(FileNotFoundError):
            return self.acted_upon.read_bytes()
        return b""

    def _waiting(self):
        """Bytes that it has not read yet."""
        return struct.unpack("i", fcntl.ioctl(self.terminal, termios.FIONREAD, b"\0" * 4))[0]

    def _until(self, condition, why, progress=lambda: 0):
        """Reads until something is so or the program has ended."""
        began, worked, seen = time.monotonic(), self._worked(), progress()
        hang = LARGE_HANG if self.is_large else HANG
        while not condition() and self.is_alive:
            self.read(0.005)
            if self.state == "T":  # stopped: a shell would continue it
                self.signal(signal.SIGCONT)
            if progress() != seen:
                began, worked, seen = time.monotonic(), self._worked(), progress()
            took = time.monotonic() - began
            hangs = took > PATIENCE or (took > hang and self._worked() - worked > hang and self.started)
            if hangs and not condition():
                raise SessionError(f"{why}, after {took:.1f} s: {self._said()}")

    def _worked(self):
        """Seconds of processor time of its main thread."""
        with suppress(OSError), open(f"/proc/{self.pid}/task/{self.pid}/stat") as stat:
            return sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        return 0

    def _heed_memory(self):
        try:
            with open(f"/proc/{self.pid}/status") as status:
                peak = re.search(r"VmHWM:\s+(\d+)", status.read())
        except OSError:
            return
        if peak and int(peak[1]) > MOST_MEMORY * 1024 and not self.is_large:
            raise SessionError(f"it took {int(peak[1]) // 1024} MB: {self._said()}")


def give(size, given, home, *args, ending=signal.SIGTERM, **options):
    """Lets the pieces loose on the program, which is started again whenever it has ended in order."""
    left = list(given)
    while left:
        session = Session(size, home, "--play", "--speed", "max", "--fps", "30", *args, **options)
        try:
            session.start()
            while left and session.give(left.pop(0)):
                pass
            session.end_by(ending)
        finally:
            session.close()


def failure(size, given, home, *args, **options):
    """What a list of pieces leads to, or nothing."""
    try:
        give(size, given, home, *args, **options)
    except SessionError as found:
        return str(found)
    return ""


def shrunk(size, given, home, **options):
    """A short list of pieces that fails, too."""
    step = len(given) // 2
    while step:
        at = 0
        while at < len(given):
            fewer = given[:at] + given[at + step :]
            if fewer and failure(size, fewer, home, **options):
                given = fewer
            else:
                at += step
        step //= 2
    return given


def _look(seed):
    """Tells what random input finds, shrunk."""
    rng = random.Random(seed)
    size, how = rng.choice(SIZES), {"ending": rng.choice(ENDINGS), "term": rng.choice(TERMS)}
    with tempfile.TemporaryDirectory() as home:
        found = pieces(rng, 40)
        why = failure(size, found, home, **how)
        if not why:
            return f"{seed}: fine"
        found = shrunk(size, found, home, **how)
        shown = [piece if not isinstance(piece, bytes) or len(piece) < 200 else piece[:200] for piece in found]
        return f"{seed}: {size} {how} {shown!r}\n    {failure(size, found, home, **how) or why}"


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as settings:
        os.environ["XDG_CONFIG_HOME"] = f"{settings}/settings"
        for seed in range(first, first + count):
            print(_look(seed), flush=True)
