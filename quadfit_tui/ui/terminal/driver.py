"""The driver: Textual's way to a terminal, by a picture of which only changes are sent, at the pace of the link.

Textual's own sends every frame whole to a queue, reads keys in a thread, and knows no signal but those of job control.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
import time
import tty
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, cast

from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.message import Message

from quadfit_tui.ui.display.capabilities import Capabilities, window_size
from quadfit_tui.ui.display.screen_buffer import ScreenBuffer
from quadfit_tui.ui.terminal import background
from quadfit_tui.ui.terminal.background import BackgroundReport
from quadfit_tui.ui.terminal.flow_control import FlowControl
from quadfit_tui.ui.terminal.job_control import JobControl
from quadfit_tui.ui.terminal.key_parser import KeyParser
from quadfit_tui.ui.terminal.modes import CAN_SYNC, SYNC, SYNCED, Modes
from quadfit_tui.ui.terminal.output_queue import OutputQueue
from quadfit_tui.ui.terminal.questions import Questions

_READ = 4096
_TYPING = 0.25  # seconds after a key in which a frame is probably what it does
_RESIZING = 0.1  # seconds between two sizes that are laid out, at least
_MOST = 65536  # bytes beside frames that are put off for a terminal that takes nothing
_DRAIN = 0.3  # seconds for what was sent to be through, on the way out


class Host(Protocol):
    """What the driver needs of an app beside what Textual's has."""

    kind: Capabilities
    ends: int | None
    leaves_by: float
    follows_background: bool

    def told_background(self, is_light: bool) -> None: ...

    @property
    def cursor(self) -> Offset | None: ...

    def end(self, code: int) -> None: ...


class TerminalDriver(Driver):
    """Reads keys in the event loop, and sends what `show` is given when the terminal is ready for it."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._host = cast(Host, app)
        kind = self._host.kind
        self._in, self._out = 0, 1  # whatever Textual has made of sys.stdin and sys.stdout
        self._modes = Modes(kind.extras, mouse)
        self._encoding = "ascii" if kind.ascii else "utf-8"
        self._size = size or window_size(self._out, os.environ)
        self._picture = ScreenBuffer(self._size, kind)
        self._questions = Questions()
        self._pace = FlowControl(self._questions)
        self._outbox = OutputQueue(self._out)
        self._parser = KeyParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._before: list[Any] | None = None  # the terminal's attributes outside of the app
        self._inside = False
        self._has_shown = False
        self._typed_at = -_TYPING
        self._is_awaited = False  # whether the next frame is what a key does
        self._next: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._resizing: asyncio.TimerHandle | None = None
        self._jobs = JobControl(
            self._loop,
            leave=self._leave,
            enter=self._enter_anew,
            is_ours=lambda: self._is_ours,
            is_ending=lambda: self._app._exit or self._host.ends is not None,
        )

    # Frames

    def show(self, update: CompositorUpdate) -> None:
        """Has the terminal show what Textual has composed, as soon as it is ready."""
        self._has_shown = True
        self._picture.take(update)
        self._send_frame()

    @property
    def is_ready(self) -> bool:
        """Whether a frame would be sent at once."""
        return self._inside and self._outbox.is_empty and not self._pace.wait(False)

    @property
    def _is_ours(self) -> bool:
        """Whether the terminal is this program's to use: what runs in the background leaves it to the shell."""
        try:
            return os.tcgetpgrp(self._in) == os.getpgrp()
        except OSError:  # it belongs to no session, or has gone away
            return True

    def _send_frame(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if self._picture.is_sent or not self._inside or not self._outbox.is_empty or not self._is_ours:
            return
        self._is_awaited = self._is_awaited or time.monotonic() - self._typed_at < _TYPING
        wait = self._pace.wait(self._is_awaited)
        if wait > 0:
            self._next = self._loop.call_later(wait, self._send_frame)
            return
        self._is_awaited = False
        changes = self._picture.changes()
        if changes:
            frame = self._framed(changes).encode(self._encoding, "replace")
            self._put(frame)
            self._pace.sent(len(frame))

    def _framed(self, changes: str) -> str:
        """The changes with what belongs to a frame: drawn in one go, the cursor where somebody types, the question."""
        place = self._host.cursor
        cursor = "" if place is None else self._picture.cursor_to(place)
        if self._app._sync_available:
            return f"{SYNC}{changes}{cursor}{SYNCED}{self._questions.ask()}"
        return f"{changes}{cursor}{self._questions.ask()}"

    def write(self, data: str) -> None:
        """Sends what is no frame: a bell, what is copied; nothing that a plain terminal would take for text."""
        shows = self._modes.extras or not data.startswith("\x1b")
        if shows and self._inside and self._is_ours and len(self._outbox) < _MOST:
            self._put(data.encode(self._encoding, "replace"))

    def _put(self, data: bytes) -> None:
        self._outbox.put(data)
        if not self._outbox.is_empty:
            self._loop.add_writer(self._outbox.descriptor, self._put_rest)

    def _put_rest(self) -> None:
        if not self._is_ours:
            self._loop.remove_writer(self._outbox.descriptor)
            self._jobs.wait_for_terminal()
            return
        self._outbox.send()
        if self._outbox.is_empty:
            self._loop.remove_writer(self._outbox.descriptor)
            self._send_frame()

    # Keys

    def _read(self) -> None:
        if not self._is_ours:
            self._loop.remove_reader(self._in)  # it is typed for the shell
            self._jobs.wait_for_terminal()
            return
        if not select.select([self._in], [], [], 0)[0]:
            return  # `_leave` has taken it meanwhile, and to wait for more would hold up the loop
        try:
            data = os.read(self._in, _READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            if not self._is_there:  # else it is a ctrl+d from before the terminal was taken again
                self._hang_up()
            return
        text = self._decode(data)
        if text:  # a part of a character is none yet, and the parser takes no text for the end
            for message in self._parser.feed(text):
                self._take(message)
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if (patience := self._parser.patience) is not None:
            self._later = self._loop.call_later(patience, self._tick)  # Esc, or the begin of a key?

    @property
    def _is_there(self) -> bool:
        """Whether there is a terminal still."""
        try:
            termios.tcgetattr(self._in)
        except termios.error:
            return False
        return True

    def _tick(self) -> None:
        self._later = None
        for message in self._parser.tick():
            self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition):
            self._questions.answered()
            self._send_frame()
            return
        if isinstance(message, BackgroundReport):
            # Later it would be a flash, and what is shown by then can be read on any background.
            if message.is_light is not None and self._host.follows_background and not self._has_shown:
                self._host.told_background(message.is_light)
            return
        if isinstance(message, events.InputEvent):
            self._typed_at = time.monotonic()
        self.process_message(message)

    def send_message(self, message: Message) -> None:
        """Passes a message on to the app; all of this is in its thread."""
        self._app.post_message(message)

    def _hang_up(self) -> None:
        """The terminal has gone away: nobody is there to be told, and the end is that of a hang-up."""
        self._loop.remove_reader(self._in)
        self._host.end(128 + signal.SIGHUP)

    # Size

    def _resized(self) -> None:
        """Lays out the new size; of many in a row, some."""
        if self._resizing is None:
            self._lay_out()
            self._resizing = self._loop.call_later(_RESIZING, self._resized_again)

    def _resized_again(self) -> None:
        """Lays out the size that the terminal has by now, if it is another."""
        self._resizing = None
        if self._has_another_size:
            self._resized()

    @property
    def _has_another_size(self) -> bool:
        return window_size(self._out, os.environ) != self._size

    def _lay_out(self) -> None:
        self._size = window_size(self._out, os.environ)
        self._picture.resize(self._size)
        size = Size(*self._size)
        self._app.post_message(events.Resize(size, size))

    # In and out

    def start_application_mode(self) -> None:
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._jobs.begin()

    def _enter_anew(self) -> None:
        """Takes the terminal, in the size that it has by now, and has it show what is to be seen."""
        self._enter()
        if self._has_another_size:
            self._lay_out()
        self._send_frame()

    def _enter(self) -> None:
        """Takes the terminal; also where it was never left, but somebody else may have had it meanwhile."""
        try:
            if not self._inside:
                self._before = termios.tcgetattr(self._in)
            termios.tcsetattr(self._in, termios.TCSANOW, _raw(termios.tcgetattr(self._in)))
        except termios.error:
            self._hang_up()
            return
        greeting = self._greeting
        self._inside = True
        self._loop.add_reader(self._in, self._read)
        self._outbox.begin()
        self._put(greeting.encode())
        self._questions.begin()
        self._picture.forget()

    @property
    def _greeting(self) -> str:
        """What the terminal is to do from now on; the questions what its background is, and if it draws in one go."""
        if self._inside:
            return self._modes.greeting_again()
        asks_color = self._host.follows_background and not self._has_shown
        asks_sync = os.environ.get("TERM_PROGRAM") != "Apple_Terminal"  # which would show the question
        return self._modes.greeting(background.QUESTION if asks_color else "", CAN_SYNC if asks_sync else "")

    def _leave(self) -> None:
        """Gives the terminal back as it was; answers that are under way are not to land on somebody else."""
        if not self._inside:
            return
        self._inside = False
        self._loop.remove_reader(self._in)
        self._loop.remove_writer(self._outbox.descriptor)
        with _from_the_background_too():
            is_ours = self._is_ours  # else the shell has set its attributes, and reads the answers
            began = time.monotonic()
            patience = self._questions.patience(self._host.leaves_by - began) if is_ours else 0.0
            self._outbox.put(self._modes.farewell(self._questions.ask_if_in(patience)).encode())
            if not self._outbox.drain(_DRAIN):
                self._outbox.end_with(self._modes.farewell().encode())  # nobody reads it, and nobody will answer
            elif patience > 0:
                until = began + patience
                self._questions.read_away(self._in, self._look_for_answers, lambda: min(until, self._host.leaves_by))
            if is_ours:
                self._restore()
            self._outbox.end()
        self._before = None

    def _restore(self) -> None:
        if self._before is not None:
            with suppress(termios.error):  # the terminal has gone away
                termios.tcsetattr(self._in, termios.TCSANOW, self._before)
                termios.tcflush(self._in, termios.TCIFLUSH)

    def _look_for_answers(self, data: bytes) -> None:
        """Takes what comes on the way out: but for answers, nobody wants it any more, least of all the shell."""
        text = self._decode(data)
        with suppress(Exception):  # whatever it is, the terminal is to be given back
            for message in self._parser.feed(text) if text else ():
                if isinstance(message, events.CursorPosition):
                    self._questions.answered()

    def disable_input(self) -> None:
        self._loop.remove_reader(self._in)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self._jobs.end()
        self._leave()

    def close(self) -> None:
        self._outbox.close()

    def abandon(self) -> None:
        """Gives the terminal back at once, from any thread, whatever else goes on; the process ends then.

        The attributes first: where the main thread keeps the interpreter's lock, each call here may be the last.
        """
        with _from_the_background_too():
            if self._is_ours:
                self._restore()
            if self._inside:
                self._outbox.end_with(self._modes.farewell().encode())

    # Job control

    @property
    def can_suspend(self) -> bool:
        return True

    def suspend(self) -> None:
        """Gives the terminal back to the shell, until that continues the program."""
        self._jobs.suspend(by_key=True)


@contextmanager
def _from_the_background_too() -> Iterator[None]:
    """Lets this thread use the terminal though it is somebody else's by now, for which the system may stop it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _raw(attributes: list[Any]) -> list[Any]:
    """A terminal's attributes for single keys without echo and signals; output is not translated (see picture.move)."""
    raw = [*attributes]
    raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    raw[tty.OFLAG] &= ~termios.OPOST
    raw[tty.CC] = [*raw[tty.CC]]
    raw[tty.CC][termios.VMIN], raw[tty.CC][termios.VTIME] = 1, 0
    return raw
