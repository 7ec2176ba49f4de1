"""The driver: Textual's way to a terminal, which is sent what changes on the screen, at the rate of the link.

Textual's own sends every frame whole to a queue, reads keys in a thread, and knows no signal but those of job control.
"""

from __future__ import annotations

import asyncio
import math
import os
import select
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, cast

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from quadfit_tui.core.export.download import download
from quadfit_tui.ui.display.capabilities import Capabilities, window_size
from quadfit_tui.ui.display.screen_buffer import ScreenBuffer
from quadfit_tui.ui.terminal import ambiguous_width, background
from quadfit_tui.ui.terminal.background import BackgroundReport, SchemeReport
from quadfit_tui.ui.terminal.flow_control import FlowControl
from quadfit_tui.ui.terminal.job_control import JobControl
from quadfit_tui.ui.terminal.key_parser import KeyParser
from quadfit_tui.ui.terminal.modes import CAN_SYNC, HIDE_CURSOR, SHOW_CURSOR, Modes
from quadfit_tui.ui.terminal.output_queue import OutputQueue
from quadfit_tui.ui.terminal.tty import Tty, ignore_sigttou
from quadfit_tui.ui.terminal.typed_ahead import TypedAhead
from quadfit_tui.ui.toolkit.textual_internals import CompositorUpdate, LayoutUpdate

_READ = 4096
_TYPING = 0.25  # seconds after a key in which a frame is probably what it does
_RESIZING = 0.1  # seconds between two sizes that are laid out, at least
SETTLE_TIMEOUT = 1.0  # seconds that a new layout may take, many times what it does; then it is shown as far as it is
_LOOK = 0.004  # seconds between two looks whether it is done
_MOST_QUEUED = 65536  # bytes beside frames that are put off for a terminal that takes nothing
_DRAIN = 0.3  # seconds for what was sent to be through, on the way out


class Host(Protocol):
    """What the driver needs of an app beside what Textual's has."""

    capabilities: Capabilities
    is_leaving: bool
    exit_code: int | None
    leave_by: float
    follows_background: bool
    terminal: TerminalDriver | None  # which the driver tells it

    def set_background(self, is_light: bool) -> None: ...

    def is_laid_out(self, size: tuple[int, int]) -> bool: ...

    def use_narrow_charset(self) -> None: ...

    @property
    def cursor(self) -> Offset | None: ...

    @property
    def shows_cursor(self) -> bool: ...

    def end(self, code: int) -> None: ...

    def show_notice(self, why: str) -> None: ...

    def call_when_done(self, callback: Callable[[], None]) -> None: ...

    def post_message(self, message: Message) -> bool: ...


class TerminalDriver(Driver):
    """Reads keys in the event loop, and sends what `show` is given when the terminal is ready for it."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._in, self._out = 0, 1  # whatever Textual has made of sys.stdin and sys.stdout
        self._window = size or window_size(self._out, os.environ)
        super().__init__(app, debug=debug, mouse=mouse, size=self._window)
        self._host = cast(Host, app)
        self._host.terminal = self
        self._events = asyncio.get_running_loop()
        capabilities = self._host.capabilities
        self._tty = Tty(self._in)
        self._modes = Modes(capabilities.extras, mouse)
        self._encoding = "ascii" if capabilities.ascii else "utf-8"
        self._screen = ScreenBuffer(self._window, capabilities)
        self._flow = FlowControl()
        self._output = OutputQueue(self._out)
        self._parser = KeyParser()
        host = self._host
        self._typed_ahead = TypedAhead(
            self.process_message, host.call_when_done, host.show_notice, partial(host.end, 0)
        )
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._asks_width = capabilities.extras and not capabilities.ascii  # until it was told
        self._in_use = False  # whether the terminal shows the app
        self._cursor_is_seen = False
        self._typed_at = -_TYPING
        self._is_urgent = False  # whether the next frame is what a key does
        self._laid_out_at = -_RESIZING
        self._settles_by = -math.inf  # until when what is composed may be half of a new layout
        self._frame_timer: asyncio.TimerHandle | None = None
        self._parser_timer: asyncio.TimerHandle | None = None
        self._resize_timer: asyncio.TimerHandle | None = None
        self._jobs = JobControl(
            self._events,
            leave=self._leave,
            enter=self._enter_anew,
            is_ours=lambda: self._tty.is_foreground,
            is_ending=lambda: self._host.is_leaving or self._host.exit_code is not None,
        )

    # Frames

    def show(self, update: CompositorUpdate) -> None:
        """Has the terminal show what Textual has composed, as soon as it is ready."""
        if isinstance(update, LayoutUpdate) and update.region.size != self._screen.size:
            self._settle()
            self._screen.resize(update.region.size)
        self._screen.apply_update(update)
        self._send_frame()

    def _settle(self) -> None:
        """Sends nothing until all that a new size brings about is composed: what a frame shows belongs together."""
        if self._settles_by <= (now := self._events.time()):
            self._settles_by = now + SETTLE_TIMEOUT

    @property
    def _is_settling(self) -> bool:
        if self._settles_by <= self._events.time():
            return False
        if self._resize_timer is None and self._host.is_laid_out(self._window):
            self._settles_by = -math.inf
        return self._settles_by > -math.inf

    @property
    def is_ready(self) -> bool:
        """Whether a frame would be sent at once."""
        return self._in_use and self._output.is_empty and not (self._flow.wait(False) or self._is_settling)

    def _send_frame(self) -> None:
        if self._frame_timer is not None:
            self._frame_timer.cancel()
        if self._screen.is_sent or not self._in_use or not self._output.is_empty or not self._tty.is_foreground:
            return
        self._is_urgent = self._is_urgent or time.monotonic() - self._typed_at < _TYPING
        wait = self._flow.wait(self._is_urgent) or _LOOK * self._is_settling
        if wait > 0:
            self._frame_timer = self._events.call_later(wait, self._send_frame)
            return
        self._is_urgent = False
        changes = self._screen.changes()
        if changes:
            frame = self._framed(changes).encode(self._encoding, "replace")
            self._put(frame)
            self._flow.sent(len(frame))

    def _framed(self, changes: str) -> str:
        """The changes with what belongs to a frame: drawn in one go, the cursor where somebody types, the question."""
        place = self._host.cursor
        frame = changes if place is None else changes + self._screen.cursor_to(place)
        if self._cursor_is_seen:  # it is not to be seen on its way
            frame = HIDE_CURSOR + frame
        self._cursor_is_seen = place is not None and self._host.shows_cursor
        if self._cursor_is_seen:
            frame += SHOW_CURSOR
        return self._modes.framed(frame) + self._flow.ask()

    def write(self, data: str) -> None:
        """Sends what is no frame: a bell, what is copied; nothing that a plain terminal would take for text."""
        shows = self._modes.extras or not data.startswith("\x1b")
        if shows and self._in_use and self._tty.is_foreground and len(self._output) < _MOST_QUEUED:
            self._put(data.encode(self._encoding, "replace"))

    def send_file(self, path: str) -> bool:
        """Has the terminal take a file as a download, which is gone then; whether there is one. Raises OSError."""
        if not (self._modes.extras and self._in_use and self._tty.is_foreground):
            return False
        self._put(download(path))
        return True

    def _put(self, data: bytes | Iterator[bytes]) -> None:
        self._output.put(data)
        if not self._output.is_empty:
            self._events.add_writer(self._output.descriptor, self._put_rest)

    def _put_rest(self) -> None:
        if not self._tty.is_foreground:
            self._events.remove_writer(self._output.descriptor)
            self._jobs.wait_for_terminal()
            return
        self._output.send()
        if self._output.is_empty:
            self._events.remove_writer(self._output.descriptor)
            self._send_frame()

    # Keys

    def _read(self) -> None:
        if not self._tty.is_foreground:
            self._events.remove_reader(self._in)  # it is typed for the shell
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
            if not self._tty.exists:  # else it is a ctrl+d from before the terminal was taken again
                self._hang_up()
            return
        text = self._decode(data)
        if text:  # a part of a character is none yet, and the parser takes no text for the end
            self._typed_ahead.collect(self._inputs(self._parser.feed(text)))
        if self._parser_timer is not None:
            self._parser_timer.cancel()
        if (timeout := self._parser.timeout) is not None:
            self._parser_timer = self._events.call_later(timeout, self._give_up_sequence)

    def _give_up_sequence(self) -> None:
        self._typed_ahead.collect(self._inputs(self._parser.tick()))

    def _inputs(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Of messages, what is for the app; the terminal's answers are taken here."""
        for message in messages:
            if isinstance(message, events.CursorPosition):
                self._flow.answered()
                if self._asks_width:
                    self._asks_width = False
                    if ambiguous_width.is_two(message):
                        self._screen.send_narrow()
                        self._host.use_narrow_charset()
                self._send_frame()
            elif isinstance(message, TerminalSupportsSynchronizedOutput):
                self._modes = self._modes._replace(syncs=True)
            elif isinstance(message, SchemeReport):
                self.write(self._background_question)
            elif isinstance(message, BackgroundReport):
                if message.is_light is not None and self._host.follows_background:
                    self._host.set_background(message.is_light)
            else:
                if isinstance(message, events.InputEvent):
                    self._typed_at = time.monotonic()
                yield message

    def send_message(self, message: Message) -> None:
        """Passes a message on to the app; all of this is in its thread."""
        self._host.post_message(message)

    def _hang_up(self) -> None:
        """The terminal has gone away: nobody is there to be told, and the end is that of a hang-up."""
        self._events.remove_reader(self._in)
        self._host.end(128 + signal.SIGHUP)

    # Size

    def _resized(self) -> None:
        """Lays out the size that the window has by then; of many in a row, some."""
        self._settle()
        if self._resize_timer is None:
            wait = self._laid_out_at + _RESIZING - self._events.time()
            self._resize_timer = self._events.call_later(max(0.0, wait), self._lay_out)

    def _lay_out(self) -> None:
        self._resize_timer = None
        self._laid_out_at = self._events.time()
        self._screen.forget()  # a terminal may have lost what it showed, also where it has its size again by now
        before, self._window = self._window, window_size(self._out, os.environ)
        if self._window != before:
            size = Size(*self._window)
            self._host.post_message(events.Resize(size, size))
        self._send_frame()

    # In and out

    def start_application_mode(self) -> None:
        self._events.add_signal_handler(signal.SIGWINCH, self._resized)
        self._jobs.begin()

    def _enter_anew(self) -> None:
        """Takes the terminal, in the size that it has by now, and has it show what is to be seen."""
        self._enter()
        self._settle()
        self._lay_out()

    def _enter(self) -> None:
        """Takes the terminal; also where it was never left, but somebody else may have had it meanwhile."""
        try:
            self._tty.make_raw()
        except termios.error:
            self._hang_up()
            return
        begin = self._what_begins
        self._flow.begin(asks=ambiguous_width.QUESTION in begin)
        self._in_use, self._cursor_is_seen = True, False
        self._events.add_reader(self._in, self._read)
        self._output.begin()
        self._put(begin.encode())
        self._screen.forget()

    @property
    def _what_begins(self) -> str:
        """What the terminal is to do from now on; the questions how wide some characters are, what its background is,
        and if it draws in one go."""
        color = self._background_question  # anew, too: it may have turned meanwhile, or be another one
        if self._in_use:
            return self._modes.enter_again(color)
        width = ambiguous_width.QUESTION if self._asks_width else ""
        asks_sync = os.environ.get("TERM_PROGRAM") != "Apple_Terminal"  # which would show the question
        return self._modes.enter(width + color, CAN_SYNC if asks_sync else "")

    @property
    def _background_question(self) -> str:
        return background.QUESTION if self._host.follows_background else ""

    def _leave(self) -> None:
        """Gives the terminal back as it was; answers that are under way are not to land on somebody else."""
        if not self._in_use:
            return
        self._in_use = False
        self.disable_input()
        self._events.remove_writer(self._output.descriptor)
        with ignore_sigttou():
            began = time.monotonic()
            # Where it is not ours, the shell reads the answers.
            timeout = self._flow.timeout(self._host.leave_by - began) if self._tty.is_foreground else 0.0
            self._output.put(self._modes.leave(self._flow.ask_if_in(timeout)).encode())
            if not self._output.drain(_DRAIN):
                self._output.end_with(self._modes.leave().encode())  # nobody reads it, and nobody will answer
            elif timeout > 0:
                until = began + timeout
                self._flow.read_away(self._in, self._look_for_answers, lambda: min(until, self._host.leave_by))
            self._tty.restore()
            self._output.end()

    def _look_for_answers(self, data: bytes) -> None:
        """Takes what comes on the way out: but for answers, nobody wants it any more, least of all the shell."""
        text = self._decode(data)
        with suppress(Exception):  # whatever it is, the terminal is to be given back
            for message in self._parser.feed(text) if text else ():
                if isinstance(message, events.CursorPosition):
                    self._flow.answered()

    def disable_input(self) -> None:
        self._events.remove_reader(self._in)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._events.remove_signal_handler(signal.SIGWINCH)
        self._jobs.end()
        self._leave()

    def close(self) -> None:
        self._output.close()

    def abandon(self) -> None:
        """Gives the terminal back at once, from any thread, whatever else goes on; the process ends then.

        The attributes first: where the main thread keeps the interpreter's lock, each call here may be the last.
        """
        with ignore_sigttou():
            self._tty.restore()
            if self._in_use:
                self._output.end_with(self._modes.leave().encode())

    # Job control

    @property
    def can_suspend(self) -> bool:
        return True

    def suspend(self) -> None:
        """Gives the terminal back to the shell, until that continues the program."""
        self._jobs.suspend(by_key=True)
