"""A command on a real pseudo-terminal, for the tests of what a person sees there."""

import os
import re
import sys
import termios
import time

import pexpect
import pyte

SIZE = (24, 80)


class Terminal:
    """A command on a pseudo-terminal, and the screen that its output makes."""

    def __init__(self, *args: str) -> None:
        env = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "LINES", "TEXTUAL_FPS"}}
        env |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self.child = pexpect.spawn(sys.executable, ["-m", "quadfit_tui", *args], dimensions=SIZE, env=env, timeout=10)
        self.before = termios.tcgetattr(self.child.child_fd)
        self.output = b""
        self.display = pyte.Screen(SIZE[1], SIZE[0])
        self.stream = pyte.ByteStream(self.display)

    def read(self, seconds: float) -> bytes:
        """Feeds what arrives within some time to the screen."""
        got, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                got += self.child.read_nonblocking(65536, left)
            except pexpect.TIMEOUT:
                break
            except pexpect.EOF:
                self.child.wait()
                break
        self.output += got
        # pyte takes no private queries and no keyboard protocol; neither shows on a screen.
        self.stream.feed(re.sub(rb"\x1b\[(?:>\d+|<)u|\x1b\[\?\d+\$p", b"", got))
        return got

    def until(self, text: str, seconds: float = 15) -> str:
        """The screen, once it shows the text."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            screen = "\n".join(self.display.display)
            if text in screen:
                return screen
        raise AssertionError(f"{text!r} does not show:\n" + "\n".join(self.display.display))
